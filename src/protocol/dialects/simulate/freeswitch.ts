import type { WireFormat } from '../../limits.ts';
import { binaryFrames, ROLES_BY_SIDES } from './binary-frames.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

/** FreeSWITCH mod_audio_stream: metadata that is no JSON, then bare audio, 20 ms a message; it ends by closing. */
export const freeswitchSimulator: DialectSimulator = {
  name: 'freeswitch',
  formats: [
    { encoding: 'pcm_s16le', sampleRateHz: 8_000, channels: 2 },
    { encoding: 'pcm_s16le', sampleRateHz: 8_000, channels: 1 },
    { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 2 },
  ],
  handshake: ({ sampleRateHz, channels }) => ({
    path: '/v1/telephony/freeswitch',
    headers: {},
    subprotocols: [],
    query: {
      sampleRateHz: String(sampleRateHz),
      mixType: channels === 2 ? 'stereo' : 'mono',
      callId: '6c5f3c1e-1d2a-4b67-9f64-55d2f0a3f9b1',
      roles: ROLES_BY_SIDES[channels]!,
    },
  }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    yield { atMs: 0, data: 'queue sales, simulated' };
    yield* binaryFrames(format, chunks, 20);
  },
};
