import type { WindowModel } from '../../inference/index.ts';
import { createAnalyzer } from '../../streams/index.ts';

/** Enough for V8 to compile what runs for every hop; takes about a quarter of a second. */
const SECONDS = 15;
const RATE_HZ = 8_000;
const PACKET_BYTES = 160;

/** Analyses a while of a humming sound, so that the first streams of a server are not behind while their code is compiled. */
export function warmUp(model: WindowModel): void {
  const stream = createAnalyzer({ model }).open({
    streamId: 'warm-up',
    callId: 'warm-up',
    format: { encoding: 'mulaw', sampleRateHz: RATE_HZ, channels: 1 },
    channels: [{ name: 'mixed', role: 'unknown' }],
    analysis: { ...model.manifest.analysis, descriptors: [] },
  });
  // A triangle that swells and fades, as μ-law bytes: rising in magnitude as the byte falls.
  const bytes = Uint8Array.from({ length: SECONDS * RATE_HZ }, (_, n) => {
    const phase = n % 64;
    const magnitude = (phase < 32 ? phase : 64 - phase) * (1 + (Math.floor(n / 800) % 3));
    return (n % 128 < 64 ? 0xff : 0x7f) - Math.min(127, magnitude);
  });
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) stream.push(bytes.subarray(at, at + PACKET_BYTES));
  stream.stop('stop');
}
