/** Encodings of interleaved audio that the pipeline takes, little-endian where a sample has more than one byte. */
export const AUDIO_ENCODINGS = ['pcm_s16le', 'pcm_s24le', 'pcm_f32le', 'mulaw', 'alaw'] as const;
export type AudioEncoding = (typeof AUDIO_ENCODINGS)[number];

/** How incoming audio is laid out. */
export interface AudioFormat {
  readonly encoding: AudioEncoding;
  /** Samples a second and channel, a whole number from 8,000 to 48,000. */
  readonly sampleRateHz: number;
  /** Interleaved channels, 1 to 8. */
  readonly channels: number;
}

export const MIN_SAMPLE_RATE_HZ = 8_000;
export const MAX_SAMPLE_RATE_HZ = 48_000;
export const MAX_CHANNELS = 8;

/** The rate that everything is resampled to before analysis. */
export const ANALYSIS_RATE_HZ = 16_000;
/** A hop: 10 ms. One row of low-level descriptors is computed per hop, at positions that are multiples of it. */
export const HOP_MS = 10;
export const HOP_SAMPLES = 160;
/** A spectral frame: the 25 ms that end with the hop. No descriptor looks past the end of its hop. */
export const FRAME_SAMPLES = 400;
/** The 40 ms that end with the hop: three periods at 75 Hz, what F0 needs. */
export const PITCH_FRAME_SAMPLES = 640;

const BYTES_PER_SAMPLE: Readonly<Record<AudioEncoding, number>> = {
  pcm_s16le: 2,
  pcm_s24le: 3,
  pcm_f32le: 4,
  mulaw: 1,
  alaw: 1,
};

/** Bytes of one sample of one channel. */
export function bytesPerSample(encoding: AudioEncoding): number {
  return BYTES_PER_SAMPLE[encoding];
}

/** Bytes of one sample of every channel. */
export function bytesPerSampleFrame(format: AudioFormat): number {
  return BYTES_PER_SAMPLE[format.encoding] * format.channels;
}
