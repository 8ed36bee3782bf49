import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { descriptors, featureSet, functionalNames } from '../../src/features/index.ts';
import { type Fingerprint, fingerprint } from './fingerprint.ts';

const pinned = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../golden/features-fingerprint.json'), 'utf8'),
) as Fingerprint;
const THEN = 'then train every model again and pin the new set with npm run pin:features. A model fits one hash.';

/** Twice the sixth digit that is kept, of the larger of the value and 1. */
const same = (value: number | null, expected: number | null): boolean =>
  value === null || expected === null
    ? value === expected
    : Math.abs(value - expected) <= 2e-5 * Math.max(1, Math.abs(expected));

describe('the feature set', () => {
  it('has the hash that the models were trained on', () => {
    expect(featureSet.hash, `The feature set changed: undo that, or keep it and ${THEN}`).toBe(pinned.hash);
  });

  it('gives the values that it gave under that hash', () => {
    const now = fingerprint();
    const changed = featureSet.names.filter((_, index) => !same(now.functionals[index]!, pinned.functionals[index]!));
    if (!same(now.speech, pinned.speech)) changed.push('speech');
    const message = `Code changed these values: undo that, or raise REVISION in src/features/feature-set.ts, ${THEN}`;
    expect(changed, message).toEqual([]);
    expect(now.functionals.length).toBe(pinned.functionals.length);
  });

  it('has a pinned value for nearly every functional, so that a change shows', () => {
    expect(pinned.functionals.filter((value) => value !== null).length).toBe(featureSet.length);
  });

  it('names each of its values once, and all of them', () => {
    expect(featureSet.name).toBe('undertone-f1');
    expect(featureSet.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(featureSet.names).toEqual(functionalNames);
    expect(featureSet.length).toBe(new Set(featureSet.names).size);
  });
});

describe('the row of descriptors', () => {
  it('names each descriptor once and gives it a range', () => {
    expect(new Set(descriptors.map(({ name }) => name)).size).toBe(descriptors.length);
    for (const { name, unit, range } of descriptors) {
      expect(range[1], name).toBeGreaterThan(range[0]);
      expect(unit, name).not.toBe('');
    }
  });
});
