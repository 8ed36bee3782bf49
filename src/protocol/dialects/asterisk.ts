import { z } from 'zod';
import { UndertoneError } from '../../errors.ts';
import type { Dialect, DialectAction, DialectSession, Handshake } from '../dialect.ts';
import { checkFormat, nameChannels } from '../format.ts';
import type { WireEncoding, WireFormat } from '../limits.ts';
import { excerpt } from '../printable.ts';
import { callIdOf } from './call-metadata.ts';
import { text } from './fields.ts';
import { check, type JsonObject, own, tryParseObject } from './json.ts';
import { OneLeg, startOf } from './one-leg.ts';
import { type CallOptions, queryOf, readCallOptions } from './url-options.ts';

/** Asterisk's names of formats; signed linear is 16-bit in the order of Asterisk's machine, which is little-endian. */
const FORMATS: Readonly<Record<string, readonly [encoding: WireEncoding, sampleRateHz: number]>> = {
  ulaw: ['mulaw', 8_000],
  alaw: ['alaw', 8_000],
  slin: ['pcm_s16le', 8_000],
  slin12: ['pcm_s16le', 12_000],
  slin16: ['pcm_s16le', 16_000],
  slin24: ['pcm_s16le', 24_000],
  slin32: ['pcm_s16le', 32_000],
  slin44: ['pcm_s16le', 44_100],
  slin48: ['pcm_s16le', 48_000],
  slin96: ['pcm_s16le', 96_000],
  slin192: ['pcm_s16le', 192_000],
};

const start = z.object({ format: text, channel_id: text.exactOptional() });

/**
 * Asterisk `chan_websocket` (20.16, 21.11, 22.6 and 23.0 on): `MEDIA_START` with the format, then the bare codec. Control messages are plain text or JSON,
 * as Asterisk is configured; the first one tells which. It is answered with `SET_MEDIA_DIRECTION in`, so that nothing is expected from us;
 * versions that do not know it log a warning. One channel a socket: who speaks on it, and the call that it is a leg of, the URL
 * says, with `v(roles=customer,callId=…)` of the dial string.
 *
 * Sources: docs.asterisk.org/Configuration/Channel-Drivers/WebSocket, asterisk/asterisk channels/chan_websocket.c.
 */
export const asterisk: Dialect = {
  name: 'asterisk',
  // What `protocols = media` in websocket_client.conf offers.
  subprotocols: ['media'],
  open: (handshake) => new AsteriskSession(handshake),
  claims: (_, first) =>
    first.kind === 'text' &&
    (own(first.object, 'event') === 'MEDIA_START' || first.text.trimStart().startsWith('MEDIA_START ')),
};

class AsteriskSession implements DialectSession {
  readonly #call: CallOptions;
  readonly #leg = new OneLeg();

  /** @throws UndertoneError `invalid-query` */
  constructor(handshake: Handshake) {
    this.#call = readCallOptions(queryOf(handshake.url));
  }

  text(message: string): DialectAction[] {
    if (this.#leg.state === 'closed') return [];
    const json = tryParseObject(message);
    const read = json ?? readPlain(message);
    switch (own(read, 'event')) {
      case 'MEDIA_START': {
        const { format, channel_id } = check(start, read);
        const known = {
          format: formatOf(format),
          channels: nameChannels([], 1),
          callId: callIdOf(channel_id),
        };
        return [...this.#leg.open(startOf(known, this.#call)), listenOnly(json !== undefined)];
      }
      // The digit stays out: it may be of a card or a PIN.
      case 'DTMF_END':
        return this.#leg.mark('dtmf');
      default:
        return [];
    }
  }

  binary(bytes: Uint8Array): DialectAction[] {
    return this.#leg.audio(bytes);
  }

  ended(how: 'closed' | 'lost'): DialectAction[] {
    return this.#leg.close(how === 'closed' ? 'stop' : 'disconnect');
  }
}

/** `MEDIA_START connection_id:… format:ulaw`: a word, then names with values, which may have colons of their own. */
function readPlain(message: string): JsonObject {
  const [event = '', ...fields] = message.trim().split(/\s+/);
  const pairs = fields.map((field) => {
    const colon = field.indexOf(':');
    return colon < 0 ? [field, ''] : [field.slice(0, colon), field.slice(colon + 1)];
  });
  return { ...Object.fromEntries(pairs), event };
}

function formatOf(name: string): WireFormat {
  const known = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  if (known === undefined) {
    throw new UndertoneError('unknown-encoding', { encoding: excerpt(name), allowed: Object.keys(FORMATS).join(', ') });
  }
  return checkFormat({ encoding: known[0], sampleRateHz: known[1], channels: 1 });
}

/** The direction is the application's: with `in`, Asterisk takes no audio from it. */
const listenOnly = (json: boolean): DialectAction => ({
  kind: 'reply',
  message: json ? JSON.stringify({ command: 'SET_MEDIA_DIRECTION', direction: 'in' }) : 'SET_MEDIA_DIRECTION in',
});
