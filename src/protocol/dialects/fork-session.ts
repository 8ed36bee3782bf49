import { UndertoneError } from '../../errors.ts';
import type { DialectAction, DialectSession, Handshake } from '../dialect.ts';
import { encodeEvent } from '../encode.ts';
import type { ChannelDescription, TimelineEvent } from '../events.ts';
import { checkFormat } from '../format.ts';
import type { WireFormat } from '../limits.ts';
import { announced, MIX_TYPES, type MixType, mixTypeOf, readControl } from './fork-message.ts';
import { type FormatQuery, readFormatQuery, readNamedOptions } from './format-query.ts';
import { headerMetadata, parameterOf } from './header-metadata.ts';
import { check, type JsonObject, own, tryParseObject } from './json.ts';
import { OneLeg, startOf } from './one-leg.ts';
import { readReturnedEvents } from './return-events.ts';
import { queryOf } from './url-options.ts';

/** What the modules that fork the audio of a FreeSWITCH channel do not have in common. */
export interface ForkDialect {
  /** The two sides of the channel that is forked, the far end first. */
  readonly sides: readonly [ChannelDescription, ChannelDescription];
  /** The platform's own id of the call, from its first text. */
  callId(metadata: JsonObject): string | undefined;
  /** What of the first text is the user's own. */
  parameters(metadata: JsonObject): unknown;
  /** An event, encoded, as the module hands it on. */
  wrap(event: string): string;
}

/**
 * A socket of a module that forks a FreeSWITCH channel: at most one text first, which may be anything, then 16-bit little-endian PCM.
 * The layout comes from that text (`sampleRate`, `mixType`) or from the URL (`?sampleRateHz=&mixType=`).
 */
export class ForkSession implements DialectSession {
  readonly #dialect: ForkDialect;
  readonly #url: URL;
  readonly #said: FormatQuery;
  readonly #mixType: MixType | undefined;
  readonly #returned: (event: TimelineEvent) => boolean;
  readonly #leg = new OneLeg();
  #metadata: JsonObject = {};

  /** @throws UndertoneError `invalid-query` */
  constructor(dialect: ForkDialect, handshake: Handshake) {
    this.#dialect = dialect;
    this.#url = handshake.url;
    this.#said = readFormatQuery(handshake.url);
    this.#mixType = mixTypeOf(queryOf(handshake.url)('mixType'));
    this.#returned = readReturnedEvents(handshake);
    readNamedOptions(handshake.url);
  }

  text(message: string): DialectAction[] {
    if (this.#leg.state === 'closed') return [];
    const read = tryParseObject(message);
    if (this.#leg.state === 'open') return read === undefined ? [] : this.#control(read);
    // A layout that cannot be heard is refused as soon as it is known; the stream opens with its audio.
    if (read !== undefined && this.#layout(read) !== undefined) this.#metadata = read;
    return [];
  }

  binary(bytes: Uint8Array): DialectAction[] {
    const opened = this.#leg.state === 'waiting' ? this.#open() : [];
    return [...opened, ...this.#leg.audio(bytes)];
  }

  ended(how: 'closed' | 'lost'): DialectAction[] {
    return this.#leg.close(how === 'closed' ? 'stop' : 'disconnect');
  }

  event(event: TimelineEvent): DialectAction[] {
    if (this.#leg.state !== 'open' || !this.#returned(event)) return [];
    return [{ kind: 'reply', message: this.#dialect.wrap(encodeEvent(event)) }];
  }

  /** Later texts: keys, and what the user's own scripts have to say. */
  #control(read: JsonObject): DialectAction[] {
    // The digit stays out: it may be of a card or a PIN.
    if (own(read, 'event') === 'dtmf') return this.#leg.mark('dtmf');
    const { gapMs, mark } = readControl(read);
    return [...this.#leg.gap(gapMs), ...(mark === undefined ? [] : this.#leg.mark(mark))];
  }

  #open(): DialectAction[] {
    const metadata = this.#metadata;
    const layout = this.#layout(metadata);
    if (layout === undefined) {
      const detail = `sampleRateHz and mixType must say how the audio is laid out, as in ?sampleRateHz=16000&mixType=stereo (${MIX_TYPES.join(', ')})`;
      throw new UndertoneError('invalid-query', { detail });
    }
    const call = readNamedOptions(this.#url, parameterOf(metadata));
    const known = {
      format: layout.format,
      channels: describe(layout.mixType, this.#dialect.sides),
      callId: this.#dialect.callId(metadata),
      metadata: headerMetadata(this.#dialect.parameters(metadata), ['sampleRate', 'mixType']),
    };
    return this.#leg.open(startOf(known, call));
  }

  #layout(metadata: JsonObject): { readonly format: WireFormat; readonly mixType: MixType } | undefined {
    const { sampleRate, mixType: mixed } = check(announced, metadata);
    const sampleRateHz = sampleRate ?? this.#said.sampleRateHz;
    const mixType = mixTypeOf(mixed) ?? this.#mixType ?? (this.#said.channels === 2 ? 'stereo' : 'mono');
    if (sampleRateHz === undefined) return undefined;
    return {
      format: checkFormat({ encoding: 'pcm_s16le', sampleRateHz, channels: mixType === 'stereo' ? 2 : 1 }),
      mixType,
    };
  }
}

function describe(mixType: MixType, sides: ForkDialect['sides']): readonly ChannelDescription[] {
  switch (mixType) {
    case 'mono':
      return [sides[0]];
    case 'stereo':
      return sides;
    case 'mixed':
      return [{ name: 'mixed', role: 'unknown' }];
  }
}
