import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binned, MOST_BINS } from '../../../src/training/classifiers/bins.ts';
import { minimise } from '../../../src/training/classifiers/minimise.ts';
import { addTransposed, products, squares } from '../../../src/training/classifiers/products.ts';
import { sequentialMinimal } from '../../../src/training/classifiers/smo.ts';
import { Random } from '../../../src/training/random.ts';
import { matrix } from './learning.ts';

const float = fc.float({ min: -8, max: 8, noNaN: true });

describe('products of rows', () => {
  it('are those of the definition, whatever the numbers of rows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 7 }),
        fc.integer({ min: 0, max: 70 }),
        fc.integer({ min: 1, max: 5 }),
        fc.string(),
        (left, right, columns, seed) => {
          const random = new Random(seed);
          const drawn = (rows: number) =>
            matrix(
              Array.from({ length: rows * columns }, () => random.normal()),
              columns,
            );
          const [a, b] = [drawn(left), drawn(right)];
          const out = new Float64Array(left * right).fill(Number.NaN);
          products(a, b, out);
          for (let i = 0; i < left; i++) {
            for (let j = 0; j < right; j++) {
              let expected = 0;
              for (let column = 0; column < columns; column++) {
                expected += a.values[i * columns + column]! * b.values[j * columns + column]!;
              }
              expect(out[i * right + j]).toBeCloseTo(expected, 12);
            }
          }
          const own = new Float64Array(left * left);
          products(a, a, own);
          expect([...squares(a)]).toEqual([...own].filter((_, at) => at % (left + 1) === 0));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('transposed products', () => {
  it('are those of the definition, added to what is there', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        fc.string(),
        (rows, width, columns, seed) => {
          const random = new Random(seed);
          const a = Float64Array.from({ length: rows * width }, () => random.normal());
          const b = matrix(
            Array.from({ length: rows * columns }, () => random.normal()),
            columns,
          );
          const out = new Float64Array(width * columns).fill(1);
          addTransposed(a, width, b, out);
          for (let place = 0; place < width; place++) {
            for (let column = 0; column < columns; column++) {
              let expected = 1;
              for (let row = 0; row < rows; row++)
                expected += a[row * width + place]! * b.values[row * columns + column]!;
              expect(out[place * columns + column]).toBeCloseTo(expected, 12);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('bins', () => {
  it('hold every row, keep its order, and an edge parts what it parts among the values themselves', () => {
    fc.assert(
      fc.property(fc.array(float, { minLength: 1, maxLength: 300 }), (values) => {
        const { edges, bins } = binned(matrix(values, 1));
        const [own] = edges;
        expect(own!.length).toBeLessThan(MOST_BINS);
        own!.forEach((edge, at) => {
          if (at > 0) expect(edge).toBeGreaterThan(own![at - 1]!);
          // No edge leaves a side empty.
          expect(values.some((value) => value <= edge)).toBe(true);
          expect(values.some((value) => value > edge)).toBe(true);
        });
        values.forEach((value, row) => {
          own!.forEach((edge, bin) => {
            expect(bins[row]! <= bin).toBe(Math.fround(value) <= edge);
          });
        });
      }),
    );
  });

  it('tell all values apart where they are few', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -99, max: 99 }), { minLength: 1, maxLength: 64 }), (values) => {
        expect(binned(matrix(values, 1)).edges[0]).toHaveLength(values.length - 1);
      }),
    );
  });

  it('are about equally full where values are many', () => {
    const random = new Random('bins');
    const { bins } = binned(
      matrix(
        Array.from({ length: 6400 }, () => random.normal() ** 3),
        1,
      ),
    );
    const counts = new Array<number>(MOST_BINS).fill(0);
    for (const bin of bins) counts[bin]! += 1;
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(99);
    expect(Math.max(...counts)).toBeLessThanOrEqual(101);
  });
});

describe('L-BFGS', () => {
  // Rosenbrock 1960: a curved valley with its minimum at (1, 1).
  const rosenbrock = (at: Float64Array, slope: Float64Array): number => {
    const [x, y] = [at[0]!, at[1]!];
    slope[0] = -2 * (1 - x) - 400 * x * (y - x * x);
    slope[1] = 200 * (y - x * x);
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
  };

  it('follows the valley of Rosenbrock to its end', () => {
    const at = Float64Array.of(-1.2, 1);
    expect(minimise(at, rosenbrock, { maxSteps: 200, tolerance: 1e-8 })).toBeLessThan(100);
    expect(at[0]).toBeCloseTo(1, 7);
    expect(at[1]).toBeCloseTo(1, 7);
  });

  it('takes no step at a minimum, and no more than it may', () => {
    expect(minimise(Float64Array.of(1, 1), rosenbrock, { maxSteps: 200, tolerance: 1e-8 })).toBe(0);
    expect(minimise(Float64Array.of(-1.2, 1), rosenbrock, { maxSteps: 3, tolerance: 1e-8 })).toBe(3);
  });

  it('ends where nothing leads down any more', () => {
    const at = Float64Array.of(0.3);
    // |x|: at its minimum the slope does not vanish.
    minimise(
      at,
      (place, slope) => {
        slope[0] = place[0]! < 0 ? -1 : 1;
        return Math.abs(place[0]!);
      },
      { maxSteps: 1000, tolerance: 1e-9 },
    );
    expect(Math.abs(at[0]!)).toBeLessThan(1e-6);
  });
});

describe('sequential minimal optimisation', () => {
  it('meets the conditions of an optimum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.string(),
        (minus, plus, seed) => {
          const random = new Random(seed);
          const rows = minus + plus;
          const x = Array.from({ length: rows * 2 }, (_, at) => random.normal() + (at < minus * 2 ? 0 : 1));
          const y = Int8Array.from({ length: rows }, (_, row) => (row < minus ? -1 : 1));
          const limits = Float64Array.from({ length: rows }, () => random.between(0.2, 2));
          const kernel = new Float32Array(rows * rows);
          for (let i = 0; i < rows; i++) {
            for (let j = 0; j < rows; j++) {
              kernel[i * rows + j] = Math.exp(-((x[2 * i]! - x[2 * j]!) ** 2) - (x[2 * i + 1]! - x[2 * j + 1]!) ** 2);
            }
          }
          const { coefficients, rho } = sequentialMinimal(kernel, y, limits, { tolerance: 1e-6, maxSteps: 100_000 });
          expect(Math.abs(coefficients.reduce((sum, of) => sum + of, 0))).toBeLessThan(1e-9);
          for (let row = 0; row < rows; row++) {
            const alpha = coefficients[row]! * y[row]!;
            expect(alpha).toBeGreaterThanOrEqual(0);
            expect(alpha).toBeLessThanOrEqual(limits[row]!);
            const value = coefficients.reduce((sum, of, at) => sum + of * kernel[row * rows + at]!, -rho);
            const margin = y[row]! * value;
            if (alpha === 0) expect(margin).toBeGreaterThan(1 - 1e-5);
            else if (alpha === limits[row]) expect(margin).toBeLessThan(1 + 1e-5);
            else expect(margin).toBeCloseTo(1, 5);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
