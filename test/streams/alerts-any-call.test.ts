import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertChange } from '../../src/protocol/index.ts';
import { AlertEngine, type AlertRule, parseAlertRules } from '../../src/streams/alerts/index.ts';
import type { MeteredEvent } from '../../src/streams/metrics/index.ts';
import { CHANNELS, endAt, gapAt, windowAt } from './metrics-events.ts';
import { eventsOfHops, toldAtMs } from './metrics-speech.ts';

const measure = fc.oneof(
  fc.record({
    measure: fc.constantFrom('anger', 'valence', 'arousal'),
    of: fc.constantFrom('customer', 'employee', 'anyone', 'everyone'),
    above: fc.constantFrom(0.2, 0.5, 0.8),
    hysteresis: fc.constantFrom(0, 0.1),
  }),
  fc.record({
    measure: fc.constant('valence'),
    falls: fc.constantFrom(0.3, 0.8),
    within: fc.constantFrom('2 s', '20 s'),
  }),
  fc.record({
    measure: fc.constant('anger'),
    average: fc.constantFrom('1 s', '5 s'),
    below: fc.constantFrom(0.3, 0.5),
  }),
  fc.record({ measure: fc.constant('silence'), above: fc.constantFrom('1 s', '3 s') }),
  fc.record({ measure: fc.constant('overtalk'), above: fc.constantFrom('500 ms', '1 s') }),
  fc.record({ measure: fc.constant('talk-share'), of: fc.constant('employee'), above: fc.constant('60 %') }),
  fc.record({ label: fc.constantFrom('anger', 'unknown'), of: fc.constantFrom('customer', 'anyone') }),
);

const { condition } = fc.letrec<{ condition: object }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    measure,
    fc.record({ not: tie('condition') }),
    fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
  ),
}));

const seconds = (...choices: number[]) => fc.constantFrom(...choices.map((choice) => `${choice} s`));
const rule = fc.record(
  {
    when: condition,
    for: seconds(0, 1, 3),
    clearAfter: seconds(0, 1, 2),
    cooldown: seconds(0, 4, 10),
    during: fc.constantFrom({ from: '5 s', to: '12 s' }, { from: '0 s' }),
  },
  { requiredKeys: ['when'] },
);

/** Per side: what each step of 500 ms holds, and speech as hops. */
const side = fc.array(
  fc.record({
    kind: fc.constantFrom('sure', 'sure', 'sure', 'unsure', 'quiet'),
    anger: fc.double({ min: 0, max: 1, noNaN: true }),
    valence: fc.double({ min: -1, max: 1, noNaN: true }),
    hops: fc.array(fc.boolean(), { minLength: 50, maxLength: 50 }),
    speaks: fc.boolean(),
  }),
  { minLength: 60, maxLength: 60 },
);

const call = fc.record({
  rules: fc.array(rule, { minLength: 1, maxLength: 4 }),
  sides: fc.tuple(side, side),
  gapAtStep: fc.option(fc.integer({ min: 5, max: 50 })),
  swaps: fc.infiniteStream(fc.boolean()),
});

/** The events of both sides; where their windows stand at one position, `swaps` says which comes first. */
function eventsOf(
  sides: readonly (typeof side extends fc.Arbitrary<infer T> ? T : never)[],
  gapAtStep: number | null,
  swaps: Iterator<boolean>,
): readonly MeteredEvent[] {
  const durationMs = sides[0]!.length * 500;
  const streams = sides.map((steps, channel) => {
    const hops = steps.flatMap(({ hops, speaks }) => hops.map((hop) => hop && speaks));
    return eventsOfHops(channel, hops, true).map((event): MeteredEvent => {
      if (event.type !== 'window') return event;
      const { kind, anger, valence } = steps[event.endMs / 500 - 1]!;
      const felt = { probabilities: { anger, neutral: 1 - anger }, valence, arousal: anger };
      const label = kind === 'sure' ? (anger > 0.5 ? 'anger' : 'neutral') : 'unknown';
      const reason = kind === 'quiet' ? 'silence' : 'low-confidence';
      const known = { speechRatio: event.speechRatio, openTurn: event.openTurn ?? null };
      return windowAt(channel, event.endMs, label, { ...felt, ...known, ...(label === 'unknown' && { reason }) });
    });
  });
  const gaps =
    gapAtStep === null
      ? []
      : [{ atMs: gapAtStep * 500, turn: 3, event: gapAt(gapAtStep * 500, gapAtStep * 500 + 100) }];
  const first = Array.from({ length: durationMs / 10 + 1 }, () => (swaps.next().value === true ? 1 : 0));
  const told = streams.flatMap((events, channel) =>
    events.map((event) => {
      const atMs = toldAtMs(event, durationMs);
      return { atMs, turn: (channel + first[atMs / 10]!) % 2, event };
    }),
  );
  const merged = [...told, ...gaps].sort((a, b) => a.atMs - b.atMs || a.turn - b.turn).map(({ event }) => event);
  return [...merged, endAt(durationMs)];
}

function rulesOf(rules: readonly object[]) {
  const named = rules.map((one, index) => ({ name: `r${index}`, ...one }));
  const parsed = parseAlertRules(JSON.stringify({ rules: named }));
  expect(parsed.problems).toEqual([]);
  return parsed.rules;
}

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
      fc.property(call, ({ rules, sides, gapAtStep, swaps }) => {
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
      fc.property(call, ({ rules, sides, gapAtStep, swaps }) => {
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
