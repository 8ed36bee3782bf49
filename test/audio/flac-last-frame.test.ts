import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRecording } from '../../src/audio/index.ts';
import { bytesOf, fileOf, temporaryFolder, tool, u16, u32 } from './tools.ts';

const folder = temporaryFolder();
const file = (name: string) => join(folder, name);

interface Shape {
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Samples a channel. */
  readonly samples: number;
  readonly seed: number;
  /** Constant frames are 11 bytes long, frames of noise as long as the audio. */
  readonly content: 'noise' | 'tone' | 'silence';
}

/** Audio from a seed by a linear congruential generator (the constants of Numerical Recipes, section 7.1). */
function pcmOf({ samples, channels, seed, content }: Shape): Buffer {
  const pcm = Buffer.alloc(samples * channels * 2);
  let state = seed >>> 0;
  for (let i = 0; i < samples * channels; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const noise = (state >>> 16) - 32_768;
    const tone = Math.round(9000 * Math.sin(i * (0.02 + (seed % 97) / 500))) + (noise >> 9);
    pcm.writeInt16LE(content === 'silence' ? 0 : content === 'noise' ? noise : tone, 2 * i);
  }
  return pcm;
}

function wavOf({ sampleRateHz, channels }: Shape, pcm: Buffer): string {
  const frame = channels * 2;
  const format = [u16(1), u16(channels), u32(sampleRateHz), u32(sampleRateHz * frame), u16(frame), u16(16)].flat();
  return fileOf(
    file('truth.wav'),
    'RIFF',
    u32(36 + pcm.length),
    'WAVEfmt ',
    u32(16),
    format,
    'data',
    u32(pcm.length),
    pcm,
  );
}

/** sox chooses 1152 below level 3 and 4096 from there on, ffmpeg takes what it is told. */
type Encoder = readonly [tool: 'sox' | 'ffmpeg', extension: 'flac' | 'oga', args: readonly string[]];
const withFrames = (size: number) => ['-c:a', 'flac', '-frame_size', `${size}`];
const ENCODERS: Readonly<Record<string, Encoder>> = {
  'sox, 1152': ['sox', 'flac', ['-C', '0']],
  'sox, 4096': ['sox', 'flac', ['-C', '8']],
  'ffmpeg, 1152': ['ffmpeg', 'flac', withFrames(1152)],
  'ffmpeg, 4096': ['ffmpeg', 'flac', withFrames(4096)],
  'ffmpeg, 4608': ['ffmpeg', 'flac', withFrames(4608)],
  'ffmpeg in Ogg, 1152': ['ffmpeg', 'oga', withFrames(1152)],
  'ffmpeg in Ogg, 4608': ['ffmpeg', 'oga', withFrames(4608)],
};

function encoded([name, extension, args]: Encoder, wav: string): string {
  const path = file(`encoded.${extension}`);
  if (name === 'sox') tool('sox', [wav, ...args, path]);
  else tool('ffmpeg', ['-i', wav, ...args, path]);
  return path;
}

async function read(path: string) {
  const recording = await openRecording(path);
  try {
    return { bytes: await bytesOf(recording), format: recording.format, warning: recording.warning?.code };
  } finally {
    await recording.close();
  }
}

async function expectExact(path: string, shape: Shape, pcm: Buffer): Promise<void> {
  const { bytes, format, warning } = await read(path);
  const { sampleRateHz, channels } = shape;
  expect(warning).toBeUndefined();
  expect(format).toEqual({ encoding: 'pcm_s16le', sampleRateHz, channels });
  expect(bytes.length / channels / 2).toBe(shape.samples);
  expect(bytes.equals(pcm)).toBe(true);
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  sampleRateHz: fc.constantFrom(8000, 16_000, 22_050),
  channels: fc.constantFrom(1, 2),
  samples: fc.oneof(
    fc.integer({ min: 1, max: 60_000 }),
    // around the ends of frames
    fc
      .tuple(fc.constantFrom(1152, 4096, 4608), fc.integer({ min: 1, max: 12 }), fc.integer({ min: -2, max: 2 }))
      .map(([size, frames, more]) => size * frames + more),
  ),
  seed: fc.nat(),
  content: fc.constantFrom('noise', 'noise', 'tone', 'silence'),
});

describe.each(Object.entries(ENCODERS))('FLAC by %s', (_, encoder) => {
  it('gives the bytes of the WAV it was made from, and no warning', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, async (shape) => {
        const pcm = pcmOf(shape);
        await expectExact(encoded(encoder, wavOf(shape, pcm)), shape, pcm);
      }),
      { numRuns: 25 },
    );
  });
});

describe('native FLAC', () => {
  const shape: Shape = { sampleRateHz: 22_050, channels: 1, samples: 30_000, seed: 5, content: 'noise' };
  const pcm = pcmOf(shape);
  const whole = (samples = shape.samples, content = shape.content) => {
    const one: Shape = { ...shape, samples, content };
    return readFileSync(encoded(['ffmpeg', 'flac', withFrames(1152)], wavOf(one, pcmOf(one))));
  };
  /** STREAMINFO's 36 bits of samples end at byte 26 of the file (RFC 9639, section 8.2); 0 leaves the length open. */
  const lengthLeftOpen = (flac: Buffer) => {
    const open = Buffer.from(flac);
    open[21]! &= 0xf0;
    open.fill(0, 22, 26);
    return open;
  };

  it.each(['noise', 'silence'] as const)('of unknown length has every sample of %s and none more', async (content) => {
    for (const samples of [1, 1151, 1152, 1153, 11_520, 30_000]) {
      const path = fileOf(file('open.flac'), lengthLeftOpen(whole(samples, content)));
      const one: Shape = { ...shape, samples, content };
      await expectExact(path, one, pcmOf(one));
    }
  });

  it('with more samples than it states gives as many as it states', async () => {
    const flac = whole();
    flac.writeUInt32BE(29_000, 22);
    const { bytes, warning } = await read(fileOf(file('longer.flac'), flac));
    expect(warning).toBeUndefined();
    expect(bytes.equals(pcm.subarray(0, 58_000))).toBe(true);
  });

  it('is found behind large blocks of metadata', async () => {
    const flac = whole();
    const picture = [6, 0x02, 0x00, 0x01, ...new Array<number>(0x02_00_01).fill(0x20)];
    const path = fileOf(file('picture.flac'), flac.subarray(0, 42), picture, flac.subarray(42));
    await expectExact(path, shape, pcm);
  });

  it('that is cut anywhere in its last frame still warns, and gives the frames before it', async () => {
    const flac = whole();
    const before = Math.floor(30_000 / 1152) * 1152;
    for (const missing of [1, 2, 3, 17, 32, 33, 64, 90]) {
      const { bytes, warning } = await read(fileOf(file('cut.flac'), flac.subarray(0, flac.length - missing)));
      expect(warning, `${missing} bytes missing`).toBe('file-truncated');
      expect(bytes.equals(pcm.subarray(0, 2 * before))).toBe(true);
    }
  });
});
