import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classificationMetrics, reliability } from '../../src/training/metrics.ts';

describe('classification figures', () => {
  // Worked out by hand from the confusion matrix below; class 4 never occurs.
  const truth = [0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3];
  const predicted = [0, 0, 1, 2, 1, 1, 0, 2, 0, 3, 3, 0];
  const figures = classificationMetrics(truth, predicted, 5);

  it('counts who was taken for whom', () => {
    expect(figures.confusion).toEqual([
      [2, 1, 1, 0, 0],
      [1, 2, 0, 0, 0],
      [1, 0, 1, 0, 0],
      [1, 0, 0, 2, 0],
      [0, 0, 0, 0, 0],
    ]);
    expect(figures.support).toEqual([4, 3, 2, 3, 0]);
    expect(figures.count).toBe(12);
  });

  it('has precision, recall and F1 of each class', () => {
    const recall = [2 / 4, 2 / 3, 1 / 2, 2 / 3, 0];
    const precision = [2 / 5, 2 / 3, 1 / 2, 2 / 2, 0];
    const f1 = [4 / 9, 4 / 6, 2 / 4, 4 / 5, 0];
    for (let index = 0; index < 5; index++) {
      expect(figures.recall[index]).toBeCloseTo(recall[index]!, 12);
      expect(figures.precision[index]).toBeCloseTo(precision[index]!, 12);
      expect(figures.f1[index]).toBeCloseTo(f1[index]!, 12);
    }
  });

  it('has accuracy, UA and the means of F1 over the classes that occur', () => {
    expect(figures.accuracy).toBeCloseTo(7 / 12, 12);
    expect(figures.ua).toBeCloseTo((1 / 2 + 2 / 3 + 1 / 2 + 2 / 3) / 4, 12);
    expect(figures.macroF1).toBeCloseTo((4 / 9 + 2 / 3 + 1 / 2 + 4 / 5) / 4, 12);
    expect(figures.weightedF1).toBeCloseTo((4 * (4 / 9) + 3 * (2 / 3) + 2 * (1 / 2) + 3 * (4 / 5)) / 12, 12);
  });

  it('is 1 throughout for a classifier that is always right, whatever the classes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { minLength: 1 }), (labels) => {
        const { accuracy, ua, macroF1, weightedF1 } = classificationMetrics(labels, labels, 5);
        expect(accuracy).toBe(1);
        expect(ua).toBeCloseTo(1, 12);
        expect(macroF1).toBeCloseTo(1, 12);
        expect(weightedF1).toBeCloseTo(1, 12);
      }),
    );
  });

  it('gives UA of one over the classes to one answer for all', () => {
    expect(classificationMetrics([0, 0, 0, 1, 2, 3], [0, 0, 0, 0, 0, 0], 4).ua).toBeCloseTo(1 / 4, 12);
  });
});

describe('the expected calibration error', () => {
  it('is the weighted distance of confidence and accuracy in each bin', () => {
    // Bin [0.2, 0.3): mean 0.25, right 1 of 2. Bin [0.9, 1]: mean 0.95, right 2 of 3.
    const { ece, bins } = reliability([0.22, 0.28, 0.9, 0.95, 1], [true, false, true, true, false]);
    expect(bins[2]).toMatchObject({ count: 2, accuracy: 0.5 });
    expect(bins[9]!.count).toBe(3);
    expect(ece).toBeCloseTo((2 / 5) * Math.abs(0.5 - 0.25) + (3 / 5) * Math.abs(2 / 3 - 0.95), 12);
  });

  it('is 0 where each bin keeps its promise', () => {
    expect(reliability([0.5, 0.5, 0.75, 0.75, 0.75, 0.75], [1, 0, 1, 1, 1, 0]).ece).toBeCloseTo(0, 12);
  });
});
