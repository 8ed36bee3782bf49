import { z } from 'zod';
import { UndertoneError } from '../../errors.ts';
import type { Dialect, DialectAction, DialectSession, DialectStart, Handshake } from '../dialect.ts';
import { nameChannels } from '../format.ts';
import { excerpt } from '../printable.ts';
import { formatOfQuery, readFormatQuery, readNamedOptions } from './format-query.ts';
import { check, own, parseObject } from './json.ts';
import { MonoMixer } from './mono-mixer.ts';
import { OneLeg, startOf } from './one-leg.ts';

const CONTENT_TYPE = 'audio/x-raw';
/** What LiveKit's egress makes of any track, whatever it was; `?sampleRateHz=` and `?channels=` say otherwise. */
const USUAL = { sampleRateHz: 48_000, channels: 2 } as const;

const muted = z.object({ muted: z.boolean('must be true or false') });

/**
 * LiveKit track egress to a WebSocket: 16-bit little-endian PCM, named by the `Content-Type` of the upgrade and nothing more. LiveKit writes any track
 * at 48 kHz with two channels: a track is one speaker, so they are heard as one, unless `?channels=2` (or two names) says that they differ;
 * `?channels=1` says that there is one. A muted track goes on as silence; that it is muted becomes the status of the stream. One track a
 * socket: whose it is, and the call, the URL says.
 *
 * Sources: docs.livekit.io/home/egress/track, livekit/egress pkg/pipeline/sink/websocket.go and pkg/pipeline/builder/audio.go.
 */
export const livekit: Dialect = {
  name: 'livekit',
  subprotocols: [],
  open: (handshake) => new LivekitSession(handshake),
  claims: ({ headers }) => typeOf(headers) === CONTENT_TYPE,
};

class LivekitSession implements DialectSession {
  readonly #start: DialectStart;
  readonly #mixer: MonoMixer | undefined;
  readonly #leg = new OneLeg();

  /** @throws UndertoneError `invalid-query`, `unknown-encoding`, `rate-out-of-range`, `channels-out-of-range`, `too-many-channel-names` */
  constructor({ url, headers }: Handshake) {
    const type = typeOf(headers);
    if (type !== undefined && type !== CONTENT_TYPE) {
      throw new UndertoneError('unknown-encoding', { encoding: excerpt(type), allowed: CONTENT_TYPE });
    }
    const call = readNamedOptions(url);
    const said = readFormatQuery(url);
    const mixed = said.channels === undefined && call.channels.length < USUAL.channels;
    const format = formatOfQuery(
      {
        encoding: 'pcm_s16le',
        sampleRateHz: said.sampleRateHz ?? USUAL.sampleRateHz,
        channels: mixed ? 1 : said.channels,
      },
      call.channels.length,
    );
    this.#mixer = mixed ? new MonoMixer(USUAL.channels) : undefined;
    this.#start = startOf({ format, channels: nameChannels([], format.channels) }, call);
  }

  text(message: string): DialectAction[] {
    if (this.#leg.state === 'closed') return [];
    const read = parseObject(message);
    if (own(read, 'muted') === undefined) return [];
    const isMuted = check(muted, read).muted;
    const opened = this.#opened();
    const status = isMuted
      ? this.#leg.status('paused', 'The track is muted.')
      : this.#leg.status('resumed', 'The track is no longer muted.');
    return [...opened, ...status];
  }

  binary(bytes: Uint8Array): DialectAction[] {
    if (this.#leg.state === 'closed') return [];
    return [...this.#opened(), ...this.#leg.audio(this.#mixer?.push(bytes) ?? bytes)];
  }

  ended(how: 'closed' | 'lost'): DialectAction[] {
    return this.#leg.close(how === 'closed' ? 'stop' : 'disconnect');
  }

  #opened(): DialectAction[] {
    return this.#leg.state === 'waiting' ? this.#leg.open(this.#start) : [];
  }
}

const typeOf = (headers: Handshake['headers']): string | undefined =>
  headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() || undefined;
