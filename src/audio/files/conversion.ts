import { encodeSamples } from '../encode-samples.ts';
import type { AudioFormat } from '../format.ts';
import { StreamingResampler } from '../resampler.ts';
import { SampleDecoder } from '../sample-decoder.ts';

/**
 * Audio in one format as audio in another of the same channels, through the project's own decoder and resampler.
 *
 * @throws audio-not-finite
 */
export async function* converted(
  blocks: AsyncIterable<Uint8Array>,
  from: AudioFormat,
  to: AudioFormat,
): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = new SampleDecoder(from);
  const resamplers = Array.from(
    { length: from.channels },
    () => new StreamingResampler(from.sampleRateHz, to.sampleRateHz),
  );
  for await (const block of blocks) {
    decoder.push(block);
    const bytes = encodeSamples(
      to,
      resamplers.map((resampler, channel) => resampler.push(decoder.channel(channel))),
    );
    if (bytes.length > 0) yield bytes;
  }
  const last = encodeSamples(
    to,
    resamplers.map((resampler) => resampler.flush()),
  );
  if (last.length > 0) yield last;
}

/** The same bytes in chunks of exactly `chunkBytes`, but for the last. */
export async function* rechunked(
  blocks: AsyncIterable<Uint8Array>,
  chunkBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let rest = new Uint8Array(chunkBytes);
  let filled = 0;
  for await (const block of blocks) {
    let at = 0;
    while (at < block.length) {
      if (filled === 0 && block.length - at >= chunkBytes) {
        yield block.subarray(at, at + chunkBytes);
        at += chunkBytes;
        continue;
      }
      const count = Math.min(chunkBytes - filled, block.length - at);
      rest.set(block.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled < chunkBytes) continue;
      yield rest;
      rest = new Uint8Array(chunkBytes); // a chunk belongs to whoever took it
      filled = 0;
    }
  }
  if (filled > 0) yield rest.subarray(0, filled);
}
