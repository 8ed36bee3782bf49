import { type AudioFormat, encodeSamples } from '../../src/audio/index.ts';

/**
 * Audio that moves like speech: bursts of a harmonic sound with a gliding pitch between pauses, another on every channel.
 * Plain arithmetic, so the same everywhere.
 */
export function babble(format: AudioFormat, seconds: number): Uint8Array {
  const length = Math.round(seconds * format.sampleRateHz);
  const channels = Array.from({ length: format.channels }, (_, channel) => voice(length, format.sampleRateHz, channel));
  return encodeSamples(format, channels);
}

/** One voice at a rate, −1 to 1. */
export function voice(length: number, sampleRateHz: number, index: number): Float32Array {
  const samples = new Float32Array(length);
  let phase = 0;
  for (let n = 0; n < length; n += 1) {
    const t = n / sampleRateHz;
    const hz = 120 + 60 * index + 30 * Math.sin(2 * Math.PI * 0.7 * t);
    phase += (2 * Math.PI * hz) / sampleRateHz;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 3.1 * t + index));
    const talking = Math.sin(2 * Math.PI * 0.4 * t + 2 * index) > -0.5 ? 1 : 0;
    let sum = 0;
    for (let harmonic = 1; harmonic <= 12; harmonic += 1) sum += Math.sin(harmonic * phase) / harmonic;
    samples[n] = 0.2 * talking * syllable * sum;
  }
  return samples;
}
