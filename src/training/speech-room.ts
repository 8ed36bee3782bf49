/**
 * The sound of a recorded room: `out[n] = Σ_k response[k] samples[n − k]`, as long as the samples, through one long
 * Fourier transform (Press et al., _Numerical Recipes_, section 13.1).
 *
 * @param response starts with the direct sound, which is scaled to 1
 */
export function convolve(samples: Float32Array, response: Float32Array): Float32Array {
  let size = 1;
  while (size < samples.length + response.length) size *= 2;
  // Both are real: one goes into the real and one into the imaginary part of a single transform.
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  re.set(samples);
  im.set(response.map((tap) => tap / response[0]!));
  transform(re, im);
  const productRe = new Float64Array(size);
  const productIm = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    const mirror = (size - k) % size;
    // X = (Z[k] + conj Z[−k]) / 2, H = (Z[k] − conj Z[−k]) / 2i
    const xRe = (re[k]! + re[mirror]!) / 2;
    const xIm = (im[k]! - im[mirror]!) / 2;
    const hRe = (im[k]! + im[mirror]!) / 2;
    const hIm = (re[mirror]! - re[k]!) / 2;
    productRe[k] = xRe * hRe - xIm * hIm;
    // Conjugated: a forward transform of the conjugate is the inverse one, conjugated and times the size.
    productIm[k] = -(xRe * hIm + xIm * hRe);
  }
  transform(productRe, productIm);
  return Float32Array.from({ length: samples.length }, (_, n) => productRe[n]! / size);
}

/** In place, radix 2, decimation in time. */
function transform(re: Float64Array, im: Float64Array): void {
  const size = re.length;
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [re[i], re[j]] = [re[j]!, re[i]!];
    [im[i], im[j]] = [im[j]!, im[i]!];
  }
  for (let length = 2; length <= size; length *= 2) {
    const half = length / 2;
    const cosines = Float64Array.from({ length: half }, (_, k) => Math.cos((2 * Math.PI * k) / length));
    const sines = Float64Array.from({ length: half }, (_, k) => -Math.sin((2 * Math.PI * k) / length));
    for (let from = 0; from < size; from += length) {
      for (let k = 0; k < half; k++) {
        const a = from + k;
        const b = a + half;
        const tRe = re[b]! * cosines[k]! - im[b]! * sines[k]!;
        const tIm = re[b]! * sines[k]! + im[b]! * cosines[k]!;
        re[b] = re[a]! - tRe;
        im[b] = im[a]! - tIm;
        re[a]! += tRe;
        im[a]! += tIm;
      }
    }
  }
}
