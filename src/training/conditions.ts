import { ANALYSIS_RATE_HZ, type AudioFormat, encodeSamples, StreamingResampler } from '../audio/index.ts';
import { Random } from './random.ts';
import { convolve } from './speech-room.ts';
import { telephoneBand } from './telephone.ts';

/** What happens to a clip before it is heard. */
export interface Condition {
  readonly name: ConditionName;
  /** Played faster or slower by up to this share, which moves the pitch with it. */
  readonly speed?: number;
  /** Louder or softer by up to this many dB. */
  readonly gainDb?: number;
  /** Up to this much before the clip, so that windows cut it anywhere. */
  readonly leadMs?: number;
  /** Noise, at this many dB below the speech or somewhere between two such values. */
  readonly snrDb?: readonly [from: number, to: number];
  /** Which noises: those that may be trained with, or those kept for testing. */
  readonly noises?: 'training' | 'test';
  /** In a recorded room: one of those that may be trained with, or of those kept for testing. */
  readonly room?: 'training' | 'test';
  /** 300 to 3400 Hz, 8 kHz, μ-law. */
  readonly telephone?: boolean;
}

export const CONDITION_NAMES = [
  'clean',
  'phone',
  'noise-20',
  'noise-10',
  'noise-5',
  'room',
  'varied',
  'varied-noise',
  'varied-phone',
] as const;
export type ConditionName = (typeof CONDITION_NAMES)[number];

const VARIED = { speed: 0.08, gainDb: 12, leadMs: 500 } as const;

/** All conditions. The varied ones are trained with beside the clean; the others are what a model is measured in. */
export const conditions: Readonly<Record<ConditionName, Condition>> = {
  clean: { name: 'clean' },
  phone: { name: 'phone', telephone: true },
  'noise-20': { name: 'noise-20', snrDb: [20, 20], noises: 'test' },
  'noise-10': { name: 'noise-10', snrDb: [10, 10], noises: 'test' },
  'noise-5': { name: 'noise-5', snrDb: [5, 5], noises: 'test' },
  room: { name: 'room', room: 'test' },
  varied: { name: 'varied', ...VARIED },
  'varied-noise': { name: 'varied-noise', ...VARIED, snrDb: [3, 22], noises: 'training' },
  'varied-phone': { name: 'varied-phone', ...VARIED, telephone: true },
};

/** Audio as it would come over the wire. */
export interface WireAudio {
  readonly format: AudioFormat;
  readonly bytes: Uint8Array;
}

/** Noises, and impulse responses of rooms, at 16 kHz. */
export interface NoisePools {
  readonly training: readonly Float32Array[];
  readonly test: readonly Float32Array[];
  readonly rooms?: { readonly training: readonly Float32Array[]; readonly test: readonly Float32Array[] };
}

const LINEAR: AudioFormat = { encoding: 'pcm_f32le', sampleRateHz: ANALYSIS_RATE_HZ, channels: 1 };
const TELEPHONE: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 };

/**
 * A clip in a condition. The same seed gives the same audio.
 *
 * @param samples at 16 kHz.
 */
export function underCondition(
  samples: Float32Array,
  condition: Condition,
  noises: NoisePools,
  seed: string,
): WireAudio {
  const random = new Random(seed);
  let signal = samples;
  if (condition.speed !== undefined) signal = atSpeed(signal, 1 + random.between(-1, 1) * condition.speed);
  if (condition.leadMs !== undefined) signal = after(signal, random.between(0, condition.leadMs));
  if (condition.room !== undefined) {
    const rooms = noises.rooms?.[condition.room] ?? [];
    if (rooms.length > 0) signal = inRoom(signal, rooms[random.index(rooms.length)]!);
  }
  if (condition.snrDb !== undefined) {
    const pool = noises[condition.noises ?? 'training'];
    if (pool.length > 0) {
      signal = withNoise(signal, pool[random.index(pool.length)]!, random.between(...condition.snrDb), random);
    }
  }
  if (condition.gainDb !== undefined) signal = louder(signal, random.between(-1, 1) * condition.gainDb);
  if (!condition.telephone) return { format: LINEAR, bytes: encodeSamples(LINEAR, [signal]) };
  const narrow = new StreamingResampler(ANALYSIS_RATE_HZ, TELEPHONE.sampleRateHz);
  const band = telephoneBand(signal, ANALYSIS_RATE_HZ);
  const low = joined([narrow.push(band).slice(), narrow.flush().slice()]);
  return { format: TELEPHONE, bytes: encodeSamples(TELEPHONE, [low]) };
}

/** Faster than 1: shorter and higher. */
function atSpeed(samples: Float32Array, speed: number): Float32Array {
  // In steps of 1 %: each ratio has its own resampler table.
  const rate = Math.round(speed * 100) * (ANALYSIS_RATE_HZ / 100);
  const resampler = new StreamingResampler(rate, ANALYSIS_RATE_HZ);
  return joined([resampler.push(samples).slice(), resampler.flush().slice()]);
}

function after(samples: Float32Array, leadMs: number): Float32Array {
  const lead = Math.round((leadMs * ANALYSIS_RATE_HZ) / 1000);
  const out = new Float32Array(lead + samples.length);
  out.set(samples, lead);
  return out;
}

/** Longer tails than this are below what a microphone hears. */
const LONGEST_ROOM_SAMPLES = 2 * ANALYSIS_RATE_HZ;

/**
 * The clip as it sounds in a room: convolved with the room's impulse response from its direct sound on, which stays where it was,
 * and as loud on the whole as before.
 */
export function inRoom(samples: Float32Array, response: Float32Array): Float32Array {
  let direct = 0;
  for (let at = 1; at < response.length; at++) if (Math.abs(response[at]!) > Math.abs(response[direct]!)) direct = at;
  if (response.length === 0 || response[direct] === 0) return samples;
  const wet = convolve(samples, response.subarray(direct, direct + LONGEST_ROOM_SAMPLES));
  const gain = Math.sqrt(power(samples) / Math.max(power(wet), 1e-20));
  return wet.map((sample) => sample * gain);
}

/** Clipped at full scale, as a loud caller is. */
function louder(samples: Float32Array, gainDb: number): Float32Array {
  const gain = 10 ** (gainDb / 20);
  return samples.map((sample) => Math.max(-1, Math.min(1, sample * gain)));
}

/**
 * Adds noise from a random place of it on, looped, so that the mean power of the active speech is `snrDb` above the noise's.
 */
export function withNoise(samples: Float32Array, noise: Float32Array, snrDb: number, random: Random): Float32Array {
  const start = random.index(noise.length);
  const added = new Float32Array(samples.length);
  for (let index = 0, from = start; index < added.length; index++) {
    added[index] = noise[from]!;
    from = from + 1 < noise.length ? from + 1 : 0;
  }
  const noisePower = power(added);
  if (noisePower === 0) return samples;
  const scale = Math.sqrt(activePower(samples) / (noisePower * 10 ** (snrDb / 10)));
  return samples.map((sample, index) => Math.max(-1, Math.min(1, sample + scale * added[index]!)));
}

/** A frame counts as active within this of the loudest one. */
const ACTIVE_RANGE = 10 ** (-25 / 10);
const ACTIVE_FRAME = 320;

/** Mean power of the 20 ms frames that lie within 25 dB of the loudest: the speech without its pauses. */
export function activePower(samples: Float32Array): number {
  const frames: number[] = [];
  for (let at = 0; at < samples.length; at += ACTIVE_FRAME) {
    frames.push(power(samples.subarray(at, Math.min(samples.length, at + ACTIVE_FRAME))));
  }
  const loudest = frames.reduce((highest, frame) => Math.max(highest, frame), 0);
  const active = frames.filter((frame) => frame > loudest * ACTIVE_RANGE);
  return active.reduce((total, frame) => total + frame, 0) / Math.max(1, active.length);
}

function power(samples: Float32Array): number {
  let total = 0;
  for (const sample of samples) total += sample * sample;
  return total / Math.max(1, samples.length);
}

export function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
