import { describe, expect, it } from 'vitest';
import { checkedFormat } from '../../src/audio/index.ts';
import { codeOf } from './tools.ts';

const valid = { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 };

describe('a stated format', () => {
  it.each([
    valid,
    { encoding: 'pcm_f32le', sampleRateHz: 48_000, channels: 8 },
    { encoding: 'pcm_s16le', sampleRateHz: 11_025, channels: 2 },
  ])('is taken: $encoding $sampleRateHz $channels', (stated) => {
    expect(checkedFormat(stated)).toEqual(stated);
  });

  it.each(['opus', '', 'MULAW', 'toString'])('encoding "%s" is unknown', (encoding) => {
    expect(codeOf(() => checkedFormat({ ...valid, encoding }))).toBe('unknown-encoding');
  });

  it('the error names the encodings there are', () => {
    expect(() => checkedFormat({ ...valid, encoding: 'opus' })).toThrow(
      'The encoding "opus" is unknown; use one of pcm_s16le, pcm_s24le, pcm_f32le, mulaw, alaw.',
    );
  });

  it.each([7999, 48_001, 0, -8000, 8000.5, Number.NaN, Number.POSITIVE_INFINITY])('rate %s is out of range', (rate) => {
    expect(codeOf(() => checkedFormat({ ...valid, sampleRateHz: rate }))).toBe('rate-out-of-range');
  });

  it.each([0, 9, 1.5, -1, Number.NaN])('%s channels are out of range', (channels) => {
    expect(codeOf(() => checkedFormat({ ...valid, channels }))).toBe('channels-out-of-range');
  });
});
