import type { WireFormat } from '../../limits.ts';
import { binaryFrames } from './binary-frames.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

/** Vonage: the user's headers flattened into the first message, the call mixed, 20 ms a message; it ends by closing. */
export const vonageSimulator: DialectSimulator = {
  name: 'vonage',
  formats: [
    { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 1 },
    { encoding: 'pcm_s16le', sampleRateHz: 8_000, channels: 1 },
    { encoding: 'pcm_s16le', sampleRateHz: 24_000, channels: 1 },
  ],
  handshake: () => ({
    path: '/v1/telephony/vonage',
    headers: {},
    subprotocols: [],
    query: { callId: 'CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab' },
  }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    const connected = {
      event: 'websocket:connected',
      'content-type': `audio/l16;rate=${format.sampleRateHz}`,
      language: 'en-GB',
      'caller-id': '447700900123',
    };
    yield { atMs: 0, data: JSON.stringify(connected) };
    yield* binaryFrames(format, chunks, 20);
  },
};
