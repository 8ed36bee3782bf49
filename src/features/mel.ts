import { MEL_BANDS } from './descriptors.ts';
import { BIN_COUNT } from './fft.ts';
import { BIN_HZ } from './spectrum.ts';

export const MEL_LOW_HZ = 50;
export const MEL_HIGH_HZ = 7600;
/** The natural logarithm of the least power of a band: about that of the rounding noise of 16-bit samples. */
export const LOG_MEL_FLOOR = -20;
const FLOOR: number = Math.exp(LOG_MEL_FLOOR);

const hzToMel = (hz: number): number => 2595 * Math.log10(1 + hz / 700);
/** Where a bin lies between the 66 edges of the bands: 0 at 50 Hz, 1 at the peak of band 0, 65 at 7600 Hz. */
const positions = Float64Array.from({ length: BIN_COUNT }, (_, bin) => {
  const low = hzToMel(MEL_LOW_HZ);
  return ((MEL_BANDS + 1) * (hzToMel(bin * BIN_HZ) - low)) / (hzToMel(MEL_HIGH_HZ) - low);
});
/** The first bin at or above each edge; segment s is bins `edges[s]` to `edges[s + 1] − 1`. */
const edges = Int32Array.from({ length: MEL_BANDS + 2 }, (_, edge) => positions.findIndex((at) => at >= edge));
/** The weight of a bin in the band that rises over its segment; in the band that falls it is one minus that. */
const rising = positions.map((at) => at - Math.floor(at));

/**
 * Log-mel bands: the natural logarithm of the power in 64 triangular bands.
 *
 * `logMel[b] = max(−20, ln Σ_k H_b[k] |X[k]|²)`, where H_b is a triangle over mel that rises from 0 at edge b to 1 at
 * edge b + 1 and falls to 0 at edge b + 2, and the 66 edges are equidistant in `mel = 2595 log10(1 + Hz / 700)` from 50
 * to 7600 Hz. Unit: ln of power (full-scale sine: 9.2 at its bin). Shape: 64. Silence: −20.
 *
 * Reference: Young et al., _The HTK Book_, version 3.4, section 5.4.
 *
 * @param power 257 bins of |X|²
 * @param out where 64 values are written, from `at` on
 */
export function writeLogMel(power: Float64Array, out: Float32Array, at: number): void {
  let rose = 0;
  for (let segment = 0; segment <= MEL_BANDS; segment++) {
    const end = edges[segment + 1]!;
    let total = 0;
    let rises = 0;
    for (let k = edges[segment]!; k < end; k++) {
      const value = power[k]!;
      total += value;
      rises += value * rising[k]!;
    }
    if (segment > 0) {
      const band = rose + total - rises;
      // Two stores: one of either value would make an object of the number first.
      if (band > FLOOR) out[at + segment - 1] = Math.log(band);
      else out[at + segment - 1] = LOG_MEL_FLOOR;
    }
    rose = rises;
  }
}
