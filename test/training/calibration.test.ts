import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolate } from '../../src/streams/index.ts';
import { fitConfidence, fitTemperature, negativeLogLikelihood, softmax } from '../../src/training/calibration.ts';
import { highest } from '../../src/training/fit.ts';
import { Random } from '../../src/training/random.ts';

describe('the temperature', () => {
  it('is found again where logits were sharpened by it', () => {
    const random = new Random(1);
    const classes = 4;
    const logits = new Float64Array(6000 * classes).map(() => 2 * random.normal());
    const probabilities = new Float64Array(classes);
    const truth = Array.from({ length: 6000 }, (_, row) => {
      softmax(logits, 1, probabilities, row * classes);
      const place = random.next();
      let label = 0;
      for (let sum = probabilities[0]!; label < classes - 1 && sum <= place; sum += probabilities[label]!) label += 1;
      return label;
    });
    for (const sharpness of [0.5, 1, 3]) {
      const sharp = logits.map((logit) => logit * sharpness);
      expect(fitTemperature(sharp, truth, classes) / sharpness).toBeCloseTo(1, 1);
    }
  });

  it('is likelier than its neighbours', () => {
    const random = new Random(2);
    const logits = new Float64Array(900).map(() => 3 * random.normal());
    // Right in about two of three.
    const truth = Array.from({ length: 300 }, (_, row) =>
      random.next() < 0.5 ? random.index(3) : highest(logits, row * 3, 3),
    );
    const best = fitTemperature(logits, truth, 3);
    const at = (temperature: number): number => negativeLogLikelihood(logits, truth, 3, temperature);
    expect(at(best)).toBeLessThanOrEqual(at(best * 1.05));
    expect(at(best)).toBeLessThanOrEqual(at(best / 1.05));
  });

  it('does not overflow on large logits', () => {
    const out = new Float64Array(2);
    softmax([1e4, -1e4], 1, out);
    expect([...out]).toEqual([1, 0]);
  });
});

describe('the confidence map', () => {
  it('rises, whatever it is fitted to', () => {
    const samples = fc.array(fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), right: fc.boolean() }), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(samples, (windows) => {
        const map = fitConfidence(
          windows.map(({ score }) => score),
          windows.map(({ right }) => right),
        );
        for (const values of [map.score, map.accuracy]) {
          expect(values.length).toBeGreaterThan(0);
          expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
          expect([...values].sort((a, b) => a - b)).toEqual(values);
        }
      }),
    );
  });

  it('pools neighbours that fall, by their weight: the textbook case', () => {
    // Groups of one: 1, 0, 1, 0, 0, 1, 1 → 1/3 … the first five pool to 2/5.
    const map = fitConfidence([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], [1, 0, 1, 0, 0, 1, 1], 7);
    expect(map.accuracy[0]).toBeCloseTo(2 / 5, 12);
    expect(map.accuracy.at(-1)).toBe(1);
    expect(map.score[0]).toBeCloseTo(0.3, 12);
  });

  it('comes near a curve that it has samples of', () => {
    const random = new Random(3);
    const score = Array.from({ length: 20_000 }, () => random.next());
    const right = score.map((value) => random.next() < value ** 2);
    const map = fitConfidence(score, right);
    for (const value of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      expect(Math.abs(interpolate(map.score, map.accuracy, value) - value ** 2)).toBeLessThan(0.05);
    }
  });
});
