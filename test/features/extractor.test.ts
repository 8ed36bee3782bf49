import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DescriptorExtractor, descriptorIndex, descriptors, ROW_LENGTH } from '../../src/features/index.ts';
import { frameOf, noise, silence, sine, vowel } from './signals.ts';

const PITCHLESS = ['f0Semitones', 'hnrDb'].map(descriptorIndex);
const rowsOf = (frames: readonly Float32Array[]): Float32Array[] => {
  const extractor = new DescriptorExtractor();
  return frames.map((frame) => {
    const row = new Float32Array(ROW_LENGTH).fill(Number.POSITIVE_INFINITY);
    extractor.describe(frame, row);
    return row;
  });
};
const at = (row: Float32Array, name: string): number => row[descriptorIndex(name)]!;
/** The hops of one long signal. */
const hopsOf = (signal: (n: number) => number, hops: number): Float32Array[] =>
  Array.from({ length: hops }, (_, hop) => frameOf((n) => signal(160 * hop + n)));

describe('the row of a hop', () => {
  it('has, for digital silence, the values that the docstrings state', () => {
    const row = rowsOf([silence, silence])[1]!;
    const expected: Record<string, number> = { levelDb: -100, f0Semitones: Number.NaN, hnrDb: Number.NaN };
    descriptors.forEach(({ name }, index) => {
      if (name.startsWith('logMel')) expect(row[index], name).toBe(-20);
      else if (name === 'mfcc0') expect(row[index], name).toBeCloseTo(-160, 4);
      else if (name.startsWith('mfcc')) expect(Math.abs(row[index]!), name).toBeLessThan(1e-5);
      else if (name !== 'voicing' && name !== 'speech') expect(row[index], name).toBe(expected[name] ?? 0);
    });
    expect(at(row, 'voicing')).toBeLessThan(0.5);
    expect(at(row, 'speech')).toBeLessThan(0.5);
  });

  it.each([
    ['full scale', frameOf((n) => (n % 50 < 25 ? 1 : -1))],
    ['the greatest floats', frameOf((n) => (n % 2 === 0 ? 3e38 : -3e38))],
    ['the least floats', frameOf((n) => (n % 3) * 1e-45)],
    ['one sample', frameOf((n) => (n === 500 ? 1 : 0))],
    ['negative zeros', frameOf(() => -0)],
    ['an offset', frameOf(() => 1)],
    ['a sine of 8 kHz', frameOf((n) => (n % 2 === 0 ? 1 : -1))],
    ['noise', noise(2)],
  ])('is finite for %s, but for the pitch of what has none', (_, frame) => {
    for (const row of rowsOf([frame, silence, frame])) {
      row.forEach((value, index) => {
        const undefinedPitch = PITCHLESS.includes(index) && Number.isNaN(value);
        expect(undefinedPitch || Number.isFinite(value), descriptors[index]!.name).toBe(true);
      });
    }
  });

  it('writes every value, and leaves the frame as it was', () => {
    const frame = vowel(100);
    const before = frame.slice();
    const [row] = rowsOf([frame]);
    expect(row!.includes(Number.POSITIVE_INFINITY)).toBe(false);
    expect(frame).toEqual(before);
  });

  it('has ratios and shares between 0 and 1 and frequencies below Nyquist, for any signal', () => {
    const anything = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 640, maxLength: 640 });
    fc.assert(
      fc.property(anything, (samples) => {
        for (const row of rowsOf([Float32Array.from(samples), noise(1)])) {
          const unit = ['zcr', 'flatness', 'voicing', 'speech', ...Array.from({ length: 12 }, (_, c) => `chroma${c}`)];
          for (const name of unit) {
            expect(at(row, name), name).toBeGreaterThanOrEqual(0);
            expect(at(row, name), name).toBeLessThanOrEqual(1 + 1e-6);
          }
          for (const name of ['centroidHz', 'rolloffHz', 'bandwidthHz']) {
            expect(at(row, name), name).toBeGreaterThanOrEqual(0);
            expect(at(row, name), name).toBeLessThanOrEqual(8000);
          }
          for (let band = 0; band < 7; band++) expect(at(row, `contrast${band}`)).toBeGreaterThanOrEqual(0);
          expect(at(row, 'flux')).toBeLessThanOrEqual(Math.SQRT2 + 1e-6);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('what a descriptor hears', () => {
  it('ten times the amplitude is 20 dB, the same shape, and ln 100 in every log-mel band', () => {
    const [soft, loud] = rowsOf([noise(4, 0.05), noise(4, 0.5)]) as [Float32Array, Float32Array];
    expect(at(loud, 'levelDb') - at(soft, 'levelDb')).toBeCloseTo(20, 4);
    for (let band = 0; band < 64; band++) {
      expect(at(loud, `logMel${band}`) - at(soft, `logMel${band}`)).toBeCloseTo(Math.log(100), 4);
    }
    for (let c = 1; c < 13; c++) expect(at(loud, `mfcc${c}`)).toBeCloseTo(at(soft, `mfcc${c}`), 3);
    for (const name of ['zcr', 'flatness', 'slope', 'contrast3']) {
      expect(at(loud, name), name).toBeCloseTo(at(soft, name), 3);
    }
    expect(at(loud, 'centroidHz') / at(soft, 'centroidHz')).toBeCloseTo(1, 5);
    expect(at(loud, 'flux')).toBeLessThan(1e-3);
  });

  it.each([500, 1000, 3000, 7000])('a sine of %i Hz stands out in its mel band, zero crossings and level', (hz) => {
    const [row] = rowsOf([sine(hz)]);
    const bands = Array.from({ length: 64 }, (_, index) => at(row!, `logMel${index}`));
    // Edges are 41.7 mel apart from 77.8 mel on, so a band's peak is (mel − 77.8) / 41.7 − 1.
    const mel = 2595 * Math.log10(1 + hz / 700);
    expect(bands.indexOf(Math.max(...bands))).toBe(Math.round((mel - 77.75) / 41.69) - 1);
    expect(at(row!, 'zcr')).toBeCloseTo(hz / 8000, 1);
    expect(at(row!, 'levelDb')).toBeCloseTo(20 * Math.log10(0.5) - 3.01, 1);
  });

  it('a negative zero is no negative sample to the zero-crossing rate', () => {
    const [row] = rowsOf([frameOf((n) => [0.5, -0, 0.5, -1][n % 4]!)]);
    expect(at(row!, 'zcr')).toBeCloseTo(199 / 399, 6);
  });

  it.each([
    [261.63 * 4, 0, 'C'],
    [440 * 4, 9, 'A'],
    [493.88 * 4, 11, 'B'],
  ])('a note of %f Hz is of pitch class %i (%s)', (hz, pitchClass) => {
    const [row] = rowsOf([sine(hz)]);
    const chroma = Array.from({ length: 12 }, (_, c) => at(row!, `chroma${c}`));
    expect(chroma.indexOf(1)).toBe(pitchClass);
  });

  it('flux is 1 from silence to sound, 0 for the same sound, √2 between sounds that share nothing', () => {
    const rows = rowsOf([sine(1000), sine(1000), silence, silence, sine(500), sine(6000)]);
    const flux = rows.map((row) => at(row, 'flux'));
    expect(flux.slice(0, 4)).toEqual([1, 0, 1, 0]);
    expect(flux[5]).toBeCloseTo(Math.SQRT2, 3);
  });

  it('a steady vowel of 125 Hz has an F0 of 12 log2(125 / 27.5) semitones, and noise has none', () => {
    const rows = rowsOf(hopsOf((n) => (n % 128 < 3 ? 0.5 : -0.01), 30));
    expect(at(rows[29]!, 'f0Semitones')).toBeCloseTo(26.21, 1);
    expect(at(rows[29]!, 'voicing')).toBeGreaterThan(0.5);
    expect(Number.isFinite(at(rows[29]!, 'hnrDb'))).toBe(true);
    const hiss = rowsOf(Array.from({ length: 30 }, (_, seed) => noise(seed)));
    expect(at(hiss[29]!, 'f0Semitones')).toBeNaN();
    expect(at(hiss[29]!, 'hnrDb')).toBeNaN();
    expect(at(hiss[29]!, 'voicing')).toBeLessThan(0.5);
  });
});

describe('channels', () => {
  it('do not hear each other, however their hops interleave', () => {
    const left = hopsOf((n) => 0.3 * Math.sin(n / 20) + 0.1 * Math.sin((n * n) / 1e5), 20);
    const right = Array.from({ length: 20 }, (_, seed) => noise(seed + 100));
    const alone = [rowsOf(left), rowsOf(right)] as const;
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (order) => {
        const extractors = [new DescriptorExtractor(), new DescriptorExtractor()] as const;
        const next = [0, 0];
        const row = new Float32Array(ROW_LENGTH);
        for (const turn of order) {
          const channel = turn ? 1 : 0;
          const hop = next[channel]!++;
          const frame = (channel === 0 ? left : right)[hop];
          if (frame === undefined) continue;
          extractors[channel].describe(frame, row);
          expect(row).toEqual(alone[channel][hop]);
        }
      }),
      { numRuns: 20 },
    );
  });
});
