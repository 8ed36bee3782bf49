import { UndertoneError } from '../../errors.ts';
import { type AudioEncoding, type AudioFormat, MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ } from '../format.ts';
import { checkedChannels, checkedEncoding } from '../valid-format.ts';
import type { AudioSource } from './audio-source.ts';
import { ByteSource, READ_BYTES } from './byte-source.ts';
import { containerOf, SNIFF_BYTES } from './container.ts';
import { converted, rechunked } from './conversion.ts';
import { openWithFfmpeg } from './ffmpeg-source.ts';
import { openFlac } from './flac-source.ts';
import { openMp3 } from './mp3-source.ts';
import { openOggOpus, openOggVorbis } from './ogg-source.ts';
import { openWav } from './wav-source.ts';

/** A recorded file as what a client would send of it. */
export interface Recording {
  readonly path: string;
  readonly format: AudioFormat;
  /** Undefined when the file does not tell. */
  readonly durationMs?: number;
  /** What was wrong though the audio was read (file-truncated, file-damaged); final once `chunks` has ended. */
  readonly warning: UndertoneError | undefined;
  /**
   * The audio from its beginning, in chunks of exactly `chunkBytes` (the last is shorter; 64 KiB by default), which may
   * end inside a sample. May be called again.
   */
  chunks(chunkBytes?: number): AsyncIterable<Uint8Array>;
  /** Frees the file; call it whether the chunks were read or not. */
  close(): Promise<void>;
}

export interface RecordingOptions {
  /** Encode anew to this; by default the bytes stay as they are wherever the wire has their encoding. */
  readonly encoding?: AudioEncoding;
}

/**
 * Opens a recorded file, known by its content and not by its name. WAV is streamed from disk with its bytes untouched
 * (8-bit becomes `pcm_s16le`, 32-bit integers and doubles `pcm_f32le`); FLAC of up to 16 bits gives its exact integers;
 * MP3, Ogg Vorbis, Ogg Opus and deeper FLAC give `pcm_f32le`; the rest goes through `ffmpeg` when it is installed. Rates
 * below 8 or above 48 kHz are resampled to those.
 *
 * @throws file-missing, file-empty, file-unreadable, file-not-audio, file-truncated (a header that is cut),
 *   ffmpeg-missing, channels-out-of-range, rate-out-of-range (outside of 1 to 768 kHz), unknown-encoding; from `chunks` also file-damaged and audio-not-finite
 * @example
 * const recording = await openRecording('call.wav');
 * for await (const bytes of recording.chunks(320)) socket.send(bytes);
 * await recording.close();
 */
export async function openRecording(path: string, options: RecordingOptions = {}): Promise<Recording> {
  if (options.encoding !== undefined) checkedEncoding(options.encoding);
  const bytes = await ByteSource.open(path);
  try {
    const source = await openSource(bytes);
    checkedChannels(source.format.channels);
    requireUsualRate(source.format.sampleRateHz);
    return new FileRecording(bytes, source, wireFormat(source.format, options.encoding));
  } catch (thrown) {
    await bytes.close();
    throw thrown;
  }
}

async function openSource(bytes: ByteSource): Promise<AudioSource> {
  const head = await bytes.read(0, SNIFF_BYTES);
  const container = containerOf(head);
  switch (container) {
    case 'wav':
      return (await openWav(bytes)) ?? openWithFfmpeg(bytes.path);
    case 'flac':
    case 'ogg-flac':
      return openFlac(bytes, head, container === 'ogg-flac');
    case 'ogg-vorbis':
      return openOggVorbis(bytes, head);
    case 'ogg-opus':
      return openOggOpus(bytes, head);
    case 'mp3':
      return (await openMp3(bytes)) ?? openWithFfmpeg(bytes.path);
    case 'other':
      return openWithFfmpeg(bytes.path);
    case 'cut':
      throw new UndertoneError('file-truncated', { path: bytes.path, detail: 'its header is cut' });
    case 'unknown':
      return openUnknown(bytes.path);
  }
}

/** ffmpeg knows more than we do; but to install it for a file that is probably a text would be poor advice. */
async function openUnknown(path: string): Promise<AudioSource> {
  try {
    return await openWithFfmpeg(path);
  } catch (thrown) {
    if (!(thrown instanceof UndertoneError) || thrown.code !== 'ffmpeg-missing') throw thrown;
    throw new UndertoneError('file-not-audio', { path, detail: 'it begins like no audio file known here' });
  }
}

/** The rates of recorders; a header of 4 GHz or 1 Hz would make filters or audio that fill the memory. */
const MIN_FILE_RATE_HZ = 1000;
const MAX_FILE_RATE_HZ = 768_000;

function requireUsualRate(value: number): void {
  if (value >= MIN_FILE_RATE_HZ && value <= MAX_FILE_RATE_HZ) return;
  throw new UndertoneError('rate-out-of-range', { value, min: MIN_FILE_RATE_HZ, max: MAX_FILE_RATE_HZ });
}

function wireFormat(format: AudioFormat, asked: AudioEncoding | undefined): AudioFormat {
  const sampleRateHz = Math.max(MIN_SAMPLE_RATE_HZ, Math.min(MAX_SAMPLE_RATE_HZ, format.sampleRateHz));
  // Resampled audio has values between those of 8 or 16 bits.
  const kept = sampleRateHz === format.sampleRateHz ? format.encoding : 'pcm_f32le';
  return { encoding: asked ?? kept, sampleRateHz, channels: format.channels };
}

class FileRecording implements Recording {
  readonly path: string;
  readonly format: AudioFormat;
  readonly durationMs?: number;
  readonly #bytes: ByteSource;
  readonly #source: AudioSource;

  constructor(bytes: ByteSource, source: AudioSource, format: AudioFormat) {
    this.path = bytes.path;
    this.format = format;
    if (source.durationMs !== undefined) this.durationMs = source.durationMs;
    this.#bytes = bytes;
    this.#source = source;
  }

  get warning(): UndertoneError | undefined {
    return this.#source.warning;
  }

  chunks(chunkBytes: number = READ_BYTES): AsyncIterable<Uint8Array> {
    if (!Number.isInteger(chunkBytes) || chunkBytes < 1) {
      throw new RangeError(`A chunk of ${chunkBytes} bytes is not possible.`);
    }
    const { format } = this.#source;
    const same = format.encoding === this.format.encoding && format.sampleRateHz === this.format.sampleRateHz;
    const blocks = this.#source.blocks();
    return rechunked(same ? blocks : converted(blocks, format, this.format), chunkBytes);
  }

  async close(): Promise<void> {
    await this.#source.close();
    await this.#bytes.close();
  }
}
