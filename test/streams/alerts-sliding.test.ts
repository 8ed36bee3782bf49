import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingExtreme, SlidingMean } from '../../src/streams/alerts/sliding.ts';

const points = fc.array(
  fc.record({ passedMs: fc.integer({ min: 100, max: 3000 }), value: fc.option(fc.integer({ min: -5, max: 5 })) }),
  { maxLength: 60 },
);

describe('values over a time that slides', () => {
  it.each([1, -1] as const)('have the highest (1) or lowest (-1) that a look at all of them finds: %s', (sign) => {
    fc.assert(
      fc.property(points, fc.integer({ min: 100, max: 8000 }), (steps, spanMs) => {
        const extreme = new SlidingExtreme(spanMs, sign);
        const seen: { readonly atMs: number; readonly value: number }[] = [];
        let atMs = 0;
        for (const { passedMs, value } of steps) {
          atMs += passedMs;
          if (value !== null) {
            extreme.push(atMs, value);
            seen.push({ atMs, value });
          }
          const inside = seen.filter((point) => point.atMs >= atMs - spanMs).map((point) => sign * point.value);
          const expected = inside.length === 0 ? undefined : sign * Math.max(...inside);
          expect((extreme.extreme(atMs) ?? Number.NaN) + 0).toBe((expected ?? Number.NaN) + 0);
        }
      }),
    );
  });

  it('have the mean of those that a look at all of them finds', () => {
    fc.assert(
      fc.property(points, fc.integer({ min: 100, max: 8000 }), (steps, spanMs) => {
        const mean = new SlidingMean(spanMs);
        const seen: { readonly atMs: number; readonly value: number }[] = [];
        let atMs = 0;
        for (const { passedMs, value } of steps) {
          atMs += passedMs;
          if (value !== null) {
            mean.push(atMs, value);
            seen.push({ atMs, value });
          }
          const inside = seen.filter((point) => point.atMs > atMs - spanMs).map((point) => point.value);
          const found = mean.mean(atMs);
          if (inside.length === 0) expect(found).toBeUndefined();
          else expect(found).toBeCloseTo(inside.reduce((sum, value) => sum + value, 0) / inside.length, 12);
        }
      }),
    );
  });
});
