import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRecording, wavHeader } from '../../src/audio/index.ts';
import {
  bytesOf,
  decodedByFfmpeg,
  errorOf,
  fileOf,
  floatsOf,
  int16Of,
  temporaryFolder,
  tool,
  u16,
  u32,
} from './tools.ts';

const folder = temporaryFolder();
const file = (name: string) => join(folder, name);
/** A fmt chunk: tag, channels, rate, bits. */
const fmt = (tag: number, channels: number, rate: number, bits: number) =>
  [u16(tag), u16(channels), u32(rate), u32((rate * channels * bits) / 8), u16((channels * bits) / 8), u16(bits)].flat();
const chunk = (id: string, body: readonly number[]) => [
  ...Buffer.from(id, 'latin1'),
  ...u32(body.length),
  ...body,
  ...(body.length & 1 ? [0] : []),
];
const wav = (name: string, ...chunks: readonly (readonly number[])[]) =>
  fileOf(file(name), 'RIFF', u32(4 + chunks.flat().length), 'WAVE', chunks.flat());
const PCM16 = chunk('fmt ', fmt(1, 1, 8000, 16));

async function read(path: string, chunkBytes?: number) {
  const recording = await openRecording(path);
  try {
    const bytes = await bytesOf(recording, chunkBytes);
    return { format: recording.format, durationMs: recording.durationMs, warning: recording.warning?.code, bytes };
  } finally {
    await recording.close();
  }
}

describe('the codings of SoX', () => {
  it.each([
    ['u8', ['-b', '8', '-e', 'unsigned-integer'], 'pcm_s16le', 0],
    ['s16', ['-b', '16'], 'pcm_s16le', 0],
    ['s24', ['-b', '24'], 'pcm_s24le', 0],
    ['s32', ['-b', '32', '-e', 'signed-integer'], 'pcm_f32le', 1e-7],
    ['f32', ['-b', '32', '-e', 'floating-point'], 'pcm_f32le', 0],
    ['f64', ['-b', '64', '-e', 'floating-point'], 'pcm_f32le', 1e-7],
    ['mulaw', ['-e', 'mu-law'], 'mulaw', 0],
    ['alaw', ['-e', 'a-law'], 'alaw', 0],
  ] as const)('%s', async (name, coding, encoding, tolerance) => {
    const path = file(`sox-${name}.wav`);
    tool('sox', ['-n', '-r', '11025', '-c', '2', ...coding, path, 'synth', '0.5', 'pinknoise', 'vol', '0.5']);
    const { format, durationMs, warning, bytes } = await read(path);
    expect({ format, warning }).toEqual({
      format: { encoding, sampleRateHz: 11_025, channels: 2 },
      warning: undefined,
    });
    expect(durationMs).toBeCloseTo((1000 * 5512) / 11_025, 6); // 0.5 s, rounded down to a whole sample
    const decoded = join(folder, `${name}-again.wav`);
    writeFileSync(decoded, Buffer.concat([wavHeader(format, bytes.length), bytes]));
    const expected = decodedByFfmpeg(path);
    const given = decodedByFfmpeg(decoded);
    expect(given).toHaveLength(expected.length);
    expect(Math.max(...given.map((sample, i) => Math.abs(sample - expected[i]!)))).toBeLessThanOrEqual(tolerance);
  });

  it.each(['pcm_s16le', 'pcm_s24le', 'pcm_f32le', 'pcm_mulaw', 'pcm_alaw'])(
    'passes the bytes of %s through',
    async (codec) => {
      const path = file(`${codec}.wav`);
      const noise = ['-f', 'lavfi', '-i', 'anoisesrc=r=16000:d=0.3:seed=7'];
      tool('ffmpeg', [...noise, '-c:a', codec, '-bitexact', path]);
      const raw = tool('ffmpeg', [
        ...noise,
        '-c:a',
        codec,
        '-f',
        codec.replace('pcm_', '').replace(/([sf]\d+)le/, '$1le'),
        '-',
      ]);
      expect((await read(path)).bytes.equals(raw)).toBe(true);
    },
  );
});

describe('8, 32 and 64 bits, by literal bytes', () => {
  it('8 bits are unsigned', async () => {
    const { bytes } = await read(wav('u8.wav', chunk('fmt ', fmt(1, 1, 8000, 8)), chunk('data', [0, 128, 255])));
    expect([...int16Of(bytes)]).toEqual([-32_768, 0, 127 * 256]);
  });
  it('32-bit integers', async () => {
    const data = [0, 0, 0, 0x80, 0, 0, 0, 0x40];
    const { bytes } = await read(wav('s32.wav', chunk('fmt ', fmt(1, 1, 8000, 32)), chunk('data', data)));
    expect([...floatsOf(bytes)]).toEqual([-1, 0.5]);
  });
  it('doubles', async () => {
    const data = [...new Uint8Array(Float64Array.of(0.25, -2).buffer)];
    const { bytes } = await read(wav('f64.wav', chunk('fmt ', fmt(3, 1, 8000, 64)), chunk('data', data)));
    expect([...floatsOf(bytes)]).toEqual([0.25, -2]);
  });
});

describe('chunks', () => {
  const AUDIO = [1, 0, 2, 0, 3, 0];
  it('WAVE_FORMAT_EXTENSIBLE', async () => {
    const guid = [3, 0, 0, 0, 0, 0, 16, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
    const body = [...fmt(0xfffe, 1, 48_000, 32), ...u16(22), ...u16(32), ...u32(4), ...guid];
    const data = [0, 0, 0x80, 0x3f];
    const { format, bytes } = await read(wav('extensible.wav', chunk('fmt ', body), chunk('data', data)));
    expect(format).toEqual({ encoding: 'pcm_f32le', sampleRateHz: 48_000, channels: 1 });
    expect([...bytes]).toEqual(data);
  });

  it('skips unknown ones, of odd sizes too, and what follows the audio', async () => {
    const path = wav(
      'chunks.wav',
      chunk('JUNK', [9, 9, 9]),
      PCM16,
      chunk('LIST', new Array(70_001).fill(7)),
      chunk('data', AUDIO),
      chunk('id3 ', [1, 2, 3]),
    );
    const { bytes, warning, durationMs } = await read(path);
    expect([...bytes]).toEqual(AUDIO);
    expect(warning).toBeUndefined();
    expect(durationMs).toBe(0.375);
  });

  it('an odd number of bytes of audio', async () => {
    const path = wav('odd.wav', chunk('fmt ', fmt(7, 1, 8000, 8)), chunk('data', [1, 2, 3]), chunk('LIST', [0, 0]));
    expect([...(await read(path)).bytes]).toEqual([1, 2, 3]);
  });

  it('RF64 has its sizes in ds64', async () => {
    const sizes = [...u32(100), ...u32(0), ...u32(AUDIO.length), ...u32(0), ...u32(3), ...u32(0), ...u32(0)];
    const path = fileOf(
      file('rf64.wav'),
      'RF64',
      u32(0xffffffff),
      'WAVE',
      chunk('ds64', sizes),
      PCM16,
      ['data'].flatMap((id) => [...Buffer.from(id)]),
      u32(0xffffffff),
      AUDIO,
      chunk('LIST', [1, 1]),
    );
    expect([...(await read(path)).bytes]).toEqual(AUDIO);
  });

  it('reads what ffmpeg writes as RF64', async () => {
    const path = file('rf64-ffmpeg.wav');
    tool('ffmpeg', ['-f', 'lavfi', '-i', 'sine=d=0.2:r=8000', '-rf64', 'always', path]);
    expect((await read(path)).bytes).toHaveLength(3200);
  });
});

describe('streamed WAV, whose writer could not go back', () => {
  const AUDIO = Array.from({ length: 40 }, (_, i) => 200 + i);
  it.each([
    ['0', 0],
    ['0xffffffff', 0xffffffff],
    ['0x7ffff000', 0x7ffff000],
  ])('data size %s means up to the end', async (_name, size) => {
    const head = [...Buffer.from('data'), ...u32(size)];
    for (const riffSize of [0, 36, 36 + AUDIO.length, 0xffffffff]) {
      const path = fileOf(file('streamed.wav'), 'RIFF', u32(riffSize), 'WAVE', PCM16, head, AUDIO);
      const { bytes, warning, durationMs } = await read(path);
      expect([...bytes]).toEqual(AUDIO);
      expect(warning).toBeUndefined();
      expect(durationMs).toBe(2.5);
    }
  });

  it.each(['sox', 'ffmpeg'] as const)('as %s pipes it', async (name) => {
    const args =
      name === 'sox'
        ? ['-n', '-r', '8000', '-b', '16', '-t', 'wav', '-', 'synth', '0.25', 'sine', '400']
        : ['-f', 'lavfi', '-i', 'sine=d=0.25:r=8000', '-f', 'wav', '-'];
    const path = file(`piped-${name}.wav`);
    writeFileSync(path, tool(name, args));
    const { bytes, warning } = await read(path);
    expect(bytes).toHaveLength(4000);
    expect(warning).toBeUndefined();
  });

  it('a data size of 0 with other chunks behind it is no audio', async () => {
    const path = wav('none.wav', PCM16, chunk('data', []), chunk('LIST', [1, 2, 3, 4]));
    expect((await errorOf(openRecording(path))).code).toBe('file-empty');
  });
});

describe('truncated WAV', () => {
  it('reads what is there, and warns', async () => {
    const path = wav('cut.wav', PCM16, chunk('data', [1, 0, 2, 0, 3, 0]));
    truncateSync(path, 44 + 5);
    const { bytes, warning, durationMs } = await read(path);
    expect([...bytes]).toEqual([1, 0, 2, 0]);
    expect(warning).toBe('file-truncated');
    expect(durationMs).toBe(0.25);
  });

  it('warns of half a sample at the end', async () => {
    const path = wav('half.wav', PCM16, chunk('data', [1, 0, 2]));
    const { bytes, warning } = await read(path);
    expect([...bytes]).toEqual([1, 0]);
    expect(warning).toBe('file-truncated');
  });

  it('is an error in the header, wherever it is cut', async () => {
    const whole = readFileSync(wav('whole.wav', PCM16, chunk('data', [1, 0, 2, 0])));
    for (let length = 4; length < 46; length++) {
      const path = fileOf(file('cut-header.wav'), whole.subarray(0, length));
      expect((await errorOf(openRecording(path))).code, `${length} bytes`).toBe('file-truncated');
    }
    expect((await read(fileOf(file('one.wav'), whole.subarray(0, 46)))).bytes).toHaveLength(2);
  });
});

describe('chunk sizes', () => {
  it.each([1, 7, 160, 320, 4096, 100_000, 1 << 20])('%i bytes each, the same audio', async (size) => {
    const path = file('sizes.wav');
    tool('sox', ['-n', '-r', '16000', '-b', '16', path, 'synth', '3', 'sine', '400']);
    const recording = await openRecording(path);
    const parts: Uint8Array[] = [];
    for await (const part of recording.chunks(size)) parts.push(part);
    await recording.close();
    expect(parts.slice(0, -1).every((part) => part.length === size)).toBe(true);
    // Kept chunks are not overwritten by later ones.
    expect(Buffer.concat(parts).equals(readFileSync(path).subarray(44))).toBe(true);
  });

  it.each([0, -1, 1.5, Number.NaN])('%s is refused', async (size) => {
    const recording = await openRecording(wav('size.wav', PCM16, chunk('data', [1, 0])));
    expect(() => recording.chunks(size)).toThrow(RangeError);
    await recording.close();
  });

  it('can be read twice', async () => {
    const recording = await openRecording(wav('twice.wav', PCM16, chunk('data', [1, 0, 2, 0])));
    expect(await bytesOf(recording)).toEqual(await bytesOf(recording, 1));
    await recording.close();
  });
});
