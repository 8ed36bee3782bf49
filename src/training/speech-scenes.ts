import { ANALYSIS_RATE_HZ, HOP_SAMPLES, linearToMulaw, mulawToLinear, StreamingResampler } from '../audio/index.ts';
import type { Random } from './random.ts';
import { speechActivity } from './speech-activity.ts';
import { convolve } from './speech-room.ts';
import { SYNTHETIC_KINDS, type SyntheticKind, synthesize } from './speech-synthesis.ts';

/** Some seconds of a line, and for each of its hops whether it holds speech (`Activity`). */
export interface Scene {
  readonly samples: Float32Array;
  readonly activity: Uint8Array;
}

/** 16 kHz recordings. */
export interface SceneSources {
  /** Clean clips, by speaker or corpus: a scene's clips come from one of them. */
  readonly speech: readonly (readonly Float32Array[])[];
  readonly noises: readonly Float32Array[];
  readonly rooms: readonly Float32Array[];
}

const LONGEST_ROOM = 4000;
const KIND_WEIGHTS: Readonly<Record<SyntheticKind, number>> = { music: 5, tones: 2, hiss: 1, hum: 1, clicks: 1 };

/** Clips of one voice with pauses, clean or in noise, at any gain, over any line; sometimes after music or a tone. */
export function speechScene(sources: SceneSources, random: Random): Scene {
  const voice = sources.speech[random.index(sources.speech.length)]!;
  const parts: Scene[] = [];
  if (random.next() < 0.3) parts.push(pause(random.between(0.1, 3)));
  for (let seconds = 0; seconds < 7; ) {
    const samples = scaledTo(voice[random.index(voice.length)]!, 0.3);
    parts.push(
      { samples, activity: speechActivity(samples) },
      pause(random.between(0.05, random.next() < 0.5 ? 0.5 : 3)),
    );
    seconds += samples.length / ANALYSIS_RATE_HZ;
  }
  const clean = joined(parts);
  const samples = random.next() < 0.25 ? inRoom(clean.samples, sources, random) : clean.samples;
  if (random.next() < 0.7) mixInto(samples, anyNoise(sources, samples.length, random), random.between(0, 30));
  const before =
    random.next() < 0.25
      ? [{ samples: withoutSpeech(sources, random.between(1, 5), random), activity: undefined }]
      : [];
  const scene = joined([...before.map(quiet), { samples, activity: clean.activity }]);
  return { samples: overLine(scene.samples, random), activity: scene.activity };
}

/** Recorded or made noise, music, tones. */
export function noiseScene(sources: SceneSources, random: Random, seconds = 10): Scene {
  const samples = withoutSpeech(sources, seconds, random);
  return quiet({ samples: overLine(samples, random) });
}

function withoutSpeech(sources: SceneSources, seconds: number, random: Random): Float32Array {
  const length = Math.round(seconds * ANALYSIS_RATE_HZ);
  let samples = anyNoise(sources, length, random);
  if (random.next() < 0.15) samples = inRoom(samples, sources, random);
  if (random.next() < 0.25) mixInto(samples, anyNoise(sources, length, random), random.between(0, 20));
  return scaledTo(samples, 0.3);
}

const quiet = ({ samples }: { readonly samples: Float32Array }): Scene => ({
  samples,
  activity: new Uint8Array(Math.floor(samples.length / HOP_SAMPLES)),
});
const pause = (seconds: number): Scene => quiet({ samples: new Float32Array(Math.round(seconds * 100) * HOP_SAMPLES) });

/** Whole hops of each part. */
function joined(parts: readonly Scene[]): Scene {
  const hops = parts.reduce((sum, { activity }) => sum + activity.length, 0);
  const samples = new Float32Array(hops * HOP_SAMPLES);
  const activity = new Uint8Array(hops);
  let hop = 0;
  for (const part of parts) {
    samples.set(part.samples.subarray(0, part.activity.length * HOP_SAMPLES), hop * HOP_SAMPLES);
    activity.set(part.activity, hop);
    hop += part.activity.length;
  }
  return { samples, activity };
}

function scaledTo(samples: Float32Array, peak: number): Float32Array {
  let highest = 1e-6;
  for (const x of samples) highest = Math.max(highest, Math.abs(x));
  return samples.map((x) => (x * peak) / highest);
}

/** A stretch of a recording, from anywhere, round and round where it is short; or something synthetic. */
function anyNoise({ noises }: SceneSources, length: number, random: Random): Float32Array {
  if (noises.length === 0 || random.next() < 0.3)
    return synthesize(weightedKind(random), length / ANALYSIS_RATE_HZ, random);
  const noise = noises[random.index(noises.length)]!;
  const from = random.index(noise.length);
  return Float32Array.from({ length }, (_, i) => noise[(from + i) % noise.length]!);
}

function weightedKind(random: Random): SyntheticKind {
  let left = random.next() * SYNTHETIC_KINDS.reduce((sum, kind) => sum + KIND_WEIGHTS[kind], 0);
  for (const kind of SYNTHETIC_KINDS) {
    left -= KIND_WEIGHTS[kind];
    if (left < 0) return kind;
  }
  return 'music';
}

const power = (samples: Float32Array): number => samples.reduce((sum, x) => sum + x * x, 0) / samples.length;

/** Adds a noise at a ratio to the power of the signal's loud hops (the mean over those within 20 dB of the loudest). */
function mixInto(samples: Float32Array, noise: Float32Array, ratioDb: number): void {
  const powers = Array.from({ length: Math.floor(samples.length / HOP_SAMPLES) }, (_, hop) =>
    power(samples.subarray(hop * HOP_SAMPLES, (hop + 1) * HOP_SAMPLES)),
  );
  const loudest = Math.max(...powers);
  const loud = powers.filter((value) => value > loudest / 100);
  // A stretch between the beeps of a tone is digital silence: there is nothing to be louder than.
  const wanted = loud.reduce((sum, value) => sum + value, 0) / Math.max(1, loud.length) / 10 ** (ratioDb / 10);
  const gain = Math.sqrt(wanted / (power(noise) + 1e-12));
  for (let i = 0; i < samples.length; i++) samples[i]! += gain * noise[i]!;
}

/** The reverberation of a recorded room, the direct sound staying where it was. */
function inRoom(samples: Float32Array, { rooms }: SceneSources, random: Random): Float32Array {
  if (rooms.length === 0) return samples;
  const room = rooms[random.index(rooms.length)]!;
  let direct = 0;
  for (let i = 0; i < room.length; i++) if (Math.abs(room[i]!) > Math.abs(room[direct]!)) direct = i;
  const response = room.subarray(direct, direct + LONGEST_ROOM);
  return scaledTo(convolve(samples, response), 0.3);
}

/** Any gain, sometimes the telephone's band and companding, always 16 bits. */
function overLine(samples: Float32Array, random: Random): Float32Array {
  const gain = 10 ** (random.between(-30, 10) / 20);
  const scaled = samples.map((x) => Math.max(-1, Math.min(1, gain * x)));
  const line = random.next() < 0.4 ? overTelephone(scaled) : scaled;
  return line.map((x) => Math.round(32768 * x) / 32768);
}

/** 8 kHz μ-law and back. */
export function overTelephone(samples: Float32Array): Float32Array {
  const narrow = resampled(samples, ANALYSIS_RATE_HZ, 8000);
  const companded = narrow.map(
    (x) => mulawToLinear(linearToMulaw(Math.round(Math.max(-1, Math.min(1, x)) * 32767))) / 32768,
  );
  return resampled(companded, 8000, ANALYSIS_RATE_HZ).subarray(0, samples.length);
}

export function resampled(samples: Float32Array, fromHz: number, toHz: number): Float32Array {
  const resampler = new StreamingResampler(fromHz, toHz);
  const first = resampler.push(samples).slice();
  const rest = resampler.flush();
  const out = new Float32Array(first.length + rest.length);
  out.set(first);
  out.set(rest, first.length);
  return out;
}
