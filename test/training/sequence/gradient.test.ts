import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/training/random.ts';
import { Descent } from '../../../src/training/sequence/descent.ts';
import { initialParameters, layoutOf } from '../../../src/training/sequence/parameters.ts';
import { referenceLoss } from './reference.ts';
import { aBatch, SMALL } from './tools.ts';

const NO_DROPOUT = { dropout: 0, headDropout: 0 };
const FRAMES = [9, 14, 4, 11, 7];

/** Parameters off their beginnings, so that no slope is 0 by symmetry. */
function someParameters(): Float32Array {
  const random = new Random('parameters');
  return initialParameters(SMALL, random).map((value) => value + 0.2 * random.normal());
}

describe('the loss of a batch', () => {
  const batch = aBatch(SMALL, FRAMES);
  const parameters = someParameters();
  const descent = new Descent(SMALL, FRAMES.length, 16);

  it('is that of the definition', () => {
    const { loss } = descent.run(parameters, batch, NO_DROPOUT, new Random(1));
    expect(loss).toBeCloseTo(referenceLoss(SMALL, Float64Array.from(parameters), batch), 5);
  });

  it.each([...layoutOf(SMALL).parameters.values()])('has the slope of finite differences by $name', (parameter) => {
    const gradient = descent.run(parameters, batch, NO_DROPOUT, new Random(1)).gradient.slice();
    const values = Float64Array.from(parameters);
    const slopeAt = (index: number): number => {
      const [before, eps] = [values[index]!, 1e-5];
      values[index] = before + eps;
      const above = referenceLoss(SMALL, values, batch);
      values[index] = before - eps;
      const below = referenceLoss(SMALL, values, batch);
      values[index] = before;
      return (above - below) / (2 * eps);
    };
    const { at, rows, columns } = parameter;
    const some = Array.from({ length: Math.min(24, rows * columns) }, (_, i) =>
      Math.floor((i * rows * columns) / Math.min(24, rows * columns)),
    );
    for (const index of some) {
      const expected = slopeAt(at + index);
      expect(Math.abs(gradient[at + index]! - expected), `${parameter.name}[${index}]`).toBeLessThan(
        2e-5 + 1e-3 * Math.abs(expected),
      );
    }
    expect(some.some((index) => Math.abs(gradient[at + index]!) > 1e-4)).toBe(true);
  });

  it('is the same after a batch of other lengths: nothing of it is left behind', () => {
    const first = descent.run(parameters, batch, NO_DROPOUT, new Random(1));
    const [loss, gradient, statistics] = [first.loss, first.gradient.slice(), first.statistics.slice()];
    descent.run(parameters, { ...aBatch(SMALL, [16, 16, 16, 16, 16], 'other') }, NO_DROPOUT, new Random(1));
    const again = descent.run(parameters, aBatch(SMALL, FRAMES), NO_DROPOUT, new Random(1));
    expect(again.loss).toBe(loss);
    expect(again.gradient).toEqual(gradient);
    expect(again.statistics).toEqual(statistics);
  });
});

describe('dropout', () => {
  const batch = aBatch(SMALL, FRAMES);
  const parameters = someParameters();
  const descent = new Descent(SMALL, FRAMES.length, 16);

  it('draws the same with the same seed, and otherwise with another', () => {
    const options = { dropout: 0.3, headDropout: 0.3 };
    const loss = (seed: number): number => descent.run(parameters, batch, options, new Random(seed)).loss;
    expect(loss(1)).toBe(loss(1));
    expect(loss(1)).not.toBe(loss(2));
  });

  it('has the slope of what it kept: a step down the gradient lowers the loss of the same draw', () => {
    const options = { dropout: 0.2, headDropout: 0.2 };
    const { loss, gradient } = descent.run(parameters, batch, options, new Random(3));
    const square = gradient.reduce((sum, slope) => sum + slope * slope, 0);
    const eps = 1e-3 / Math.sqrt(square);
    const moved = parameters.map((value, index) => value - eps * gradient[index]!);
    const expected = eps * square;
    const after = descent.run(moved, batch, options, new Random(3)).loss;
    expect((loss - after) / expected).toBeGreaterThan(0.9);
    expect((loss - after) / expected).toBeLessThan(1.1);
  });
});
