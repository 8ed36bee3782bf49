import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertChange } from '../../src/protocol/index.ts';
import { AlertEngine, type AlertRule } from '../../src/streams/alerts/index.ts';
import type { MeteredEvent } from '../../src/streams/metrics/index.ts';
import { anyCall, eventsOf, rulesOf } from './any-calls.ts';
import { CHANNELS } from './metrics-events.ts';

function checkRaise(rule: AlertRule, raise: AlertChange, clearBefore: AlertChange | undefined): void {
  expect(raise.state).toBe('raised');
  expect(raise.cause).toBeUndefined();
  expect(raise.atMs - raise.sinceMs).toBeGreaterThanOrEqual(rule.forMs);
  if (clearBefore !== undefined) expect(raise.atMs - clearBefore.atMs).toBeGreaterThanOrEqual(rule.cooldownMs);
  const { from, to } = rule.during ?? { from: { ms: 0 }, to: { ms: Infinity } };
  if ('ms' in from) expect(raise.atMs).toBeGreaterThanOrEqual(from.ms);
  if ('ms' in to) expect(raise.atMs).toBeLessThanOrEqual(to.ms);
}

function checkClear(rule: AlertRule, clear: AlertChange, raise: AlertChange): void {
  expect(clear).toMatchObject({ state: 'cleared', sinceMs: raise.sinceMs, cause: expect.any(String) });
  if (clear.cause === 'condition') expect(clear.atMs - raise.atMs).toBeGreaterThanOrEqual(rule.clearAfterMs);
}

describe('any rules over any call', () => {
  it('raise before they clear, keep to their cool-down, and leave nothing raised at the end', () => {
    let raised = 0;
    fc.assert(
      fc.property(anyCall, ({ rules, sides, gapAtStep, swaps }) => {
        const parsed = rulesOf(rules);
        const engine = new AlertEngine(parsed, { channels: CHANNELS });
        const changes: AlertChange[] = [];
        for (const event of eventsOf(sides, gapAtStep, swaps[Symbol.iterator]())) {
          const before = changes.at(-1)?.atMs ?? 0;
          for (const change of engine.next(event)) {
            expect(change.atMs).toBeGreaterThanOrEqual(before);
            changes.push(change);
          }
        }
        expect(engine.raised).toEqual([]);
        for (const rule of parsed) {
          const own = changes.filter((change) => change.rule === rule.name);
          raised += own.length / 2;
          expect(own.length % 2).toBe(0);
          for (let index = 0; index < own.length; index += 2) {
            checkRaise(rule, own[index]!, own[index - 1]);
            checkClear(rule, own[index + 1]!, own[index]!);
          }
        }
      }),
      { numRuns: 40 },
    );
    // The property says nothing if no rule ever fires.
    expect(raised).toBeGreaterThan(20);
  });

  it('give the same alerts, in the same order, whichever side comes first, and together or alone', () => {
    fc.assert(
      fc.property(anyCall, ({ rules, sides, gapAtStep, swaps }) => {
        const parsed = rulesOf(rules);
        const all = (engine: AlertEngine, events: readonly MeteredEvent[]) =>
          events.flatMap((event) => engine.next(event));
        const plain = eventsOf(sides, gapAtStep, [][Symbol.iterator]());
        const expected = all(new AlertEngine(parsed, { channels: CHANNELS }), plain);
        const swapped = eventsOf(sides, gapAtStep, swaps[Symbol.iterator]());
        expect(all(new AlertEngine(parsed, { channels: CHANNELS }), swapped)).toEqual(expected);
        for (const one of parsed) {
          const alone = all(new AlertEngine([one], { channels: CHANNELS }), plain);
          expect(alone).toEqual(expected.filter(({ rule }) => rule === one.name));
        }
      }),
      { numRuns: 25 },
    );
  });
});
