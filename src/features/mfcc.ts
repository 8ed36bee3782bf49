import { MEL_BANDS, MFCC_COUNT } from './descriptors.ts';

const HALF = MEL_BANDS / 2;
/** Row c: the first half of the c-th basis vector; the second half mirrors it, with the sign of (−1)^c. */
const basis = Float64Array.from({ length: MFCC_COUNT * HALF }, (_, index) => {
  const c = Math.floor(index / HALF);
  const b = index % HALF;
  const scale = Math.sqrt((c === 0 ? 1 : 2) / MEL_BANDS);
  return scale * Math.cos((Math.PI * c * (b + 0.5)) / MEL_BANDS);
});
/** Sums of mirrored bands, then their differences. */
const folded = new Float64Array(MEL_BANDS);

/**
 * Mel-frequency cepstral coefficients 0 to 12: the orthonormal cosine transform (DCT-II) of the 64 log-mel bands.
 *
 * `mfcc[c] = s_c Σ_b logMel[b] cos(π c (b + ½) / 64)`, s_0 = √(1/64), otherwise √(2/64); no liftering. Unit: ln of
 * power, so that mfcc[0] is eight times the mean log-mel. Shape: 13. Silence: −160, then zeros.
 *
 * Reference: Davis and Mermelstein, _Comparison of parametric representations for monosyllabic word recognition in
 * continuously spoken sentences_, IEEE Trans. ASSP 28(4), 1980.
 *
 * @param logMel holds the 64 bands from `melAt` on
 * @param out where 13 values are written, from `at` on
 */
export function writeMfcc(logMel: Float32Array, melAt: number, out: Float32Array, at: number): void {
  for (let b = 0; b < HALF; b++) {
    const low = logMel[melAt + b]!;
    const high = logMel[melAt + MEL_BANDS - 1 - b]!;
    folded[b] = low + high;
    folded[HALF + b] = low - high;
  }
  for (let c = 0; c < MFCC_COUNT; c++) {
    const from = c % 2 === 0 ? 0 : HALF;
    let sum = 0;
    for (let b = 0; b < HALF; b++) sum += folded[from + b]! * basis[c * HALF + b]!;
    out[at + c] = sum;
  }
}
