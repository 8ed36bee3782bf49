import { ANALYSIS_RATE_HZ as RATE } from '../audio/index.ts';
import type { Random } from './random.ts';

/** What a line carries that is neither voice nor a recorded noise: made here, so that training needs no recordings of it. */
export const SYNTHETIC_KINDS = ['music', 'tones', 'hiss', 'hum', 'clicks'] as const;
export type SyntheticKind = (typeof SYNTHETIC_KINDS)[number];

/** @returns `seconds` of it at 16 kHz, its peak at most 0.5 */
export function synthesize(kind: SyntheticKind, seconds: number, random: Random): Float32Array {
  const signal = new Float32Array(Math.round(seconds * RATE));
  const write = { music, tones, hiss, hum, clicks }[kind];
  write(signal, random);
  let peak = 1e-9;
  for (const x of signal) peak = Math.max(peak, Math.abs(x));
  return signal.map((x) => (0.5 * x) / peak);
}

const pick = <T>(values: readonly T[], random: Random): T => values[random.index(values.length)]!;
const hzOf = (semitone: number): number => 440 * 2 ** ((semitone - 69) / 12);

const SCALES = [
  [0, 2, 4, 5, 7, 9, 11],
  [0, 2, 3, 5, 7, 8, 10],
  [0, 2, 4, 7, 9],
  [0, 3, 5, 7, 10],
] as const;
const PROGRESSIONS = [
  [0, 3, 4, 0],
  [0, 5, 3, 4],
  [0, 4, 5, 3],
  [1, 4, 0, 0],
  [0, 0, 3, 4],
] as const;

interface Instrument {
  /** One period, 1024 samples. */
  readonly wave: Float32Array;
  readonly attackS: number;
  /** Time constant of the decay; infinite for an organ or a string. */
  readonly decayS: number;
  readonly releaseS: number;
  readonly vibratoSemitones: number;
  readonly vibratoHz: number;
  readonly detune: number;
}

function instrument(random: Random): Instrument {
  const wave = new Float32Array(1024);
  const roll = random.between(0.6, 2.5);
  const formant = random.between(1, 9);
  const odd = random.next() < 0.25;
  for (let harmonic = 1; harmonic <= 20; harmonic++) {
    if (odd && harmonic % 2 === 0) continue;
    const bump = random.next() < 0.5 ? 1 : 1 + 3 * Math.exp(-((harmonic - formant) ** 2) / 3);
    const amplitude = (bump * random.between(0.3, 1)) / harmonic ** roll;
    const phase = random.between(0, 2 * Math.PI);
    for (let i = 0; i < 1024; i++) wave[i]! += amplitude * Math.sin((2 * Math.PI * harmonic * i) / 1024 + phase);
  }
  const plucked = random.next() < 0.5;
  return {
    wave,
    attackS: plucked ? random.between(0.002, 0.01) : random.between(0.02, 0.3),
    decayS: plucked ? random.between(0.15, 1.2) : Number.POSITIVE_INFINITY,
    releaseS: random.between(0.02, 0.3),
    vibratoSemitones: random.next() < 0.35 ? random.between(0.05, 0.4) : 0,
    vibratoHz: random.between(4, 7),
    detune: random.next() < 0.4 ? random.between(0.001, 0.006) : 0,
  };
}

function playNote(
  signal: Float32Array,
  { wave, attackS, decayS, releaseS, vibratoSemitones, vibratoHz, detune }: Instrument,
  semitone: number,
  startS: number,
  lengthS: number,
  gain: number,
): void {
  const hz = hzOf(semitone);
  const end = Math.min(signal.length, Math.round((startS + lengthS + releaseS) * RATE));
  let phase = 0;
  let other = 0;
  for (let i = Math.round(startS * RATE); i < end; i++) {
    const t = i / RATE - startS;
    const bend = vibratoSemitones === 0 ? 1 : 2 ** ((vibratoSemitones * Math.sin(2 * Math.PI * vibratoHz * t)) / 12);
    phase = (phase + (1024 * hz * bend) / RATE) % 1024;
    let value = wave[Math.floor(phase)]!;
    if (detune > 0) {
      other = (other + (1024 * hz * bend * (1 + detune)) / RATE) % 1024;
      value = 0.6 * (value + wave[Math.floor(other)]!);
    }
    const rise = Math.min(1, t / attackS);
    const fall = t < lengthS ? 1 : Math.max(0, 1 - (t - lengthS) / releaseS);
    signal[i]! += gain * value * rise * fall * Math.exp(-t / decayS);
  }
}

/** A tempo, a key, a progression of chords; some of: pad, arpeggio, melody, bass, drums. No voice. */
function music(signal: Float32Array, random: Random): void {
  const beatS = 60 / random.between(60, 160);
  const scale = pick(SCALES, random);
  const progression = pick(PROGRESSIONS, random);
  const root = 48 + random.index(12);
  const beats = Math.ceil(signal.length / RATE / beatS);
  const degree = (step: number): number =>
    root + scale[((step % scale.length) + scale.length) % scale.length]! + 12 * Math.floor(step / scale.length);
  const chordAt = (beat: number): number => progression[Math.floor(beat / 4) % progression.length]!;
  const parts = { pad: 0.6, arpeggio: 0.5, melody: 0.65, bass: 0.6, drums: 0.5 };
  const has = (part: keyof typeof parts): boolean => random.next() < parts[part];
  const gain = (): number => random.between(0.2, 1);
  const melodyAlone = !has('pad');
  if (!melodyAlone) {
    const voice = instrument(random);
    const level = gain();
    for (let beat = 0; beat < beats; beat += 4) {
      for (const tone of [0, 2, 4])
        playNote(signal, voice, degree(chordAt(beat) + tone), beat * beatS, 4 * beatS, level);
    }
  }
  if (has('arpeggio')) {
    const voice = instrument(random);
    const level = gain();
    const perBeat = pick([1, 2, 4], random);
    const pattern = [0, 2, 4, pick([2, 5, 7], random)];
    for (let note = 0; note < beats * perBeat; note++) {
      const step = chordAt(note / perBeat) + pattern[note % 4]!;
      playNote(signal, voice, degree(step) + 12, (note * beatS) / perBeat, beatS / perBeat, level);
    }
  }
  if (melodyAlone || has('melody')) {
    const voice = instrument(random);
    const level = 1.3 * gain();
    let step = 7;
    for (let beat = 0; beat < beats; ) {
      const length = pick([0.5, 0.5, 1, 1, 1.5, 2], random);
      step = Math.max(0, Math.min(16, step + random.index(7) - 3));
      if (random.next() < 0.85) playNote(signal, voice, degree(step), beat * beatS, 0.9 * length * beatS, level);
      beat += length;
    }
  }
  if (has('bass')) {
    const voice = instrument(random);
    const level = gain();
    for (let beat = 0; beat < beats; beat++)
      playNote(signal, voice, degree(chordAt(beat)) - 24, beat * beatS, 0.8 * beatS, level);
  }
  if (has('drums')) drums(signal, beatS, beats, random);
}

function drums(signal: Float32Array, beatS: number, beats: number, random: Random): void {
  const level = random.between(0.2, 1.5);
  const hatDecay = random.between(0.01, 0.06);
  for (let half = 0; half < beats * 2; half++) {
    const start = Math.round((half * beatS * RATE) / 2);
    const onBeat = half % 2 === 0;
    const kick = onBeat && half % 4 === 0;
    const snare = onBeat && half % 4 === 2;
    for (let i = 0; i < 0.3 * RATE && start + i < signal.length; i++) {
      const t = i / RATE;
      let value = 0.3 * random.normal() * Math.exp(-t / hatDecay);
      if (kick) value += 2 * Math.sin(2 * Math.PI * (45 * t + 6 * (1 - Math.exp(-t / 0.03)))) * Math.exp(-t / 0.1);
      if (snare) value += random.normal() * Math.exp(-t / 0.08);
      signal[start + i]! += level * value;
    }
  }
}

/** Hz of the tone's partials, seconds on, seconds off. */
interface Cadence {
  readonly hz: readonly number[];
  readonly on: number;
  readonly off: number;
}

const DTMF_LOW = [697, 770, 852, 941] as const;
const DTMF_HIGH = [1209, 1336, 1477, 1633] as const;

/** Ring-back, busy, dial tone of several countries, DTMF, beeps, sweeps (ITU-T E.180 and Q.23). */
function tones(signal: Float32Array, random: Random): void {
  const kind = random.index(6);
  if (kind === 0) {
    const on = random.between(0.05, 0.3);
    const off = random.between(0.05, 0.6);
    for (let t = 0; t < signal.length / RATE; t += on + off) {
      cadence(signal, { hz: [pick(DTMF_LOW, random), pick(DTMF_HIGH, random)], on, off: Number.POSITIVE_INFINITY }, t);
    }
  } else if (kind === 1) {
    const from = random.between(100, 2000);
    const to = random.between(100, 4000);
    let phase = 0;
    for (let i = 0; i < signal.length; i++) {
      const share = ((i / RATE) % 2) / 2;
      phase += (2 * Math.PI * (from + (to - from) * share)) / RATE;
      signal[i] = Math.sin(phase);
    }
  } else if (kind === 2) {
    const hz = random.between(80, 3000);
    const harmonics = Array.from({ length: 1 + random.index(6) }, (_, index) => hz * (index + 1));
    cadence(signal, { hz: harmonics, on: random.between(0.05, 2), off: random.between(0.05, 2) }, 0);
  } else {
    const cadences: readonly Cadence[] = [
      { hz: [440, 480], on: 2, off: 4 },
      { hz: [425], on: 1, off: 4 },
      { hz: [400, 450], on: 0.4, off: 0.2 },
      { hz: [480, 620], on: 0.5, off: 0.5 },
      { hz: [425], on: 0.5, off: 0.5 },
      { hz: [425], on: 0.24, off: 0.24 },
      { hz: [350, 440], on: 100, off: 0 },
      { hz: [1000], on: 100, off: 0 },
      { hz: [1400], on: 0.5, off: 10 },
    ];
    cadence(signal, pick(cadences, random), random.between(-2, 0));
  }
}

function cadence(signal: Float32Array, { hz, on, off }: Cadence, startS: number): void {
  for (let i = Math.max(0, Math.round(startS * RATE)); i < signal.length; i++) {
    const t = i / RATE - startS;
    const within = off === Number.POSITIVE_INFINITY ? t : t % (on + off);
    if (within >= on) {
      if (off === Number.POSITIVE_INFINITY) return;
      continue;
    }
    const edge = Math.min(1, within / 0.003, (on - within) / 0.003);
    for (const f of hz) signal[i]! += (edge * Math.sin(2 * Math.PI * f * t)) / hz.length;
  }
}

/** White to brown noise, steady or slowly swelling. */
function hiss(signal: Float32Array, random: Random): void {
  const pole = random.next() < 0.3 ? 0 : random.between(0.3, 0.99);
  const swell = random.between(0, 0.9);
  const swellHz = random.between(0.05, 1.5);
  let low = 0;
  for (let i = 0; i < signal.length; i++) {
    low = pole * low + random.normal();
    signal[i] = low * (1 + swell * Math.sin((2 * Math.PI * swellHz * i) / RATE));
  }
}

/** Mains hum, fans and engines: harmonics of a steady pitch in hiss. */
function hum(signal: Float32Array, random: Random): void {
  hiss(signal, random);
  const hz = random.next() < 0.5 ? pick([50, 60, 100, 120], random) : random.between(20, 250);
  const strength = random.between(0.3, 4);
  const throb = random.between(0, 0.8);
  const throbHz = random.between(2, 15);
  for (let harmonic = 1; harmonic <= 1 + random.index(20); harmonic++) {
    const amplitude = (strength * random.between(0.2, 1)) / Math.sqrt(harmonic);
    const phase = random.between(0, 6);
    for (let i = 0; i < signal.length; i++) {
      const t = i / RATE;
      signal[i]! +=
        amplitude *
        (1 + throb * Math.sin(2 * Math.PI * throbHz * t)) *
        Math.sin(2 * Math.PI * hz * harmonic * t + phase);
    }
  }
}

/** Keys, knocks and crackle, regular or not, over a quiet hiss. */
function clicks(signal: Float32Array, random: Random): void {
  const everyS = random.between(0.08, 1);
  const jitter = random.next() < 0.4 ? 0 : random.between(0.2, 0.9);
  const floor = random.between(0, 0.02);
  for (let i = 0; i < signal.length; i++) signal[i] = floor * random.normal();
  for (
    let t = random.between(0, everyS);
    t < signal.length / RATE;
    t += everyS * (1 + jitter * (2 * random.next() - 1))
  ) {
    const hz = random.between(150, 4000);
    const decayS = random.between(0.002, 0.05);
    const noisiness = random.next();
    const level = random.between(0.2, 1);
    const start = Math.round(t * RATE);
    for (let i = 0; i < 0.2 * RATE && start + i < signal.length; i++) {
      const s = i / RATE;
      const body = noisiness * random.normal() + (1 - noisiness) * Math.sin(2 * Math.PI * hz * s);
      signal[start + i]! += level * body * Math.exp(-s / decayS);
    }
  }
}
