import { readFileSync } from 'node:fs';

export const RATE_HZ = 16_000;

/** White noise that is the same at every run: a 32-bit linear congruential generator, uniform from −1 to 1. */
export function seededNoise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** A stretch of sound: a vowel gliding from one F0 to another, or without F0 noise of that amplitude. */
export interface Stretch {
  readonly ms: number;
  readonly hz?: readonly [from: number, to: number];
  /** Of a vowel: vibrato depth in Hz at 5.5 Hz. */
  readonly vibratoHz?: number;
  readonly amplitude?: number;
}

/** Formants of an open vowel: frequency and bandwidth in Hz. */
const FORMANTS = [
  [700, 110],
  [1220, 120],
  [2600, 180],
] as const;

/** How strong a harmonic at `hz` is: a falling source through the formants. */
const envelope = (hz: number): number =>
  FORMANTS.reduce((sum, [formant, width]) => sum + 1 / (1 + ((hz - formant) / width) ** 2), 0.02) / (1 + hz / 300);

/** Stretches one after another, each fading in and out over 15 ms. */
export function synthesise(stretches: readonly Stretch[], seed = 1): Float32Array {
  const noise = seededNoise(seed);
  const out: number[] = [];
  for (const { ms, hz, vibratoHz = 0, amplitude = 0.3 } of stretches) {
    const count = Math.round((ms * RATE_HZ) / 1000);
    let phase = 0;
    for (let i = 0; i < count; i++) {
      const fade = Math.min(1, i / 240, (count - 1 - i) / 240);
      if (hz === undefined) {
        out.push(amplitude * fade * noise());
        continue;
      }
      const f0 = hz[0] + ((hz[1] - hz[0]) * i) / count + vibratoHz * Math.sin((2 * Math.PI * 5.5 * i) / RATE_HZ);
      phase += f0 / RATE_HZ;
      let value = 0;
      for (let harmonic = 1; harmonic * f0 < 4000; harmonic++) {
        value += envelope(harmonic * f0) * Math.cos(2 * Math.PI * harmonic * phase + harmonic * harmonic);
      }
      out.push(amplitude * fade * value);
    }
  }
  return Float32Array.from(out);
}

/** A tone of `harmonics` equal-phase harmonics falling by 1/h. */
export function tone(hz: number, harmonics: number, seconds: number, amplitude = 0.3): Float32Array {
  return Float32Array.from({ length: Math.round(seconds * RATE_HZ) }, (_, i) => {
    let value = 0;
    for (let h = 1; h <= harmonics; h++) value += Math.sin((2 * Math.PI * h * hz * i) / RATE_HZ + h) / h;
    return amplitude * value;
  });
}

const power = (samples: Float32Array): number => samples.reduce((sum, x) => sum + x * x, 0) / samples.length;

/** The signal with white noise at a ratio to its power, in dB. */
export function inNoise(signal: Float32Array, snrDb: number, seed: number): Float32Array {
  const noise = seededNoise(seed);
  const added = signal.map(() => noise());
  const gain = Math.sqrt(power(signal) / power(added) / 10 ** (snrDb / 10));
  return signal.map((x, i) => x + gain * added[i]!);
}

/** The committed clip pitch-speech.wav: two sentences of espeak-ng, a male and a female voice, 16-bit mono at 16 kHz. */
export function readClip(path: string): Float32Array {
  const bytes = readFileSync(path);
  const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.byteLength));
  return Float32Array.from(samples, (x) => x / 32_768);
}

const pause: Stretch = { ms: 200, amplitude: 0.0005 };
const hiss: Stretch = { ms: 120, amplitude: 0.08 };

/** The sounds whose pitch Praat has measured, cut to one sample over a whole number of hops: then its frames are ours. */
export const goldenSignals: Readonly<Record<string, (clip: Float32Array) => Float32Array>> = {
  'rising vowel': () => cut(synthesise([pause, { ms: 1200, hz: [100, 300] }, pause])),
  'falling low voice': () => cut(synthesise([pause, { ms: 1200, hz: [180, 85] }, pause])),
  'high voice': () => cut(synthesise([pause, { ms: 900, hz: [300, 480] }, pause, { ms: 600, hz: [450, 320] }, pause])),
  vibrato: () => cut(synthesise([pause, { ms: 1200, hz: [220, 220], vibratoHz: 12 }, pause])),
  syllables: () =>
    cut(
      synthesise([
        pause,
        hiss,
        { ms: 180, hz: [140, 170] },
        hiss,
        { ms: 150, hz: [165, 120], amplitude: 0.15 },
        pause,
        { ms: 250, hz: [230, 260] },
        hiss,
        pause,
        { ms: 220, hz: [250, 180], amplitude: 0.08 },
        pause,
      ]),
    ),
  'vowel in white noise, 10 dB': () => cut(inNoise(synthesise([{ ms: 1500, hz: [120, 200] }]), 10, 5)),
  'espeak-ng': (clip) => cut(clip),
};

const cut = (samples: Float32Array): Float32Array => samples.subarray(0, Math.floor((samples.length - 1) / 160) * 160 + 1);

/** Tones in white noise, whose harmonics-to-noise ratio is known. */
export const harmonicityCases = [110, 180, 260].flatMap((hz) => [0, 5, 10, 20].map((snrDb) => ({ hz, snrDb })));
export const harmonicitySignal = ({ hz, snrDb }: { hz: number; snrDb: number }): Float32Array =>
  inNoise(tone(hz, 10, 2, 0.15), snrDb, 17 + hz + snrDb);
