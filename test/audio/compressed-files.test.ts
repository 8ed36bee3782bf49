import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { openRecording } from '../../src/audio/index.ts';
import { bytesOf, decodedByFfmpeg, errorOf, fileOf, floatsOf, int16Of, temporaryFolder, tool } from './tools.ts';

const folder = temporaryFolder();
const file = (name: string) => join(folder, name);

beforeAll(() => {
  tool('sox', [
    '-n',
    '-r',
    '44100',
    '-c',
    '2',
    '-b',
    '24',
    file('stereo.wav'),
    'synth',
    '1.3',
    'sine',
    '440',
    'pinknoise',
    'vol',
    '0.4',
  ]);
  tool('sox', [
    '-n',
    '-r',
    '8000',
    '-c',
    '1',
    '-b',
    '16',
    file('mono.wav'),
    'synth',
    '2.345',
    'pinknoise',
    'vol',
    '0.4',
  ]);
  for (const name of ['stereo', 'mono']) {
    const encode = (extension: string, ...args: readonly string[]) =>
      tool('ffmpeg', ['-i', file(`${name}.wav`), ...args, file(`${name}.${extension}`)]);
    encode('mp3', '-c:a', 'libmp3lame');
    encode('vbr.mp3', '-c:a', 'libmp3lame', '-q:a', '4');
    encode('ogg', '-c:a', 'libvorbis');
    encode('opus', '-c:a', 'libopus');
    encode('oga', '-c:a', 'flac', '-sample_fmt', 's16', '-f', 'ogg');
    for (const bits of ['8', '16', '24']) {
      tool('sox', [file(`${name}.wav`), '-b', bits, file(`${name}.${bits}.flac`)]);
    }
  }
});

async function read(path: string) {
  const recording = await openRecording(path);
  try {
    const bytes = await bytesOf(recording);
    const { encoding, sampleRateHz, channels } = recording.format;
    const samples = encoding === 'pcm_s16le' ? Float32Array.from(int16Of(bytes), (x) => x / 32_768) : floatsOf(bytes);
    return {
      encoding,
      sampleRateHz,
      channels,
      durationMs: recording.durationMs,
      warning: recording.warning?.code,
      samples,
    };
  } finally {
    await recording.close();
  }
}

const largestDifference = (a: Float32Array, b: Float32Array) =>
  a.reduce((largest, sample, i) => Math.max(largest, Math.abs(sample - b[i]!)), 0);

describe.each([
  ['mono', 8000, 1, 2345],
  ['stereo', 44_100, 2, 1300],
] as const)('%s', (name, rate, channels, durationMs) => {
  it.each([
    ['8.flac', 'pcm_s16le', 0],
    ['16.flac', 'pcm_s16le', 0],
    ['24.flac', 'pcm_f32le', 0],
    ['oga', 'pcm_s16le', 0],
    ['mp3', 'pcm_f32le', 1e-5],
    ['vbr.mp3', 'pcm_f32le', 1e-5],
    ['ogg', 'pcm_f32le', 1e-5],
    ['opus', 'pcm_f32le', 1e-3], // ffmpeg decodes Opus with code of its own
  ] as const)('%s is as long as ffmpeg decodes it, and the same', async (extension, encoding, tolerance) => {
    const path = file(`${name}.${extension}`);
    const decoded = await read(path);
    const expected = decodedByFfmpeg(path);
    expect(decoded).toMatchObject({ encoding, channels, sampleRateHz: extension === 'opus' ? 48_000 : rate });
    expect(decoded.warning).toBeUndefined();
    expect(decoded.samples).toHaveLength(expected.length);
    expect(largestDifference(decoded.samples, expected)).toBeLessThanOrEqual(tolerance);
    // ffmpeg leaves the length of FLAC in Ogg open.
    if (extension === 'oga') expect(decoded.durationMs).toBeUndefined();
    else expect(decoded.durationMs).toBeCloseTo(durationMs, 0);
  });
});

describe('content, not name', () => {
  it('decodes files of any name', async () => {
    const names = ['mono.16.flac', 'mono.mp3', 'mono.ogg', 'mono.opus', 'mono.wav'];
    for (const name of names) {
      const renamed = fileOf(file('call.data'), readFileSync(file(name)));
      expect((await read(renamed)).samples.length, name).toBe((await read(file(name))).samples.length);
    }
  });

  it('skips ID3 tags in front of MP3', async () => {
    const tag = [...Buffer.from('ID3\x04\0\0'), 0, 0, 1, 0x10, ...new Array(144).fill(0x41)];
    const path = fileOf(file('tagged.mp3'), tag, tag, readFileSync(file('mono.mp3')));
    const { samples, durationMs } = await read(path);
    expect(samples).toHaveLength(18_760);
    expect(durationMs).toBeCloseTo(2345, 0);
  });
});

describe('cut and damaged files', () => {
  it.each(['16.flac', 'mp3', 'ogg', 'opus'])('half of a %s is read, with a warning', async (extension) => {
    const whole = readFileSync(file(`stereo.${extension}`));
    const path = fileOf(file(`half.${extension}`), whole.subarray(0, whole.length / 2));
    const { samples, warning } = await read(path);
    expect(samples.length).toBeGreaterThan(10_000);
    expect(warning).toBe('file-truncated');
  });

  it.each(['16.flac', 'ogg', 'opus'])('the first 30 bytes of a %s are an error', async (extension) => {
    const path = fileOf(file('header'), readFileSync(file(`mono.${extension}`)).subarray(0, 24));
    expect((await errorOf(openRecording(path))).code).toBe('file-truncated');
  });

  it.each(['16.flac', 'ogg', 'opus'])('a %s with a header and no audio is an error', async (extension) => {
    const path = fileOf(file('header'), readFileSync(file(`mono.${extension}`)).subarray(0, 60));
    expect((await errorOf(read(path))).code).toBe('file-truncated');
  });

  it.each(['16.flac', 'mp3', 'ogg', 'opus'])(
    'a %s with holes ends in samples, a warning or an error of the table',
    async (extension) => {
      const print = vi.spyOn(console, 'error').mockImplementation(() => {});
      const bytes = Buffer.from(readFileSync(file(`stereo.${extension}`)));
      for (let at = 6000; at + 900 < bytes.length; at += 4000) bytes.fill(0x5a, at, at + 900);
      const path = fileOf(file(`holes.${extension}`), bytes);
      const outcome = await read(path).catch((thrown) => thrown);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ code: expect.stringMatching(/^file-/) });
      else expect(outcome.samples.length).toBeGreaterThan(0);
      print.mockRestore();
    },
  );
});
