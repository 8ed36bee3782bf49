import fc from 'fast-check';
import { expect } from 'vitest';
import { type AlertRule, parseAlertRules } from '../../src/streams/alerts/index.ts';
import type { MeteredEvent } from '../../src/streams/metrics/index.ts';
import { endAt, gapAt, windowAt } from './metrics-events.ts';
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
    // Rules nest 8 deep at most.
    { maxDepth: 5, depthSize: 'small', withCrossShrink: true },
    measure,
    fc.record({ not: tie('condition') }),
    fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
  ),
}));

const seconds = (...choices: number[]) => fc.constantFrom(...choices.map((choice) => `${choice} s`));
export const anyRule = fc.record(
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

/** Rules and the call that they are judged on. */
export const anyCall = fc.record({
  rules: fc.array(anyRule, { minLength: 1, maxLength: 4 }),
  sides: fc.tuple(side, side),
  gapAtStep: fc.option(fc.integer({ min: 5, max: 50 })),
  swaps: fc.infiniteStream(fc.boolean()),
});

/** The events of both sides; where their windows stand at one position, `swaps` says which comes first. */
export function eventsOf(
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

/** They are named r0, r1 … */
export function rulesOf(rules: readonly object[]): readonly AlertRule[] {
  const named = rules.map((one, index) => ({ name: `r${index}`, ...one }));
  const parsed = parseAlertRules(JSON.stringify({ rules: named }));
  expect(parsed.problems).toEqual([]);
  return parsed.rules;
}
