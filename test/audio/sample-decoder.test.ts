import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AUDIO_ENCODINGS,
  type AudioEncoding,
  type AudioFormat,
  bytesPerSampleFrame,
  SampleDecoder,
} from '../../src/audio/index.ts';
import { codeOf } from './tools.ts';

const format = (encoding: AudioEncoding, channels = 1): AudioFormat => ({ encoding, sampleRateHz: 8000, channels });

function decode(of: AudioFormat, ...pushes: readonly Uint8Array[]): number[][] {
  const decoder = new SampleDecoder(of);
  const channels: number[][] = Array.from({ length: of.channels }, () => []);
  for (const bytes of pushes) {
    const frames = decoder.push(bytes);
    channels.forEach((samples, index) => {
      expect(decoder.channel(index)).toHaveLength(frames);
      samples.push(...decoder.channel(index));
    });
  }
  return channels;
}

describe('one sample of every encoding', () => {
  it.each([
    ['pcm_s16le', [0x00, 0x80, 0xff, 0x7f, 0x01, 0x00, 0xff, 0xff], [-1, 32767 / 32768, 1 / 32768, -1 / 32768]],
    ['pcm_s24le', [0, 0, 0x80, 0xff, 0xff, 0x7f, 1, 0, 0, 0xff, 0xff, 0xff], [-1, 1 - 2 ** -23, 2 ** -23, -(2 ** -23)]],
    ['pcm_f32le', [0, 0, 0x80, 0x3f, 0, 0, 0, 0xbf, 0, 0, 0, 0x80, 0, 0, 0x20, 0x40], [1, -0.5, -0, 2.5]],
    ['mulaw', [0x00, 0x80, 0xff, 0x7f], [-32124 / 32768, 32124 / 32768, 0, 0]],
    ['alaw', [0x2a, 0xaa, 0xd5, 0x55], [-32256 / 32768, 32256 / 32768, 8 / 32768, -8 / 32768]],
  ] as const)('%s', (encoding, bytes, samples) => {
    expect(decode(format(encoding), Uint8Array.from(bytes))).toEqual([[...samples]]);
  });
});

describe('channels', () => {
  it('takes the interleaved channels apart', () => {
    const bytes = Uint8Array.from([1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]);
    expect(decode(format('pcm_s16le', 3), bytes).map((samples) => samples.map((x) => x * 32768))).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
  });

  it('refuses to give a channel that is not there', () => {
    expect(() => new SampleDecoder(format('mulaw', 2)).channel(2)).toThrow(RangeError);
  });
});

describe('chunking', () => {
  const cuts = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 40 });

  it('gives the same samples however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...AUDIO_ENCODINGS),
        fc.integer({ min: 1, max: 8 }),
        fc.uint8Array({ maxLength: 400 }),
        cuts,
        (encoding, channels, random, at) => {
          // Random floats would be NaN at times: those of 0x3f above are finite.
          const bytes = encoding === 'pcm_f32le' ? random.map((byte, i) => (i % 4 === 3 ? byte & 0x3f : byte)) : random;
          const borders = [0, ...at.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
          const parts = borders.slice(1).map((end, i) => bytes.subarray(borders[i], end));
          expect(decode(format(encoding, channels), ...parts)).toEqual(decode(format(encoding, channels), bytes));
        },
      ),
    );
  });

  it('counts the bytes of an incomplete sample frame', () => {
    const decoder = new SampleDecoder(format('pcm_s24le', 2));
    expect(decoder.push(new Uint8Array(5))).toBe(0);
    expect(decoder.pendingBytes).toBe(5);
    expect(decoder.push(new Uint8Array(2))).toBe(1);
    expect(decoder.pendingBytes).toBe(1);
    expect(decoder.push(new Uint8Array(0))).toBe(0);
    expect(decoder.pendingBytes).toBe(1);
    expect(decoder.channel(1)).toHaveLength(0);
  });

  it.each([1, 2, 3])('reads bytes that begin at an odd place in memory (%i)', (offset) => {
    const memory = new Uint8Array(64);
    const bytes = memory.subarray(offset, offset + 8);
    bytes.set([0, 0, 0x80, 0x3f, 0, 0, 0, 0xbf]);
    expect(decode(format('pcm_f32le'), bytes)).toEqual([[1, -0.5]]);
  });

  it('keeps a split sample when a longer push makes its memory grow', () => {
    const bytes = Uint8Array.from({ length: 100_001 * 2 }, (_, i) => (i % 2 === 0 ? (i / 2) & 0xff : 0));
    const [samples] = decode(format('pcm_s16le'), bytes.subarray(0, 3), bytes.subarray(3));
    expect(samples).toHaveLength(100_001);
    expect(samples?.every((sample, i) => sample * 32768 === (i & 0xff))).toBe(true);
  });
});

describe('memory', () => {
  it('gives the same view again for pushes of the same length', () => {
    const decoder = new SampleDecoder(format('mulaw'));
    decoder.push(new Uint8Array(160));
    const first = decoder.channel(0);
    decoder.push(new Uint8Array(161));
    decoder.push(new Uint8Array(160).fill(0x80));
    expect(decoder.channel(0).buffer).not.toBeUndefined();
    const again = decoder.channel(0);
    decoder.push(new Uint8Array(160));
    expect(decoder.channel(0)).toBe(again);
    expect(first).toHaveLength(160);
  });
});

describe('floats that are not finite', () => {
  const bytesOf = (...samples: readonly number[]) => new Uint8Array(Float32Array.from(samples).buffer);

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    '%s is refused and changes nothing',
    (bad) => {
      const decoder = new SampleDecoder(format('pcm_f32le', 2));
      decoder.push(bytesOf(0.25, 0.5, 0.75).subarray(0, 11));
      expect(codeOf(() => decoder.push(bytesOf(0, 0, 0.75, bad, 0.5).subarray(11)))).toBe('audio-not-finite');
      expect(decoder.pendingBytes).toBe(3);
      expect([...decoder.channel(0)]).toEqual([0.25]);
      expect([...decoder.channel(1)]).toEqual([0.5]);
      // The sample that was split goes on as if the bad push had not been.
      const rest = bytesOf(0, 0, 0.75, -1).subarray(11);
      expect(decoder.push(rest)).toBe(1);
      expect([...decoder.channel(0), ...decoder.channel(1)]).toEqual([0.75, -1]);
    },
  );

  it('finds one in a sample that two pushes share', () => {
    const decoder = new SampleDecoder(format('pcm_f32le'));
    const bytes = bytesOf(Number.NaN);
    decoder.push(bytes.subarray(0, 3));
    expect(codeOf(() => decoder.push(bytes.subarray(3)))).toBe('audio-not-finite');
  });

  it('takes the largest finite floats', () => {
    const largest = 3.4028234663852886e38;
    expect(decode(format('pcm_f32le'), bytesOf(largest, -largest))).toEqual([[largest, -largest]]);
  });
});

it('knows the bytes of a sample frame', () => {
  expect(AUDIO_ENCODINGS.map((encoding) => bytesPerSampleFrame(format(encoding, 2)))).toEqual([4, 6, 8, 2, 2]);
});
