import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertChange } from '../../src/protocol/index.ts';
import { AlertEngine, type AlertRule, readAlertRules } from '../../src/streams/alerts/index.ts';
import type { MeteredEvent } from '../../src/streams/metrics/index.ts';
import { anyCall, eventsOf, rulesOf } from './any-calls.ts';
import { CHANNELS, endAt, windowAt } from './metrics-events.ts';

/** What an engine says of a call, where its rules are replaced before some of the events. */
function judged(
  first: readonly AlertRule[],
  events: readonly MeteredEvent[],
  later: ReadonlyMap<number, readonly AlertRule[]> = new Map(),
): AlertChange[] {
  const engine = new AlertEngine(first, { channels: CHANNELS });
  return events.flatMap((event, index) => {
    const rules = later.get(index);
    return [...(rules === undefined ? [] : engine.replace(rules)), ...engine.next(event)];
  });
}

const told = (changes: readonly AlertChange[]): string[] =>
  changes.map(({ rule, state, atMs, cause }) => [rule, state, atMs / 1000, cause ?? ''].join(' ').trim());

/** The same rules as other objects, with their keys in another order. */
const again = (rules: readonly AlertRule[]): AlertRule[] =>
  structuredClone(rules).map((rule) => Object.fromEntries(Object.entries(rule).reverse()) as unknown as AlertRule);

describe('rules that are replaced', () => {
  it('by equal ones change nothing, wherever and however often', () => {
    let alerts = 0;
    fc.assert(
      fc.property(
        anyCall,
        fc.uniqueArray(fc.nat(150), { maxLength: 20 }),
        ({ rules, sides, gapAtStep, swaps }, moments) => {
          const parsed = rulesOf(rules);
          const events = eventsOf(sides, gapAtStep, swaps[Symbol.iterator]());
          const expected = judged(parsed, events);
          alerts += expected.length;
          expect(judged(parsed, events, new Map(moments.map((index) => [index, again(parsed)])))).toEqual(expected);
        },
      ),
      { numRuns: 40 },
    );
    expect(alerts).toBeGreaterThan(20);
  });

  it('leave those that stay alone, clear those that go at once, and raise none of the new before', () => {
    let removed = 0;
    fc.assert(
      fc.property(anyCall, fc.nat(110), ({ rules, sides, gapAtStep, swaps }, at) => {
        const parsed = rulesOf([...rules, ...rules, ...rules]);
        const third = rules.length;
        const part = (index: number): readonly AlertRule[] => parsed.slice(index * third, (index + 1) * third);
        const [gone, stay, fresh] = [part(0), part(1), part(2)] as const;
        const events = eventsOf(sides, gapAtStep, swaps[Symbol.iterator]());
        const changes = judged([...gone, ...stay], events, new Map([[at, [...fresh, ...stay]]]));
        const of = (some: readonly AlertRule[], all: readonly AlertChange[]): AlertChange[] =>
          all.filter(({ rule }) => some.some(({ name }) => name === rule));
        expect(of(stay, changes)).toEqual(of(stay, judged(stay, events)));

        const before = of(gone, judged(gone, events.slice(0, at)));
        const open = gone.filter(({ name }) => before.findLast(({ rule }) => rule === name)?.state === 'raised');
        const after = of(gone, changes).slice(before.length);
        expect(of(gone, changes).slice(0, before.length)).toEqual(before);
        expect(after.map(({ rule, state, cause }) => ({ rule, state, cause }))).toEqual(
          open.map(({ name }) => ({ rule: name, state: 'cleared', cause: 'rule-removed' })),
        );
        removed += after.length;

        const positions = events.slice(0, at).flatMap((event) => (event.type === 'window' ? event.endMs : []));
        const changedMs = Math.max(0, ...positions);
        for (const change of of(fresh, changes)) expect(change.atMs).toBeGreaterThanOrEqual(changedMs);
      }),
      { numRuns: 60 },
    );
    expect(removed).toBeGreaterThan(5);
  });

  const anger = (above: number): readonly AlertRule[] =>
    readAlertRules(`rules: [{ name: angry, when: { measure: anger, of: customer, above: ${above} } }]`);
  const events = [
    ...[1, 2, 3, 4].flatMap((second) => [
      windowAt(0, second * 1000, 'anger', { probabilities: { anger: 0.7 } }),
      windowAt(1, second * 1000),
    ]),
    endAt(4000),
  ];

  it('clear the alert of one that is defined otherwise now, and judge it anew', () => {
    expect(told(judged(anger(0.5), events, new Map([[4, anger(0.6)]])))).toEqual([
      'angry raised 1',
      'angry cleared 2 rule-removed',
      'angry raised 3',
      'angry cleared 4 ended',
    ]);
    expect(told(judged(anger(0.5), events, new Map([[4, anger(0.9)]])))).toEqual([
      'angry raised 1',
      'angry cleared 2 rule-removed',
    ]);
  });

  it('lose nothing that waits for the other side: it is judged by the rules that are there then', () => {
    // Between the two sides of the position 2 s.
    expect(told(judged(anger(0.9), events, new Map([[3, anger(0.5)]])))).toEqual([
      'angry raised 2',
      'angry cleared 4 ended',
    ]);
  });

  it('find the figures of the call, though it began without rules', () => {
    const [rule] = readAlertRules('rules: [{ name: quiet, when: { measure: silence, above: 2500 ms } }]');
    const quiet = [1, 2, 3, 4].flatMap((second) => [
      windowAt(0, second * 1000, 'unknown', { openTurn: null }),
      windowAt(1, second * 1000, 'unknown', { openTurn: null }),
    ]);
    expect(told(judged([], quiet, new Map([[5, [rule!]]])))).toEqual(['quiet raised 3']);
  });

  it('wait for the length of the call, where they are in percent', () => {
    const late = readAlertRules(
      'rules: [{ name: end, when: { measure: duration, above: 0 s }, during: { from: 50 % } }]',
    );
    const engine = new AlertEngine([], { channels: CHANNELS });
    engine.replace(late);
    expect(engine.waiting).toEqual(late);
    engine.replace([]);
    expect(engine.waiting).toEqual([]);
  });
});
