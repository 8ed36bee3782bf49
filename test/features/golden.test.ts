import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DescriptorExtractor, descriptorIndex, descriptors, ROW_LENGTH } from '../../src/features/index.ts';

interface Case {
  readonly name: string;
  readonly samples: string;
  readonly rows: readonly (readonly number[])[];
}
const golden = JSON.parse(readFileSync(resolve(import.meta.dirname, '../golden/features.json'), 'utf8')) as {
  readonly cases: readonly Case[];
};

/**
 * By how much a value may differ from numpy's, in the descriptor's own unit: what the 24 bits of a row's float cost, or
 * for logarithms and shapes the rounding of the centred samples' spectrum where it is nearly empty.
 */
const tolerance = (name: string): number => {
  if (name.startsWith('logMel')) return 2e-6;
  if (name.startsWith('mfcc')) return 2e-5;
  if (name.startsWith('contrast')) return 1e-4;
  if (name.endsWith('Hz')) return 1e-3;
  if (name.endsWith('Db') || name === 'slope') return 1e-5;
  return 1e-6;
};

/** The 640 samples that end with each hop; zeros before the first. */
function framesOf(encoded: string): Float32Array[] {
  const bytes = Buffer.from(encoded, 'base64');
  const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const padded = new Float32Array(480 + samples.length);
  padded.set(samples, 480);
  return Array.from({ length: samples.length / 160 }, (_, hop) => padded.slice(160 * hop, 160 * hop + 640));
}

describe('the spectral descriptors against numpy and scipy (scripts/golden-features.py)', () => {
  for (const { name, samples, rows } of golden.cases) {
    it(`agree on ${name}`, () => {
      const extractor = new DescriptorExtractor();
      const row = new Float32Array(ROW_LENGTH);
      const off: string[] = [];
      framesOf(samples).forEach((frame, hop) => {
        extractor.describe(frame, row);
        rows[hop]!.forEach((expected, index) => {
          const { name: descriptor } = descriptors[index]!;
          const error = Math.abs(row[index]! - expected);
          if (!(error <= tolerance(descriptor))) off.push(`hop ${hop} ${descriptor}: ${row[index]} for ${expected}`);
        });
      });
      expect(off).toEqual([]);
      expect(rows.length).toBe(8);
      expect(rows[0]!.length).toBe(descriptorIndex('f0Semitones'));
    });
  }
});
