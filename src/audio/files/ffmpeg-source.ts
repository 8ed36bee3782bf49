import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { UndertoneError } from '../../errors.ts';
import type { AudioSource } from './audio-source.ts';
import { readWavHeader } from './wav-header.ts';

/**
 * The demultiplexers ffmpeg may use. Without the list a text file in the clothes of a recording could be a playlist
 * that reads other files or the network.
 */
const FORMATS = [
  'aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dts,eac3,flac,flv,gsm,matroska,mov,mp3,mp4,mpeg,mpegts,ogg,rm,sln',
  'tak,tta,voc,w64,wav,webm,wv,xwma',
].join(',');

/** Enough for any header that ffmpeg writes in front of the audio. */
const HEADER_BYTES = 4096;

/**
 * What the packages cannot decode, through the `ffmpeg` on the PATH, as `pcm_f32le`: first a look at the first 50 ms for
 * the format, then a process per reading, ended when the reading is.
 *
 * @throws ffmpeg-missing, file-not-audio
 */
export async function openWithFfmpeg(path: string): Promise<AudioSource> {
  const probe = new Decoding(path, ['-t', '0.05'], 'info');
  const head = await probe.collect();
  const log = probe.log;
  if (head.length === 0) throw notAudio(path);
  const header = await readWavHeader(memory(path, head));
  const format = {
    encoding: 'pcm_f32le',
    sampleRateHz: header.sampleRateHz,
    channels: header.channels,
  } as const;
  return new FfmpegSource(path, format, durationIn(log));
}

class FfmpegSource implements AudioSource {
  readonly format: AudioSource['format'];
  readonly durationMs: number | undefined;
  readonly #path: string;
  readonly #running = new Set<Decoding>();
  #warning: UndertoneError | undefined;

  constructor(path: string, format: AudioSource['format'], durationMs: number | undefined) {
    this.#path = path;
    this.format = format;
    this.durationMs = durationMs;
  }

  get warning(): UndertoneError | undefined {
    return this.#warning;
  }

  async *blocks(): AsyncGenerator<Uint8Array, void, undefined> {
    const decoding = new Decoding(this.#path, [], 'error');
    this.#running.add(decoding);
    try {
      yield* withoutHeader(this.#path, decoding.output);
      if ((await decoding.ended) !== 0 || decoding.log !== '') {
        const detail = 'ffmpeg could not decode all of it; what it could was read';
        this.#warning = new UndertoneError('file-damaged', { path: this.#path, detail });
      }
    } finally {
      decoding.stop();
      this.#running.delete(decoding);
    }
  }

  async close(): Promise<void> {
    for (const decoding of this.#running) decoding.stop();
  }
}

/** One run of ffmpeg that writes a WAV of 32-bit floats to its output. */
class Decoding {
  readonly output: Readable;
  /** The exit status, null when it was ended by a signal. */
  readonly ended: Promise<number | null>;
  readonly #process: ChildProcess;
  #log = '';

  constructor(path: string, limits: readonly string[], logLevel: 'info' | 'error') {
    const input = ['-protocol_whitelist', 'file,pipe', '-format_whitelist', FORMATS, '-i', `file:${path}`];
    const output = ['-map', '0:a:0', '-vn', '-bitexact', '-c:a', 'pcm_f32le', '-f', 'wav', 'pipe:1'];
    const options = ['-nostdin', '-hide_banner', '-nostats', '-loglevel', logLevel];
    const child = spawn('ffmpeg', [...options, ...input, ...limits, ...output], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    this.output = child.stdout;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (this.#log.length < 65_536) this.#log += text;
    });
    this.ended = new Promise((resolve, reject) => {
      child.once('close', resolve);
      child.once('error', (thrown) => {
        const missing = 'code' in thrown && thrown.code === 'ENOENT';
        const error = missing
          ? new UndertoneError('ffmpeg-missing', { path })
          : new UndertoneError('file-unreadable', { path, detail: 'ffmpeg could not be started' });
        error.cause = thrown;
        reject(error);
      });
    });
    this.ended.catch(() => {}); // whoever awaits it sees it; nobody need do so
  }

  get log(): string {
    return this.#log;
  }

  /** All of the output, for a run that is limited. */
  async collect(): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of this.output) parts.push(part);
    await this.ended;
    return Buffer.concat(parts);
  }

  stop(): void {
    this.output.destroy();
    if (this.#process.exitCode === null) this.#process.kill('SIGKILL');
  }
}

async function* withoutHeader(path: string, output: Readable): AsyncGenerator<Uint8Array, void, undefined> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  for await (const part of output as AsyncIterable<Buffer>) {
    if (head === undefined) {
      yield part;
      continue;
    }
    head = Buffer.concat([head, part]);
    if (head.length < HEADER_BYTES) continue;
    yield head.subarray(await dataStart(path, head));
    head = undefined;
  }
  if (head === undefined) return;
  if (head.length === 0) throw notAudio(path);
  yield head.subarray(await dataStart(path, head));
}

const dataStart = async (path: string, head: Uint8Array): Promise<number> =>
  (await readWavHeader(memory(path, head))).dataStart;

const memory = (path: string, bytes: Uint8Array) => ({
  path,
  length: bytes.length,
  read: async (position: number, length: number) => bytes.subarray(position, position + length),
});

const notAudio = (path: string) =>
  new UndertoneError('file-not-audio', { path, detail: 'ffmpeg finds no audio in it' });

/** `Duration: 00:01:02.34` of ffmpeg's description of its input. */
function durationIn(log: string): number | undefined {
  const match = /Duration: (\d+):(\d+):(\d+\.\d+)/.exec(log);
  if (!match) return undefined;
  return Math.round(1000 * (Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3])));
}
