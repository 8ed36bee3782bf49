/**
 * Seconds of speech-like sound at 16 kHz, the same at every call: syllables of pulses with a gliding pitch (90 to 250 Hz)
 * through two resonances, hisses between them, pauses, and a little noise under all of it.
 */
export function speechLike(seconds: number): Float32Array {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const samples = new Float32Array(seconds * 16_000);
  let [phase, first, second, third, fourth] = [0, 0, 0, 0, 0];
  for (let n = 0; n < samples.length; n++) {
    const t = n / 16_000;
    const inSyllable = (t * 4) % 1;
    const paused = t % 5 > 4;
    const voiced = inSyllable > 0.3 && !paused;
    const hissing = inSyllable < 0.15 && !paused;
    phase += (170 + 80 * Math.sin(2 * Math.PI * 0.4 * t)) / 16_000;
    const pulse = phase >= 1 && voiced ? 1 : 0;
    phase %= 1;
    const low = pulse + 1.9 * first - 0.94 * second;
    [second, first] = [first, low];
    const high = low + 1.3 * third - 0.85 * fourth;
    [fourth, third] = [third, high];
    samples[n] = 0.006 * high + (hissing ? 0.05 : 0.0005) * random();
  }
  return samples;
}

/** The frames of its hops: the 640 samples that end with each. */
export function framesOf(samples: Float32Array): Float32Array[] {
  return Array.from({ length: Math.floor((samples.length - 480) / 160) }, (_, hop) =>
    samples.slice(160 * hop, 160 * hop + 640),
  );
}
