import { mkdirSync, mkdtempSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSamples, wavHeader } from '../../src/audio/index.ts';
import { Random } from '../../src/training/random.ts';

const RATE = 16_000;
/** F1, F2, F3 in Hz of five vowels: Peterson and Barney 1952, men. */
const VOWELS = [
  [270, 2290, 3010],
  [530, 1840, 2480],
  [730, 1090, 2440],
  [570, 840, 2410],
  [300, 870, 2240],
] as const;

interface Manner {
  readonly pitch: number;
  readonly movement: number;
  readonly syllablesPerSecond: number;
  readonly gain: number;
}

/** How an emotion of the made-up speakers sounds: pitch and its movement, pace and loudness. */
const MANNERS: Readonly<Record<string, Manner>> = {
  '03': { pitch: 1.35, movement: 0.25, syllablesPerSecond: 5.5, gain: 0.5 }, // happy
  '04': { pitch: 0.85, movement: 0.04, syllablesPerSecond: 2.5, gain: 0.2 }, // sad
  '05': { pitch: 1.15, movement: 0.1, syllablesPerSecond: 6, gain: 0.9 }, // angry
};

/** A second of sound that a speech detector takes for a voice: a glottal buzz through three formants, and hisses between. */
export function voiceLike(seconds: number, hz: number, manner: Manner, random: Random): Float32Array {
  const out = new Float32Array(Math.round(seconds * RATE));
  const state = new Float64Array(6);
  let phase = 0;
  let vowel: readonly number[] = VOWELS[0];
  let accent = 1;
  let lastSyllable = -1;
  for (let n = 0; n < out.length; n++) {
    const t = n / RATE;
    const syllable = Math.floor(t * manner.syllablesPerSecond);
    const within = t * manner.syllablesPerSecond - syllable;
    if (syllable !== lastSyllable) {
      vowel = VOWELS[random.index(VOWELS.length)]!;
      accent = 1 + manner.movement * random.normal();
      lastSyllable = syllable;
    }
    const f0 = hz * manner.pitch * Math.max(0.6, accent) * (1 - 0.1 * (t / seconds)) * (1 + 0.01 * random.normal());
    phase += f0 / RATE;
    const pulse = phase >= 1 ? 1 : 0;
    phase %= 1;
    const voiced = within < 0.75;
    let sound = (voiced ? pulse : 0) + (voiced ? 0.01 : 0.08) * random.normal();
    vowel.forEach((formant, index) => {
      // A two-pole resonator of 80 Hz bandwidth.
      const radius = Math.exp((-Math.PI * 80) / RATE);
      const y =
        sound +
        2 * radius * Math.cos((2 * Math.PI * formant) / RATE) * state[2 * index]! -
        radius * radius * state[2 * index + 1]!;
      state[2 * index + 1] = state[2 * index]!;
      state[2 * index] = y;
      sound = y * (1 - radius) * 2;
    });
    const envelope = voiced ? Math.sin((Math.PI * within) / 0.75) ** 0.5 : 0.4;
    out[n] = sound * envelope;
  }
  const peak = out.reduce((highest, value) => Math.max(highest, Math.abs(value)), 1e-9);
  return out.map((value) => (manner.gain * value) / peak);
}

/** Writes a folder of made-up clips with RAVDESS's names: `actors` speakers from `first` on, three emotions, `repetitions` clips of each. */
export async function syntheticRavdess(actors: number, repetitions: number, first = 1): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-corpus-'));
  const format = { encoding: 'pcm_s16le', sampleRateHz: RATE, channels: 1 } as const;
  for (let actor = first; actor < first + actors; actor++) {
    const name = String(actor).padStart(2, '0');
    const random = new Random(`actor ${name}`);
    const hz = (actor % 2 === 1 ? 110 : 190) * random.between(0.9, 1.1);
    const home = join(folder, `Actor_${name}`);
    mkdirSync(home);
    for (const [emotion, manner] of Object.entries(MANNERS)) {
      for (let repetition = 0; repetition < repetitions; repetition++) {
        const audio = encodeSamples(format, [voiceLike(2, hz, manner, random)]);
        const file = `03-01-${emotion}-01-0${1 + (repetition % 2)}-0${1 + (repetition >> 1)}-${name}.wav`;
        await writeFile(join(home, file), Buffer.concat([wavHeader(format, audio.length), audio]));
      }
    }
  }
  return folder;
}
