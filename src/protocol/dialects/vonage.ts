import { z } from 'zod';
import { UndertoneError } from '../../errors.ts';
import type { Dialect, DialectAction, DialectSession, Handshake } from '../dialect.ts';
import { nameChannels } from '../format.ts';
import type { WireFormat } from '../limits.ts';
import { excerpt } from '../printable.ts';
import { text } from './fields.ts';
import { headerMetadata, parameterOf } from './header-metadata.ts';
import { check, type JsonObject, own, parseObject } from './json.ts';
import { trackFormat } from './l16.ts';
import { OneLeg, startOf } from './one-leg.ts';
import { queryOf, readCallOptions } from './url-options.ts';

const ENCODINGS = { 'audio/l16': 'pcm_s16le' } as const;
const CONNECTED = 'websocket:connected';

const connected = z.object({ 'content-type': text });
const update = z.object({ active: z.boolean('must be true or false') });

/**
 * Vonage: the WebSocket endpoint of the Voice API and the Audio Connector of the Video API. The first message has the format and, at its top
 * level, the `headers` that the user gave; then 16-bit little-endian PCM at 8, 16 or 24 kHz. Voice sends all of a call mixed,
 * never one side alone; the Audio Connector sends one stream of a session on each socket, or all of them mixed: who speaks, the URL or
 * the headers `undertoneRoles`, `undertoneChannels` and `undertoneCallId` say.
 *
 * Sources: developer.vonage.com/voice/voice-api/concepts/websockets, developer.vonage.com/en/video/guides/audio-connector.
 */
export const vonage: Dialect = {
  name: 'vonage',
  subprotocols: [],
  open: (handshake) => new VonageSession(handshake),
  claims: (_, first) => first.kind === 'text' && own(first.object, 'event') === CONNECTED,
};

class VonageSession implements DialectSession {
  readonly #query: (name: string) => string | undefined;
  readonly #leg = new OneLeg();

  /** @throws UndertoneError `invalid-query` */
  constructor(handshake: Handshake) {
    this.#query = queryOf(handshake.url);
    readCallOptions(this.#query);
  }

  text(message: string): DialectAction[] {
    if (this.#leg.state === 'closed') return [];
    const read = parseObject(message);
    switch (own(read, 'event')) {
      case CONNECTED:
        return this.#connected(read);
      // The digit stays out: it may be of a card or a PIN.
      case 'websocket:dtmf':
        return this.#leg.mark('dtmf');
      case 'websocket:media:update':
        return check(update, read).active
          ? this.#leg.status('resumed', 'Vonage sends the audio of the stream again.')
          : this.#leg.status('paused', 'The stream is muted at Vonage.');
      case 'websocket:disconnected':
        return this.#leg.close('stop');
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

  #connected(read: JsonObject): DialectAction[] {
    const format = readContentType(check(connected, read)['content-type']);
    const parameter = parameterOf(read);
    const call = readCallOptions((name) => this.#query(name) ?? parameter(name));
    const metadata = headerMetadata(read, ['event', 'content-type']);
    return this.#leg.open(startOf({ format, channels: nameChannels([], 1), metadata }, call));
  }
}

/** `audio/l16;rate=16000`. */
function readContentType(contentType: string): WireFormat {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  const rate = parameters.map((parameter) => /^rate=(\d{1,9})$/i.exec(parameter)?.[1]).find((digits) => digits);
  if (rate === undefined) {
    const detail = `content-type must have a rate, as in audio/l16;rate=16000, not "${excerpt(contentType)}"`;
    throw new UndertoneError('invalid-message', { detail });
  }
  return trackFormat(type, Number(rate), ENCODINGS).format;
}
