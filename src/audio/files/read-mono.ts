import { StreamingResampler } from '../resampler.ts';
import { SampleDecoder } from '../sample-decoder.ts';
import { openRecording } from './recording.ts';

/**
 * A whole recording at 16 kHz, the mean of its channels, through the same decoder and resampler as live audio.
 *
 * @throws what `openRecording` and its chunks throw
 * @example
 * const samples = await readMono16k('clip.flac'); // Float32Array, full scale 1
 */
export async function readMono16k(path: string): Promise<Float32Array> {
  const recording = await openRecording(path);
  try {
    const decoder = new SampleDecoder(recording.format);
    const resampler = new StreamingResampler(recording.format.sampleRateHz);
    const parts: Float32Array[] = [];
    for await (const bytes of recording.chunks()) {
      const frames = decoder.push(bytes);
      parts.push(resampler.push(mean(decoder, frames)).slice());
    }
    parts.push(resampler.flush().slice());
    return joined(parts);
  } finally {
    await recording.close();
  }
}

/** Resampling is linear: the mean before it costs one resampler and gives the same. */
function mean(decoder: SampleDecoder, frames: number): Float32Array {
  const { channels } = decoder.format;
  if (channels === 1) return decoder.channel(0);
  const out = new Float32Array(frames);
  for (let channel = 0; channel < channels; channel++) {
    const samples = decoder.channel(channel);
    for (let i = 0; i < frames; i++) out[i]! += samples[i]! / channels;
  }
  return out;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
