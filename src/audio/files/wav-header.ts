import { UndertoneError } from '../../errors.ts';
import { type AudioFormat, bytesPerSample } from '../format.ts';

/** Bytes that can be read where one wants: a file, or the first bytes of one in memory. */
export interface ReadableBytes {
  readonly path: string;
  readonly length: number;
  read(position: number, length: number): Promise<Uint8Array>;
}

/** How a WAV file holds its samples. */
export interface WavHeader {
  /** WAVE_FORMAT tag: 1 integer, 3 float, 6 A-law, 7 μ-law; that of the sub-format when the file is extensible. */
  readonly tag: number;
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly bitsPerSample: number;
  /** Bytes of one sample of every channel. */
  readonly frameBytes: number;
  /** Where the audio is in the file: whole sample frames. */
  readonly dataStart: number;
  readonly dataEnd: number;
  /** The header promises more audio than the file holds. */
  readonly truncated: boolean;
}

const NO_AUDIO = 'it has a WAV header but no audio';
/** `RIFF`, a size, `WAVE`. */
const RIFF_HEADER_BYTES = 12;
const EXTENSIBLE = 0xfffe;
/** Writers that cannot go back leave a size of 0 or nearly 2 or 4 GiB (SoX 0x7ffff000, ffmpeg 0xffffffff). */
const STREAMED_FROM = 0x7ffff000;
/** Chunks before the audio that are looked at; a file of thousands is no recording. */
const MAX_CHUNKS = 1000;

const fourCharacters = (bytes: Uint8Array, at: number): string =>
  String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0);
const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Reads the chunks up to the audio. RIFF/WAVE (Microsoft and IBM, "Multimedia Programming Interface and Data
 * Specifications 1.0", 1991; WAVEFORMATEXTENSIBLE) and RF64/BW64 (ITU-R BS.2088) with 64-bit sizes.
 *
 * @throws file-truncated when the header is cut, file-not-audio when it makes no sense, file-empty without a sample
 */
export async function readWavHeader(source: ReadableBytes): Promise<WavHeader> {
  const { path } = source;
  let format: WavFormat | undefined;
  let longSize: number | undefined;
  for await (const chunk of riffChunks(source, RIFF_HEADER_BYTES)) {
    if (chunk.id === 'fmt ') format = parseFormat(path, await bodyOf(source, chunk));
    if (chunk.id === 'ds64') longSize = parseLongSize(await bodyOf(source, chunk));
    if (chunk.id !== 'data') continue;
    if (!format) throw new UndertoneError('file-not-audio', { path, detail: 'its WAV header states no format' });
    return withData(source, format, chunk.start, await dataLength(source, chunk, longSize));
  }
  throw new UndertoneError('file-truncated', { path, detail: format ? NO_AUDIO : 'its WAV header is cut' });
}

interface Chunk {
  readonly id: string;
  readonly start: number;
  readonly size: number;
}

/** The chunks from a position to the end of the file. */
async function* riffChunks(source: ReadableBytes, from: number): AsyncGenerator<Chunk, void, undefined> {
  let at = from;
  for (let count = 0; count < MAX_CHUNKS; count++) {
    const head = await source.read(at, 8);
    if (head.length < 8) return;
    const size = view(head).getUint32(4, true);
    yield { id: fourCharacters(head, 0), start: at + 8, size };
    at += 8 + size + (size & 1); // chunks begin at even positions
  }
}

async function bodyOf(source: ReadableBytes, chunk: Chunk): Promise<Uint8Array> {
  const length = Math.min(chunk.size, 64);
  const body = await source.read(chunk.start, length);
  if (body.length === length) return body;
  throw new UndertoneError('file-truncated', { path: source.path, detail: 'its WAV header is cut' });
}

/** Bytes of audio by the header, undefined when its writer did not know: then it is all to the end of the file. */
async function dataLength(source: ReadableBytes, chunk: Chunk, long: number | undefined): Promise<number | undefined> {
  if (chunk.size === 0xffff_ffff && long !== undefined) return long;
  if (chunk.size >= STREAMED_FROM && chunk.start + chunk.size > source.length) return undefined;
  if (chunk.size > 0 || chunk.start === source.length) return chunk.size;
  // A size of 0 is meant when other chunks follow, up to the end of the file.
  let at = chunk.start;
  for await (const next of riffChunks(source, at)) {
    if (!/^[\x20-\x7e]{4}$/.test(next.id)) return undefined;
    at = next.start + next.size + (next.size & 1);
  }
  return at === source.length ? 0 : undefined;
}

/** The size of the audio in the ds64 chunk of RF64, behind that of the file. */
const parseLongSize = (body: Uint8Array): number | undefined =>
  body.length >= 16 ? Number(view(body).getBigUint64(8, true)) : undefined;

type WavFormat = Omit<WavHeader, 'dataStart' | 'dataEnd' | 'truncated'>;

function parseFormat(path: string, bytes: Uint8Array): WavFormat {
  if (bytes.length < 16) {
    throw new UndertoneError('file-not-audio', { path, detail: 'the format in its WAV header is too short' });
  }
  const data = view(bytes);
  const stated = data.getUint16(0, true);
  const tag = stated === EXTENSIBLE && bytes.length >= 26 ? data.getUint16(24, true) : stated;
  const channels = data.getUint16(2, true);
  const sampleRateHz = data.getUint32(4, true);
  const bitsPerSample = data.getUint16(14, true);
  // For 1, 3, 6 and 7 the frame follows from the rest; some writers state it wrong.
  const frameBytes = channels * Math.ceil(bitsPerSample / 8);
  if (channels === 0 || sampleRateHz === 0) {
    throw new UndertoneError('file-not-audio', { path, detail: 'its WAV header states no channels or no sample rate' });
  }
  return { tag, channels, sampleRateHz, bitsPerSample, frameBytes };
}

function withData(source: ReadableBytes, format: WavFormat, dataStart: number, stated: number | undefined): WavHeader {
  const { path } = source;
  const there = source.length - dataStart;
  const length = Math.min(stated ?? there, there);
  const frameBytes = Math.max(1, format.frameBytes);
  const whole = length - (length % frameBytes);
  if (stated !== undefined && stated > there && whole === 0) {
    throw new UndertoneError('file-truncated', { path, detail: NO_AUDIO });
  }
  if (whole === 0) throw new UndertoneError('file-empty', { path });
  const truncated = whole !== (stated ?? length);
  return { ...format, dataStart, dataEnd: dataStart + whole, truncated };
}

/** Wire encodings as WAV: the tag and the bits of a sample. */
const WRITTEN = {
  pcm_s16le: [1, 16],
  pcm_s24le: [1, 24],
  pcm_f32le: [3, 32],
  mulaw: [7, 8],
  alaw: [6, 8],
} as const;

/** Above this a RIFF size does not fit into its 32 bits. */
export const MAX_WAV_DATA_BYTES = 0xffff_ffff - 64;

/**
 * The header of a WAV file of `dataBytes` bytes of audio; write the audio behind it, and one zero when it is odd.
 *
 * @throws RangeError above 4 GiB
 * @example
 * const file = Buffer.concat([wavHeader(format, bytes.length), bytes]);
 */
export function wavHeader(format: AudioFormat, dataBytes: number): Uint8Array {
  if (dataBytes > MAX_WAV_DATA_BYTES) throw new RangeError('A WAV file holds at most 4 GiB.');
  const [tag, bits] = WRITTEN[format.encoding];
  const frameBytes = format.channels * bytesPerSample(format.encoding);
  // All but integers carry the size of an extension (none) and a fact chunk: the number of sample frames.
  const extra = tag === 1 ? 0 : 2;
  const bytes = new Uint8Array(tag === 1 ? 44 : 58);
  const data = view(bytes);
  const text = (at: number, letters: string) => {
    for (let i = 0; i < letters.length; i++) bytes[at + i] = letters.charCodeAt(i);
  };
  text(0, 'RIFF');
  data.setUint32(4, bytes.length - 8 + dataBytes + (dataBytes & 1), true);
  text(8, 'WAVEfmt ');
  data.setUint32(16, 16 + extra, true);
  data.setUint16(20, tag, true);
  data.setUint16(22, format.channels, true);
  data.setUint32(24, format.sampleRateHz, true);
  data.setUint32(28, format.sampleRateHz * frameBytes, true);
  data.setUint16(32, frameBytes, true);
  data.setUint16(34, bits, true);
  if (extra > 0) {
    text(38, 'fact');
    data.setUint32(42, 4, true);
    data.setUint32(46, Math.floor(dataBytes / frameBytes), true);
  }
  text(bytes.length - 8, 'data');
  data.setUint32(bytes.length - 4, dataBytes, true);
  return bytes;
}
