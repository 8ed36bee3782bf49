/** The least level, given to digital silence. */
export const LEVEL_FLOOR_DB = -100;

/**
 * Level: the root mean square of the frame in dB.
 *
 * `levelDb = max(−100, 10 log10((1/400) Σ x[n]²))`, of the frame less its mean, not windowed. Unit: dB re full scale,
 * so that a full-scale sine has −3.01. Shape: one value. Silence: −100.
 *
 * Reference: EBU Tech 3341 calls this an unweighted (root mean square) level; AES17-2020 adds 3.01 dB to it.
 *
 * @param meanSquare of the 400 samples
 */
export function levelDb(meanSquare: number): number {
  return meanSquare > 0 ? Math.max(LEVEL_FLOOR_DB, 10 * Math.log10(meanSquare)) : LEVEL_FLOOR_DB;
}
