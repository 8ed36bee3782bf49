import type { AnalysisSettings } from './events.ts';

/** The WebSocket subprotocol of wire protocol version 1. */
export const SUBPROTOCOL = 'undertone.v1';

/** Encodings of interleaved audio, little-endian where a sample has more than one byte. */
export const WIRE_ENCODINGS = ['pcm_s16le', 'pcm_s24le', 'pcm_f32le', 'mulaw', 'alaw'] as const;
export type WireEncoding = (typeof WIRE_ENCODINGS)[number];

/** How the audio of a stream is laid out. */
export interface WireFormat {
  readonly encoding: WireEncoding;
  /** Samples a second and channel, a whole number from 8,000 to 48,000. */
  readonly sampleRateHz: number;
  /** Interleaved channels, 1 to 8. */
  readonly channels: number;
}

const ENCODING_BYTES: Readonly<Record<WireEncoding, number>> = {
  pcm_s16le: 2,
  pcm_s24le: 3,
  pcm_f32le: 4,
  mulaw: 1,
  alaw: 1,
};

/** Bytes of one sample of every channel. */
export function wireFrameBytes(format: WireFormat): number {
  return ENCODING_BYTES[format.encoding] * format.channels;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

export const RATE_HZ: Range = { min: 8_000, max: 48_000 };
export const CHANNELS: Range = { min: 1, max: 8 };

/** Bytes of one message, audio or text. */
export const MAX_MESSAGE_BYTES = 1_048_576;
/** Bytes of one text message: metadata and every name at their limits fit many times over. */
export const MAX_TEXT_BYTES = 65_536;
/** Bytes of `metadata` as JSON. */
export const MAX_METADATA_BYTES = 4_096;
/** Code points of an id or a name. */
export const MAX_NAME_LENGTH = 128;
export const MAX_DESCRIPTORS = 32;

/** What a start message may ask for, and what holds where it asks for nothing. */
export interface AnalysisLimits {
  /** In force where `start.analysis` says nothing: the model's manifest, overlaid by the server's options. */
  readonly defaults: AnalysisSettings;
  readonly windowMs: Range;
  /** A step is at most its window. */
  readonly minStepMs: number;
  /** The descriptors that may be asked for by name; any well-formed name where it is left out. */
  readonly descriptors?: readonly string[];
}

export const DEFAULT_ANALYSIS_LIMITS: AnalysisLimits = {
  defaults: { windowMs: 3_000, stepMs: 500, descriptors: [] },
  windowMs: { min: 500, max: 30_000 },
  minStepMs: 100,
};
