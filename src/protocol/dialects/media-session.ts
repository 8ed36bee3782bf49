import { UndertoneError } from '../../errors.ts';
import type { DialectAction, DialectSession, Handshake } from '../dialect.ts';
import { wireFrameBytes } from '../limits.ts';
import { decodeBase64 } from './base64.ts';
import { metadataOf } from './call-metadata.ts';
import { own, parseObject } from './json.ts';
import { MediaLeg } from './media-leg.ts';
import type { MediaDialect, MediaMessage, MediaStart } from './media-message.ts';
import { swapBytes16, wholeSamples } from './samples.ts';
import { type CallOptions, ChannelNamer, OPTION_PARAMETERS, queryOf, readCallOptions } from './url-options.ts';

/** Streams of one socket, a call of many parties or one of many tags. */
const MAX_LEGS = 16;

interface OpenStream {
  readonly start: MediaStart;
  /** The stream itself, then one leg for each track that it did not begin with. */
  readonly legs: Map<string, MediaLeg>;
  readonly call: Pick<CallOptions, 'callId'>;
}

type Media = Extract<MediaMessage, { kind: 'media' }>;

/** A socket of any platform that sends base64 in JSON: what its adapter reads, in stream time. */
export class MediaSession implements DialectSession {
  readonly #dialect: MediaDialect;
  readonly #query: (name: string) => string | undefined;
  readonly #streams = new Map<string, OpenStream>();
  #namer: ChannelNamer | undefined;
  #originMs: number | undefined;
  #legs = 0;
  #overloaded = false;
  #started = false;
  #ended = false;

  /** @throws UndertoneError `invalid-query` */
  constructor(dialect: MediaDialect, handshake: Handshake) {
    this.#dialect = dialect;
    this.#query = queryOf(handshake.url);
    readCallOptions(this.#query);
  }

  text(message: string): DialectAction[] {
    if (this.#ended) return [];
    const read = this.#dialect.read(parseObject(message));
    switch (read?.kind) {
      case 'start':
        return this.#start(read.leg, read.start);
      case 'media':
        return this.#media(read);
      case 'mark':
        return this.#streams.get(read.leg)?.legs.get(read.leg)?.mark(read.name) ?? [];
      case 'stop':
        return this.#stop(read.leg, 'stop');
      case undefined:
        return [];
    }
  }

  binary(): DialectAction[] {
    if (this.#ended) return [];
    throw new UndertoneError('invalid-message', { detail: 'it must be text: the audio comes as base64 in JSON' });
  }

  ended(how: 'closed' | 'lost'): DialectAction[] {
    this.#ended = true;
    const reason = how === 'closed' && this.#dialect.closeEnds === true ? 'stop' : 'disconnect';
    return [...this.#streams.keys()].flatMap((leg) => this.#stop(leg, reason));
  }

  #start(leg: string, start: MediaStart): DialectAction[] {
    const before = this.#streams.get(leg);
    if (before !== undefined && before.start.id === start.id && start.id !== undefined) return [];
    if (before !== undefined && this.#dialect.restarts !== true) throw new UndertoneError('already-started');
    const call = readCallOptions((name) => this.#query(name) ?? parameter(start, OPTION_PARAMETERS[name]));
    this.#namer ??= new ChannelNamer(call.channels);
    this.#started = true;
    const ended = this.#stop(leg, 'stop');
    const stream: OpenStream = { start, legs: new Map(), call };
    if (this.#legs >= MAX_LEGS) return [...ended, ...this.#overload(leg)];
    this.#streams.set(leg, stream);
    return [...ended, ...this.#addLeg(stream, leg, leg, start.tracks).begin()];
  }

  #media(message: Media): DialectAction[] {
    const stream = this.#streams.get(message.leg);
    if (stream === undefined) {
      if (this.#started) return [];
      throw new UndertoneError('audio-before-start');
    }
    const field = this.#dialect.payloadField ?? 'media.payload';
    const bytes = wholeSamples(decodeBase64(message.payload, field), wireFrameBytes(stream.start.format), field);
    if (stream.start.bigEndian === true) swapBytes16(bytes);
    const { track, chunk, timestampMs } = message;
    this.#originMs ??= timestampMs;
    const piece = { bytes, ...(chunk !== undefined && { chunk }), ...(timestampMs !== undefined && { timestampMs }) };
    const main = stream.legs.get(message.leg)!;
    if (main.takes(track)) return main.media(track, piece);
    const name = `${message.leg}/${track}`;
    const leg = stream.legs.get(name);
    if (leg !== undefined) return leg.media(track, piece);
    if (this.#legs >= MAX_LEGS) return this.#overload(message.leg);
    const added = this.#addLeg(stream, message.leg, name, [track]);
    return [...added.begin(), ...added.media(track, piece)];
  }

  #addLeg(stream: OpenStream, leg: string, name: string, tracks: readonly string[] | undefined): MediaLeg {
    const { start, call } = stream;
    const callId = call.callId ?? start.callId;
    const added = new MediaLeg({
      name,
      start: {
        format: start.format,
        metadata: metadataOf(withoutOptions(start.parameters)),
        ...(callId !== undefined && { callId }),
      },
      ...(tracks !== undefined && { tracks }),
      order: this.#dialect.order ?? [],
      describe: (track) => this.#namer!.describe(`${leg}/${track}`, this.#dialect.describe(leg, track)),
      ...(name !== leg && this.#originMs !== undefined && { originMs: this.#originMs }),
    });
    stream.legs.set(name, added);
    this.#legs += 1;
    return added;
  }

  #stop(leg: string, reason: 'stop' | 'disconnect'): DialectAction[] {
    const stream = this.#streams.get(leg);
    if (stream === undefined) return [];
    this.#streams.delete(leg);
    this.#legs -= stream.legs.size;
    return [...stream.legs.values()].flatMap((open) => open.end(reason));
  }

  #overload(leg: string): DialectAction[] {
    if (this.#overloaded) return [];
    this.#overloaded = true;
    const message = `The connection carries more than ${MAX_LEGS} streams; the further ones are not analysed.`;
    const known = this.#streams.has(leg) ? leg : [...this.#streams.keys()][0]!;
    return [{ kind: 'status', leg: known, code: 'overload', message }];
  }
}

function parameter(start: MediaStart, name: string): string | undefined {
  const value = own(start.parameters, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function withoutOptions(parameters: unknown): unknown {
  if (typeof parameters !== 'object' || parameters === null) return undefined;
  const options: readonly string[] = Object.values(OPTION_PARAMETERS);
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !options.includes(name)));
}
