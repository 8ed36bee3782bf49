import { z } from 'zod';
import { UndertoneError } from '../../errors.ts';
import type { Dialect, DialectAction, DialectSession, DialectStart, Handshake } from '../dialect.ts';
import { nameChannels } from '../format.ts';
import { count, text } from './fields.ts';
import { check, own, parseObject } from './json.ts';
import { trackFormat } from './l16.ts';
import { MAIN } from './media-message.ts';
import { type CallOptions, ChannelNamer, queryOf, readCallOptions } from './url-options.ts';

const ENCODINGS = { pcm: 'pcm_s16le' } as const;

const config = z.object({
  is_speaking: z.boolean('must be true or false'),
  mode: text.max(64, 'must be at most 64 characters').exactOptional(),
  wav_name: text.exactOptional(),
  wav_format: text.exactOptional(),
  audio_fs: count.exactOptional(),
});

/**
 * Clients of FunASR's WebSocket servers: a JSON configuration, then binary 16-bit little-endian PCM of one channel (16 kHz, or
 * `audio_fs`), `{"is_speaking":false}` at the end of the audio. The end is answered with `is_final`, which its clients wait for. A new
 * configuration starts a new stream. Only `wav_format` pcm.
 *
 * Source: FunASR's runtime/docs/websocket_protocol.
 */
export const funasr: Dialect = {
  name: 'funasr',
  subprotocols: ['binary'],
  open: (handshake) => new FunasrSession(handshake),
  claims: (_, first) =>
    first.kind === 'text' &&
    typeof own(first.object, 'is_speaking') === 'boolean' &&
    ['mode', 'wav_name', 'chunk_size', 'audio_fs'].some((field) => own(first.object, field) !== undefined),
};

class FunasrSession implements DialectSession {
  readonly #call: CallOptions;
  readonly #namer: ChannelNamer;
  #mode = 'online';
  #open = false;
  #started = false;
  #ended = false;

  constructor(handshake: Handshake) {
    this.#call = readCallOptions(queryOf(handshake.url));
    this.#namer = new ChannelNamer(this.#call.channels);
  }

  text(message: string): DialectAction[] {
    if (this.#ended) return [];
    const read = check(config, parseObject(message));
    if (!read.is_speaking) return this.#open ? [...this.#close('stop'), this.#final()] : [];
    // Hot words and the like may be changed while the stream goes on.
    if (this.#open) return [];
    const { format } = trackFormat(read.wav_format ?? 'pcm', read.audio_fs ?? 16_000, ENCODINGS);
    const channels = nameChannels([], 1).map((channel) => this.#namer.describe(MAIN, channel));
    const { callId } = this.#call;
    const start: DialectStart = { format, channels, ...(callId !== undefined && { callId }) };
    this.#mode = read.mode ?? 'online';
    this.#open = true;
    this.#started = true;
    return [{ kind: 'open', leg: MAIN, start }];
  }

  binary(bytes: Uint8Array): DialectAction[] {
    if (this.#ended) return [];
    if (!this.#started) throw new UndertoneError('audio-before-start');
    return this.#open && bytes.length > 0 ? [{ kind: 'audio', leg: MAIN, bytes }] : [];
  }

  ended(): DialectAction[] {
    this.#ended = true;
    return this.#close('disconnect');
  }

  #close(reason: 'stop' | 'disconnect'): DialectAction[] {
    if (!this.#open) return [];
    this.#open = false;
    return [{ kind: 'close', leg: MAIN, reason }];
  }

  #final(): DialectAction {
    const mode = this.#mode === '2pass' ? '2pass-offline' : this.#mode;
    return { kind: 'reply', message: JSON.stringify({ mode, text: '', is_final: true }) };
  }
}
