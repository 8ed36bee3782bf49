import type { WireFormat } from '../../limits.ts';
import { binaryFrames, ROLES_BY_SIDES } from './binary-frames.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

/** Bare audio with all that is to be said in the URL, 20 ms a message; it ends by closing. */
export const rawSimulator: DialectSimulator = {
  name: 'raw',
  formats: [
    { encoding: 'mulaw', sampleRateHz: 8_000, channels: 2 },
    { encoding: 'alaw', sampleRateHz: 8_000, channels: 1 },
    { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 2 },
    { encoding: 'pcm_s24le', sampleRateHz: 44_100, channels: 2 },
    { encoding: 'pcm_f32le', sampleRateHz: 48_000, channels: 1 },
  ],
  handshake: ({ encoding, sampleRateHz, channels }) => ({
    path: '/v1/telephony/raw',
    headers: {},
    subprotocols: [],
    query: {
      encoding,
      sampleRateHz: String(sampleRateHz),
      channels: String(channels),
      roles: ROLES_BY_SIDES[channels]!,
      callId: 'simulated-call',
    },
  }),
  messages: (format: WireFormat, chunks: Iterable<Uint8Array>): Iterable<TimedMessage> =>
    binaryFrames(format, chunks, 20),
};
