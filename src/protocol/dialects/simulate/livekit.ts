import type { WireFormat } from '../../limits.ts';
import { binaryFrames } from './binary-frames.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

/** LiveKit track egress: no word about the format, every track with two equal channels at 48 kHz, 20 ms a message; it ends by closing. */
export const livekitSimulator: DialectSimulator = {
  name: 'livekit',
  formats: [{ encoding: 'pcm_s16le', sampleRateHz: 48_000, channels: 1 }],
  handshake: () => ({
    path: '/v1/telephony/livekit',
    headers: { 'content-type': 'audio/x-raw' },
    subprotocols: [],
    query: { callId: 'RM_hV3Vgo7bxNWs', roles: 'customer' },
  }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    for (const { atMs, data } of binaryFrames(format, chunks, 20)) yield { atMs, data: doubled(data) };
  },
};

/** Every 16-bit sample twice. */
function doubled(mono: Uint8Array): Uint8Array {
  const both = new Uint8Array(2 * mono.length);
  for (let at = 0; at < mono.length; at += 2) {
    both.set(mono.subarray(at, at + 2), 2 * at);
    both.set(mono.subarray(at, at + 2), 2 * at + 2);
  }
  return both;
}
