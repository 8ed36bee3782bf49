/** A recording as the browser has decoded it. */
export interface Recording {
  readonly name: string;
  readonly sampleRateHz: number;
  readonly durationMs: number;
  /** By channel, −1 to 1. */
  readonly channels: readonly Float32Array[];
}

/** More channels than this the wire does not take. */
const MOST_CHANNELS = 8;
/** What the analysis hears at; anything above would be sent for nothing. */
const DECODED_AT_HZ = 16_000;
/** A browser holds all of a recording while it decodes it: an hour of stereo is 460 MB so. */
const MOST_BYTES = 250e6;

/** @throws Error with a sentence for whoever chose the file */
export async function decodeRecording(file: File): Promise<Recording> {
  if (file.size > MOST_BYTES) {
    throw new Error(
      `“${file.name}” is too large for a page (${Math.round(file.size / 1e6)} MB of ${MOST_BYTES / 1e6}). “undertone analyze” takes files of any length.`,
    );
  }
  let decoded: AudioBuffer;
  try {
    const context = new OfflineAudioContext(1, 1, DECODED_AT_HZ);
    decoded = await context.decodeAudioData(await file.arrayBuffer());
  } catch {
    throw new Error(`The browser cannot read “${file.name}” as audio. WAV, MP3, FLAC and Ogg work everywhere.`);
  }
  if (decoded.length === 0) throw new Error(`“${file.name}” holds no audio.`);
  const count = Math.min(decoded.numberOfChannels, MOST_CHANNELS);
  const channels = Array.from({ length: count }, (_, channel) => decoded.getChannelData(channel));
  // Many a mono recording comes as stereo: two equal sides would be analysed twice.
  const distinct = count === 2 && same(channels[0]!, channels[1]!) ? channels.slice(0, 1) : channels;
  return {
    name: file.name,
    sampleRateHz: decoded.sampleRate,
    durationMs: (1000 * decoded.length) / decoded.sampleRate,
    channels: distinct,
  };
}

const same = (a: Float32Array, b: Float32Array): boolean => a.every((value, at) => value === b[at]);

/** Samples −1 to 1 as 16-bit little-endian bytes, channels interleaved, from a sample to another. */
export function encodePcm16(channels: readonly Float32Array[], from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(2 * channels.length * (to - from));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (let n = from; n < to; n += 1) {
    for (const samples of channels) {
      const value = Math.max(-1, Math.min(1, samples[n]!));
      view.setInt16(at, Math.round(value < 0 ? value * 32_768 : value * 32_767), true);
      at += 2;
    }
  }
  return bytes;
}
