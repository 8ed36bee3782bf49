import { z } from 'zod';
import { asUndertoneError, UndertoneError } from '../../errors.ts';
import type { Dialect, DialectAction, DialectSession, DialectStart, Handshake } from '../dialect.ts';
import { nameChannels } from '../format.ts';
import { callIdOf } from './call-metadata.ts';
import { count, text } from './fields.ts';
import { headerMetadata, parameterOf } from './header-metadata.ts';
import { check, type JsonObject, own, parseObject } from './json.ts';
import { trackFormat } from './l16.ts';
import { OneLeg, startOf } from './one-leg.ts';
import { queryOf, readCallOptions } from './url-options.ts';

const ENCODINGS = { pcm: 'pcm_s16le' } as const;

const connect = z.object({
  callId: text.exactOptional(),
  codec: text,
  sampleRate: count,
  callHeaders: z.unknown().optional(),
});

/**
 * Sinch `connectStream` and `STREAM` destinations: a request to connect, which must be answered before any audio comes, then 16-bit
 * little-endian PCM of one channel, 20 ms a message. What cannot be heard (other codecs, 96 kHz) is answered with `reject`. A
 * call header `undertoneRoles`, `undertoneChannels` or `undertoneCallId` says what the URL could say.
 *
 * Source: developers.sinch.com/docs/voice-2.0/api-reference/stream (AsyncAPI 3).
 */
export const sinch: Dialect = {
  name: 'sinch',
  subprotocols: [],
  open: (handshake) => new SinchSession(handshake),
  claims: (_, first) => first.kind === 'text' && own(first.object, 'command') === 'connect',
};

class SinchSession implements DialectSession {
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
    return own(read, 'command') === 'connect' ? this.#connect(read) : [];
  }

  binary(bytes: Uint8Array): DialectAction[] {
    return this.#leg.audio(bytes);
  }

  ended(how: 'closed' | 'lost'): DialectAction[] {
    return this.#leg.close(how === 'closed' ? 'stop' : 'disconnect');
  }

  #connect(read: JsonObject): DialectAction[] {
    if (this.#leg.state === 'open') throw new UndertoneError('already-started');
    let start: DialectStart;
    try {
      start = this.#startOf(read);
    } catch (thrown) {
      const { message, closeCode } = asUndertoneError(thrown);
      this.#leg.close('stop');
      return [reply('reject'), { kind: 'hangup', closeCode, reason: message }];
    }
    return [...this.#leg.open(start), reply('answer')];
  }

  #startOf(read: JsonObject): DialectStart {
    const { callId, codec, sampleRate, callHeaders } = check(connect, read);
    const headers = readHeaders(callHeaders);
    const { format } = trackFormat(codec, sampleRate, ENCODINGS);
    const parameter = parameterOf(headers);
    const call = readCallOptions((name) => this.#query(name) ?? parameter(name));
    const known = {
      format,
      channels: nameChannels([], 1),
      callId: callIdOf(callId),
      metadata: headerMetadata(headers),
    };
    return startOf(known, call);
  }
}

/** An object, or a list of `{key, value}`: both are documented. */
function readHeaders(headers: unknown): unknown {
  if (!Array.isArray(headers)) return headers;
  const pairs = headers.slice(0, 64).map((header) => [own(header, 'key'), own(header, 'value')] as const);
  return Object.fromEntries(pairs.filter(([key]) => typeof key === 'string'));
}

const reply = (command: 'answer' | 'reject'): DialectAction => ({
  kind: 'reply',
  message: JSON.stringify({ command }),
});
