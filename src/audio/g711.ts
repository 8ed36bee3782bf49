/**
 * G.711, the companding of telephone audio (ITU-T Recommendation G.711, 1988). Values are the standard's, shifted
 * left to 16 bits as every telephone interface does: μ-law has 14 bits (±8031 → ±32124), A-law 13 (±4032 → ±32256).
 */

/** μ-law: 132 = 33 · 4, the standard's bias at 16 bits; it makes every segment begin at a power of two. */
const MULAW_BIAS = 132;
/** The largest magnitude that does not overflow the last segment once biased. */
const MULAW_CLIP = 32_635;

/** The 16-bit value of a μ-law code, 0 to 255. The bits of a code are sent inverted. */
export function mulawToLinear(code: number): number {
  const bits = ~code & 0xff;
  const segment = (bits >> 4) & 7;
  const magnitude = (((bits & 15) << 3) + MULAW_BIAS) << segment;
  return bits & 0x80 ? MULAW_BIAS - magnitude : magnitude - MULAW_BIAS;
}

/** The 16-bit value of an A-law code, 0 to 255. The even bits of a code are sent inverted. */
export function alawToLinear(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = ((bits & 15) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 256) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

/**
 * The μ-law code of a 16-bit value, by the standard's decision values. A negative value is taken as its ones'
 * complement, as in the ITU's own software (G.191): −1 to −4 are the smallest step below zero, as 0 to 3 above.
 */
export function linearToMulaw(value: number): number {
  const sign = value < 0 ? 0x80 : 0;
  const biased = Math.min(value < 0 ? ~value : value, MULAW_CLIP) + MULAW_BIAS;
  const segment = 24 - Math.clz32(biased); // the biased magnitude has 8 to 15 bits
  return ~(sign | (segment << 4) | ((biased >> (segment + 3)) & 15)) & 0xff;
}

/** The A-law code of a 16-bit value, by the standard's decision values; negative values as for μ-law. */
export function linearToAlaw(value: number): number {
  const sign = value < 0 ? 0 : 0x80;
  const magnitude = value < 0 ? ~value : value;
  const segment = Math.max(0, 24 - Math.clz32(magnitude));
  const step = (magnitude >> (segment === 0 ? 4 : segment + 3)) & 15;
  return (sign | (segment << 4) | step) ^ 0x55;
}

const table = (toLinear: (code: number) => number): Float32Array =>
  Float32Array.from({ length: 256 }, (_, code) => toLinear(code) / 32_768);

/** Sample of every code, full scale 1: 2 × 1 KiB, small enough to stay in the first cache. */
export const MULAW_SAMPLES = table(mulawToLinear);
export const ALAW_SAMPLES = table(alawToLinear);
