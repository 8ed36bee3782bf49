import type { WireFormat } from '../../limits.ts';
import { binaryFrames } from './binary-frames.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

/** Sinch: a request to connect, then 20 ms a message; it ends by closing. */
export const sinchSimulator: DialectSimulator = {
  name: 'sinch',
  formats: [8_000, 16_000, 24_000, 44_100, 48_000].map((sampleRateHz) => ({
    encoding: 'pcm_s16le',
    sampleRateHz,
    channels: 1,
  })),
  handshake: () => ({
    path: '/v1/telephony/sinch',
    headers: {},
    subprotocols: [],
    query: { roles: 'customer' },
  }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    const connect = {
      command: 'connect',
      version: 1,
      callId: '4398599d1ba84ef3bde0a82dfb61abed',
      applicationKey: '2c9cb4b5-0a1b-4b3c-9a3e-2f8a3f0f4a51',
      codec: 'PCM',
      sampleRate: format.sampleRateHz,
      callHeaders: { queue: 'sales' },
    };
    yield { atMs: 0, data: JSON.stringify(connect) };
    yield* binaryFrames(format, chunks, 20);
  },
};
