/** A frame of the extractor: 640 samples at 16 kHz. */
export const frameOf = (at: (n: number) => number): Float32Array => Float32Array.from({ length: 640 }, (_, n) => at(n));

export const sine = (hz: number, amplitude = 0.5, offset = 0): Float32Array =>
  frameOf((n) => offset + amplitude * Math.sin((2 * Math.PI * hz * n) / 16_000 + 0.3));

/** White noise that is the same at every run: a 32-bit linear congruential generator. */
export function noise(seed: number, amplitude = 0.3): Float32Array {
  let state = seed >>> 0;
  return frameOf(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return amplitude * (state / 2 ** 31 - 1);
  });
}

/** A vowel-like frame: pulses at a pitch period through two resonances. */
export function vowel(periodSamples: number): Float32Array {
  let [first, second] = [0, 0];
  return frameOf((n) => {
    const out = (n % periodSamples === 0 ? 1 : 0) + 1.7 * first - 0.9 * second;
    second = first;
    first = out;
    return 0.05 * out;
  });
}

export const silence: Float32Array = new Float32Array(640);
