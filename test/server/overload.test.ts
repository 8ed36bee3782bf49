import { describe, expect, it } from 'vitest';
import { UndertoneError } from '../../src/errors.ts';
import { byUrgency, Overload, stretchOf } from '../../src/server/overload.ts';
import { OverloadWatch } from '../../src/server/overload-watch.ts';
import type { Registry } from '../../src/server/registry.ts';

const BUDGET_MS = 150;
const levels = (lags: readonly number[]): number[] => {
  const overload = new Overload(BUDGET_MS);
  return lags.map((lagMs) => overload.look(lagMs));
};
const many = (lagMs: number, looks: number): number[] => new Array<number>(looks).fill(lagMs);

describe('the level of overload', () => {
  it('does not rise for a single stall', () => {
    expect(levels([0, 5_000, 0, 0, 151, 100, 151, 0])).toEqual(many(0, 8));
  });

  it('rises step by step while the lag stays over its budget, and no further than refusing', () => {
    expect(levels(many(151, 9))).toEqual([0, 1, 1, 2, 2, 3, 3, 3, 3]);
  });

  it('stays where it is while the lag is neither over the budget nor well below it', () => {
    expect(levels([...many(151, 2), ...many(100, 50)]).at(-1)).toBe(1);
  });

  it('falls by itself, step by step, once the lag has been below half of the budget for five seconds', () => {
    const after = levels([...many(151, 4), ...many(70, 25)]).slice(4);
    expect(after.indexOf(1)).toBe(9);
    expect(after.indexOf(0)).toBe(19);
  });
});

describe('the least urgent streams', () => {
  it('are those that nobody follows, then those of the shortest step', () => {
    const stream = (followed: boolean, stepMs: number) => ({ followed, stepMs });
    const order = [stream(false, 100), stream(false, 500), stream(true, 100), stream(true, 500)];
    expect([...order].reverse().sort(byUrgency)).toEqual(order);
  });

  it('have the longer steps at every level, and all of them their own at none', () => {
    const at = (level: number) => [0, 1, 2, 3].map((index) => stretchOf(level, index, 4));
    expect(at(0)).toEqual([1, 1, 1, 1]);
    expect(at(1)).toEqual([2, 2, 1, 1]);
    expect(at(2)).toEqual([4, 4, 2, 2]);
    expect(at(3)).toEqual([4, 4, 2, 2]);
  });
});

describe('a server that is overloaded', () => {
  /** A clock that is moved by hand; a look comes when it is told to, late by what is given. */
  function watch(lagMs: () => number) {
    let nowMs = 0;
    let look = (): void => {};
    const stretched = [1, 1, 1];
    const streams = stretched.map((_, index) => ({
      // The last one is a recording.
      ahead: index === 2,
      hub: { followers: index + 1 },
      settings: { analysis: { stepMs: 500 } },
      stretch: (factor: number) => {
        stretched[index] = factor;
      },
    }));
    const seen: number[] = [];
    const overload = new OverloadWatch({
      registry: { running: streams } as unknown as Registry,
      clock: {
        now: () => nowMs,
        after: (ms, run) => {
          look = () => {
            nowMs += ms;
            run();
          };
          return () => {};
        },
      },
      budgetMs: BUDGET_MS,
      takeLagMs: lagMs,
      onLevel: (level) => seen.push(level),
    });
    return { overload, stretched, seen, look: (times: number) => Array.from({ length: times }, () => look()) };
  }

  it('lengthens the steps of the least urgent first, but of no recording, refuses new streams with an error to retry, and recovers by itself', () => {
    let lagMs = 400;
    const { overload, stretched, seen, look } = watch(() => lagMs);
    look(2);
    expect(stretched).toEqual([2, 1, 1]);
    expect(() => overload.admit()).not.toThrow();
    look(4);
    expect(stretched).toEqual([4, 2, 1]);
    let refused: unknown;
    try {
      overload.admit();
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(UndertoneError);
    expect(refused).toMatchObject({ code: 'overloaded', httpStatus: 503, closeCode: 1013, retryable: true });
    lagMs = 10;
    look(10);
    expect(() => overload.admit()).not.toThrow();
    look(20);
    expect(stretched).toEqual([1, 1, 1]);
    expect(seen).toEqual([1, 2, 3, 2, 1, 0]);
  });

  it('counts what waits in its own thread too', () => {
    const { overload, look } = watch(() => 0);
    for (let times = 0; times < 6; times += 1) {
      overload.lag(20);
      overload.lag(300);
      overload.lag(20);
      look(1);
    }
    expect(overload.level).toBe(3);
  });
});
