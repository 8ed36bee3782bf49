import { UndertoneError } from '../errors.ts';
import {
  AUDIO_ENCODINGS,
  type AudioEncoding,
  type AudioFormat,
  MAX_CHANNELS,
  MAX_SAMPLE_RATE_HZ,
  MIN_SAMPLE_RATE_HZ,
} from './format.ts';

/** A format as a client or a file states it, not checked yet. */
export interface StatedFormat {
  readonly encoding: string;
  readonly sampleRateHz: number;
  readonly channels: number;
}

const isEncoding = (name: string): name is AudioEncoding => (AUDIO_ENCODINGS as readonly string[]).includes(name);

/**
 * The stated format, once it is known that the pipeline takes it. Edges call this; the core trusts what it returns.
 *
 * @throws unknown-encoding, rate-out-of-range, channels-out-of-range
 * @example
 * const format = checkedFormat({ encoding: 'mulaw', sampleRateHz: 8000, channels: 1 });
 */
export function checkedFormat(stated: StatedFormat): AudioFormat {
  const encoding = checkedEncoding(stated.encoding);
  const { sampleRateHz, channels } = stated;
  if (!isWholeBetween(sampleRateHz, MIN_SAMPLE_RATE_HZ, MAX_SAMPLE_RATE_HZ)) {
    throw new UndertoneError('rate-out-of-range', {
      value: sampleRateHz,
      min: MIN_SAMPLE_RATE_HZ,
      max: MAX_SAMPLE_RATE_HZ,
    });
  }
  checkedChannels(channels);
  return { encoding, sampleRateHz, channels };
}

/** @throws unknown-encoding */
export function checkedEncoding(encoding: string): AudioEncoding {
  if (isEncoding(encoding)) return encoding;
  throw new UndertoneError('unknown-encoding', { encoding, allowed: AUDIO_ENCODINGS.join(', ') });
}

/** @throws channels-out-of-range */
export function checkedChannels(channels: number): number {
  if (isWholeBetween(channels, 1, MAX_CHANNELS)) return channels;
  throw new UndertoneError('channels-out-of-range', { value: channels, min: 1, max: MAX_CHANNELS });
}

const isWholeBetween = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max;
