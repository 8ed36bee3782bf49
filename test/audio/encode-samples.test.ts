import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUDIO_ENCODINGS, type AudioEncoding, encodeSamples, SampleDecoder } from '../../src/audio/index.ts';

const format = (encoding: AudioEncoding, channels = 1) => ({ encoding, sampleRateHz: 8000, channels }) as const;
const bytesOf = (encoding: AudioEncoding, ...samples: readonly number[]) => [
  ...encodeSamples(format(encoding), [Float32Array.from(samples)]),
];

describe('literal bytes', () => {
  it('pcm_s16le rounds and clips', () => {
    expect(bytesOf('pcm_s16le', 0.5, -1, 1, 1.4 / 32768, 1.6 / 32768, 7)).toEqual([
      0x00, 0x40, 0x00, 0x80, 0xff, 0x7f, 1, 0, 2, 0, 0xff, 0x7f,
    ]);
  });
  it('pcm_s24le', () => {
    expect(bytesOf('pcm_s24le', -1, 1, -(2 ** -23), 0.5)).toEqual([
      0, 0, 0x80, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0x40,
    ]);
  });
  it('pcm_f32le keeps what is over full scale', () => {
    expect(bytesOf('pcm_f32le', 2.5)).toEqual([0, 0, 0x20, 0x40]);
  });
  it('mulaw and alaw', () => {
    expect(bytesOf('mulaw', 0, 1, -1, 132 / 32768)).toEqual([0xff, 0x80, 0x00, 0xef]);
    expect(bytesOf('alaw', 0, 1, -1)).toEqual([0xd5, 0xaa, 0x2a]);
  });
  it('interleaves channels', () => {
    const channels = [Float32Array.of(1 / 32768, 3 / 32768), Float32Array.of(2 / 32768, 4 / 32768)];
    expect([...encodeSamples(format('pcm_s16le', 2), channels)]).toEqual([1, 0, 2, 0, 3, 0, 4, 0]);
  });
});

it('is undone by the decoder, to the precision of the encoding', () => {
  const precision = { pcm_s16le: 2 ** -16, pcm_s24le: 2 ** -24, pcm_f32le: 0, mulaw: 0.02, alaw: 0.02 };
  const samples = fc.float32Array({ min: -1, max: 1, noNaN: true, maxLength: 50 });
  fc.assert(
    fc.property(
      fc.constantFrom(...AUDIO_ENCODINGS),
      fc.integer({ min: 1, max: 8 }),
      samples,
      (encoding, count, first) => {
        const channels = Array.from({ length: count }, (_, channel) => first.map((x) => (x * (channel + 1)) / count));
        const decoder = new SampleDecoder(format(encoding, count));
        expect(decoder.push(encodeSamples(format(encoding, count), channels))).toBe(first.length);
        channels.forEach((expected, channel) => {
          decoder.channel(channel).forEach((sample, i) => {
            // 1 itself is above the largest integer by one step.
            expect(Math.abs(sample - expected[i]!)).toBeLessThanOrEqual(
              precision[encoding] * (expected[i]! > 0.99 ? 3 : 1),
            );
          });
        });
      },
    ),
  );
});

it('refuses channels that do not fit the format or each other', () => {
  expect(() => encodeSamples(format('mulaw', 2), [new Float32Array(3)])).toThrow(RangeError);
  expect(() => encodeSamples(format('mulaw', 2), [new Float32Array(3), new Float32Array(2)])).toThrow(RangeError);
});
