import { encodeSamples, openRecording, SampleDecoder, StreamingResampler } from '../audio/index.ts';
import { UndertoneError } from '../errors.ts';
import { type DialectSimulator, type WireFormat, wireFrameBytes } from '../protocol/index.ts';

/** What one socket of a simulated platform carries. */
export interface SocketAudio {
  /** Channels of the recording, from 0. */
  readonly channels: readonly number[];
  readonly format: WireFormat;
  readonly audio: Uint8Array;
}

/** A recording in the format of a platform, all channels interleaved. */
export interface PlatformAudio {
  readonly format: WireFormat;
  /** Whether the platform carries all channels on one socket. */
  readonly together: boolean;
  readonly audio: Uint8Array;
  /** What is wrong with the recording, which is read all the same. */
  readonly warning?: UndertoneError;
}

/**
 * A recording as a platform sends it: in the format of the platform that is nearest to its own, on one socket for all channels
 * where the platform carries them so, else on one for each. It is read into memory.
 *
 * @throws UndertoneError what `openRecording` throws, `usage` where the platform carries fewer sides
 */
export async function readForPlatform(path: string, simulator: DialectSimulator): Promise<readonly SocketAudio[]> {
  const { format: whole, together, audio } = await readInFormatOf(path, simulator);
  const sides = range(whole.channels);
  if (together) return [{ channels: sides, format: whole, audio }];
  const format = { ...whole, channels: 1 };
  return sides.map((channel) => ({ channels: [channel], format, audio: sideOf(audio, whole, channel) }));
}

/** The same before it is divided among sockets. */
export async function readInFormatOf(path: string, simulator: DialectSimulator): Promise<PlatformAudio> {
  const plain = await openRecording(path);
  const { sampleRateHz, channels } = plain.format;
  const format = nearestFormat(simulator, plain.format);
  await plain.close();
  const same = format.sampleRateHz === sampleRateHz;
  // The bytes of a recording stay as they are wherever the platform sends such bytes.
  const recording = await openRecording(path, { encoding: same ? format.encoding : 'pcm_f32le' });
  try {
    const parts: Uint8Array[] = [];
    for await (const bytes of recording.chunks()) parts.push(bytes.slice());
    const whole = { ...format, channels };
    const audio = same
      ? Buffer.concat(parts)
      : resampled(parts, { ...whole, encoding: 'pcm_f32le', sampleRateHz }, whole);
    const { warning } = recording;
    return { format: whole, together: format.channels === channels, audio, ...(warning !== undefined && { warning }) };
  } finally {
    await recording.close();
  }
}

function nearestFormat({ name, formats }: DialectSimulator, wanted: WireFormat): WireFormat {
  const possible = formats.filter(({ channels }) => channels === wanted.channels || channels === 1);
  // The first are those that the platform sends most.
  const cost = ({ encoding, sampleRateHz, channels }: WireFormat, place: number): number =>
    (channels === wanted.channels ? 0 : 1e9) +
    // A lower rate loses what a higher one keeps.
    (sampleRateHz < wanted.sampleRateHz ? 1e6 : 0) +
    Math.abs(sampleRateHz - wanted.sampleRateHz) * 10 +
    (encoding === wanted.encoding ? 0 : 1) +
    place / 100;
  const [best] = possible
    .map((format, place) => ({ format, cost: cost(format, place) }))
    .sort((a, b) => a.cost - b.cost);
  if (best !== undefined) return best.format;
  throw new UndertoneError('usage', {
    detail: `The recording has ${wanted.channels} channels, more than ${name} carries.`,
  });
}

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

function resampled(parts: readonly Uint8Array[], from: WireFormat, to: WireFormat): Uint8Array {
  const decoder = new SampleDecoder(from);
  const resamplers = range(from.channels).map(() => new StreamingResampler(from.sampleRateHz, to.sampleRateHz));
  const out: Uint8Array[] = [];
  for (const part of parts) {
    decoder.push(part);
    out.push(
      encodeSamples(
        to,
        resamplers.map((resampler, channel) => resampler.push(decoder.channel(channel))),
      ),
    );
  }
  out.push(
    encodeSamples(
      to,
      resamplers.map((resampler) => resampler.flush()),
    ),
  );
  return Buffer.concat(out);
}

/** One channel of interleaved audio. */
function sideOf(bytes: Uint8Array, format: WireFormat, channel: number): Uint8Array {
  const frame = wireFrameBytes(format);
  const width = frame / format.channels;
  const out = new Uint8Array(Math.floor(bytes.length / frame) * width);
  for (let from = channel * width, to = 0; to < out.length; from += frame, to += width) {
    out.set(bytes.subarray(from, from + width), to);
  }
  return out;
}
