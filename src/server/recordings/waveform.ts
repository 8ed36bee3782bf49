import { channelsOf, type PlacedReader } from './call-audio.ts';
import { CHUNK_BYTES } from './file-format.ts';
import { toPcm16 } from './pcm.ts';
import type { Waveform } from './types.ts';

const FULL_SCALE = 32_768;

/** Least and greatest of each bucket of one leg, as they grow. */
class Peaks {
  readonly #least: Int16Array;
  readonly #greatest: Int16Array;

  constructor(points: number) {
    this.#least = new Int16Array(points);
    this.#greatest = new Int16Array(points);
  }

  add(bucket: number, sample: number): void {
    if (sample < this.#least[bucket]!) this.#least[bucket] = sample;
    if (sample > this.#greatest[bucket]!) this.#greatest[bucket] = sample;
  }

  get list(): readonly (readonly [number, number])[] {
    return Array.from(this.#least, (least, bucket) => [scaled(least), scaled(this.#greatest[bucket]!)] as const);
  }
}

/** Of full scale, to four decimals: 16 bits drawn on a few hundred pixels. */
const scaled = (sample: number): number => Math.round((10_000 * sample) / FULL_SCALE) / 10_000;

/**
 * The waveform of every leg of a call, in buckets of equal length over the whole of it. Goes through the audio once, a chunk at a
 * time, and keeps no more than the peaks. Every bucket reaches to 0 at least: where there is no audio there is silence.
 */
export async function waveformOf(placed: readonly PlacedReader[], points: number): Promise<Waveform> {
  const durationMs = Math.max(
    0,
    ...placed.map(({ reader, offsetMs }) => offsetMs + (reader.index.samples * 1000) / reader.info.format.sampleRateHz),
  );
  const legs: Waveform['legs'][number][] = [];
  for (const one of placed) {
    const { reader, offsetMs } = one;
    const { streamId, format } = reader.info;
    const { sampleRateHz } = format;
    const channels = channelsOf(one);
    const peaks = channels.map(() => new Peaks(points));
    const perSample = durationMs === 0 ? 0 : (1000 / sampleRateHz / durationMs) * points;
    const first = durationMs === 0 ? 0 : (offsetMs / durationMs) * points;
    const block = new Int16Array(CHUNK_BYTES);
    for await (const { at, bytes } of reader.audio(0, reader.index.samples)) {
      const frames = toPcm16(format, bytes, channels, block, 0, channels.length);
      for (let frame = 0; frame < frames; frame += 1) {
        const bucket = Math.min(points - 1, Math.floor(first + (at + frame) * perSample));
        for (let index = 0; index < peaks.length; index += 1) {
          peaks[index]!.add(bucket, block[frame * peaks.length + index]!);
        }
      }
    }
    channels.forEach((channel, index) => {
      legs.push({ streamId, channel, peaks: peaks[index]!.list });
    });
  }
  return { durationMs, legs };
}
