import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallMetrics, Stretch } from '../../src/protocol/index.ts';
import { CallMeter, type MeteredEvent } from '../../src/streams/metrics/index.ts';
import { CHANNELS, endAt, gapAt, turnAt, windowAt } from './metrics-events.ts';
import { countByGrid, eventsOfHops, STEP_MS, toldAtMs } from './metrics-speech.ts';

function metricsOf(events: readonly MeteredEvent[], channels = CHANNELS): CallMetrics {
  const meter = new CallMeter(channels);
  for (const event of events) meter.next(event);
  return meter.metrics();
}

const lengthOf = (stretch: Stretch | null): number => (stretch === null ? 0 : stretch.endMs - stretch.startMs);

describe('the turns of a call', () => {
  // caller ·####····#####······#······
  // agent  ·····####···####····######·   (a column is about a second)
  const call = metricsOf([
    turnAt(0, 1000, 5000),
    turnAt(1, 5500, 9500),
    turnAt(0, 9000, 14_000),
    turnAt(1, 12_000, 16_000),
    turnAt(0, 20_000, 21_000),
    turnAt(1, 20_500, 26_000),
    endAt(31_000),
  ]);
  const [caller, agent] = call.sides;

  it('give talk, silence and their ratios', () => {
    expect(call).toMatchObject({ durationMs: 31_000, missingMs: 0, talkMs: 20_500, silenceMs: 10_500 });
    expect(call.talkRatio).toBeCloseTo(20.5 / 31, 12);
    expect(call.silenceRatio).toBeCloseTo(10.5 / 31, 12);
    expect(call.longestSilence).toEqual({ startMs: 26_000, endMs: 31_000 });
    expect(caller).toMatchObject({ name: 'caller', role: 'customer', turns: 3, talkMs: 10_000, silenceMs: 21_000 });
    expect(caller).toMatchObject({ longestTurnMs: 5000, longestSilence: { startMs: 21_000, endMs: 31_000 } });
    expect(agent).toMatchObject({ name: 'agent', role: 'employee', turns: 3, talkMs: 13_500, longestTurnMs: 5500 });
    // It did not speak in [0, 5500), [9500, 12000), [16000, 20500), [26000, 31000).
    expect(agent?.longestSilence).toEqual({ startMs: 0, endMs: 5500 });
    expect(agent?.talkRatio).toBeCloseTo(13.5 / 31, 12);
    expect(agent?.talkShare).toBeCloseTo(13.5 / 23.5, 12);
  });

  it('give overtalk, and who interrupted', () => {
    // [9000, 9500), [12000, 14000), [20500, 21000).
    expect(call).toMatchObject({ overtalkMs: 3000, overtalks: 3 });
    expect(call.overtalkRatio).toBeCloseTo(3 / 31, 12);
    expect(caller).toMatchObject({ overlaps: 1, interruptions: 1 });
    expect(agent).toMatchObject({ overlaps: 2, interruptions: 2 });
  });

  it('give the pauses before answers', () => {
    expect(agent?.answers).toEqual({ count: 1, meanMs: 500, longestMs: 500, lastMs: 500 });
    expect(caller?.answers).toEqual({ count: 1, meanMs: 4000, longestMs: 4000, lastMs: 4000 });
  });

  it('count a word said meanwhile as an overlap, not as an interruption', () => {
    const [, listener] = metricsOf([turnAt(1, 3000, 4500), turnAt(0, 0, 10_000), endAt(10_000)]).sides;
    expect(listener).toMatchObject({ overlaps: 1, interruptions: 0 });
  });

  it('count turns that meet for less than 500 ms as no interruption', () => {
    const [, agent] = metricsOf([turnAt(0, 0, 5000), turnAt(1, 4510, 9000), endAt(9000)]).sides;
    expect(agent).toMatchObject({ overlaps: 1, interruptions: 0 });
    expect(metricsOf([turnAt(0, 0, 5000), turnAt(1, 4500, 9000), endAt(9000)]).sides[1]?.interruptions).toBe(1);
  });

  it('that begin together interrupt nobody and both answer', () => {
    const { sides, overtalkMs } = metricsOf([
      turnAt(1, 0, 2000),
      turnAt(0, 0, 2000),
      turnAt(0, 3000, 5000),
      turnAt(1, 3000, 6000),
      endAt(6000),
    ]);
    expect(overtalkMs).toBe(4000);
    expect(sides.map(({ overlaps }) => overlaps)).toEqual([0, 0]);
    // Both spoke last, so nobody is answered.
    expect(sides.map(({ answers }) => answers.count)).toEqual([0, 0]);
  });

  it('do not answer over missing audio, which is neither talk nor silence', () => {
    const call = metricsOf([turnAt(0, 0, 2000), gapAt(3000, 8000), turnAt(1, 9000, 10_000), endAt(12_000)]);
    expect(call).toMatchObject({ durationMs: 12_000, missingMs: 5000, talkMs: 3000, silenceMs: 4000 });
    expect(call.talkRatio).toBeCloseTo(3 / 7, 12);
    expect(call.longestSilence).toEqual({ startMs: 10_000, endMs: 12_000 });
    expect(call.sides[1]).toMatchObject({ silenceMs: 6000, longestSilence: { startMs: 0, endMs: 3000 } });
    expect(call.sides[0]).toMatchObject({ silenceMs: 5000, longestSilence: { startMs: 8000, endMs: 12_000 } });
    expect(call.sides[1]?.answers.count).toBe(0);
  });

  it('of nobody are all silence', () => {
    const call = metricsOf([endAt(5000)]);
    expect(call).toMatchObject({ talkMs: 0, silenceMs: 5000, silenceRatio: 1, overtalks: 0 });
    expect(call.longestSilence).toEqual({ startMs: 0, endMs: 5000 });
    expect(call.sides[0]).toMatchObject({ talkShare: null, answers: { count: 0, meanMs: null, lastMs: null } });
    expect(metricsOf([])).toMatchObject({ durationMs: 0, talkRatio: 0, silenceRatio: 0, longestSilence: null });
  });

  it('of one channel alone give its figures', () => {
    const [mixed] = CHANNELS;
    const call = metricsOf([turnAt(0, 500, 1500), endAt(2000)], [mixed!]);
    expect(call).toMatchObject({ talkMs: 1000, overtalkMs: 0 });
    expect(call.sides).toHaveLength(1);
    expect(call.sides[0]?.talkShare).toBe(1);
  });

  it('of a channel that the call does not have are an error', () => {
    expect(() => metricsOf([turnAt(1, 0, 1000)], [CHANNELS[0]!])).toThrow(RangeError);
  });
});

describe('a call while it runs', () => {
  it('counts the turn that is open, up to its last speech, where windows tell it', () => {
    const call = metricsOf([windowAt(0, 4000, 'neutral', { openTurn: { startMs: 500, endMs: 3800 } })]);
    expect(call).toMatchObject({ durationMs: 4000, talkMs: 3300, silenceMs: 700 });
    expect(call.sides[0]).toMatchObject({ turns: 1, longestTurnMs: 3300 });
  });

  it('forgets the open turn once it has ended', () => {
    const call = metricsOf([
      windowAt(0, 4000, 'neutral', { openTurn: { startMs: 500, endMs: 3800 } }),
      turnAt(0, 500, 3800),
      windowAt(0, 5000, 'neutral', { openTurn: null }),
    ]);
    expect(call).toMatchObject({ durationMs: 5000, talkMs: 3300 });
    expect(call.sides[0]?.turns).toBe(1);
  });

  it('knows silence and the open turn of a channel', () => {
    const meter = new CallMeter(CHANNELS);
    meter.next(windowAt(0, 4000, 'neutral', { openTurn: { startMs: 500, endMs: 3900 } }));
    expect(meter.silenceMs(0)).toBe(100);
    expect(meter.silenceMs(1)).toBe(4000);
    expect(meter.openTurn(0)).toEqual({ startMs: 500, endMs: 3900 });
    meter.next(turnAt(0, 500, 3900));
    meter.next(windowAt(1, 6000, 'unknown', { openTurn: null }));
    expect(meter.openTurn(0)).toBeUndefined();
    expect(meter.silenceMs(0)).toBe(2100);
  });
});

/** Speech and pauses of a few seconds, as hops. */
const hops = fc
  .array(fc.record({ speech: fc.integer({ min: 5, max: 400 }), pause: fc.integer({ min: 1, max: 300 }) }), {
    maxLength: 8,
  })
  .map((pieces) =>
    pieces.flatMap(({ speech, pause }) => [
      ...new Array<boolean>(pause).fill(false),
      ...new Array<boolean>(speech).fill(true),
    ]),
  );

const call = fc.record({
  sides: fc.array(hops, { minLength: 2, maxLength: 2 }),
  withOpenTurn: fc.boolean(),
  /** Which channel comes first where two events stand at one position. */
  first: fc.infiniteStream(fc.boolean()),
});

/** The events of all sides in order of their positions, channels at one position in either order. */
function interleave(sides: readonly (readonly MeteredEvent[])[], durationMs: number, first: Iterator<boolean>) {
  const queues = sides.map((events) => [...events]);
  const merged: MeteredEvent[] = [];
  while (queues.some((queue) => queue.length > 0)) {
    const heads = queues.map((queue) => (queue[0] === undefined ? Infinity : toldAtMs(queue[0], durationMs)));
    const earliest = Math.min(...heads);
    const candidates = queues.filter((_, index) => heads[index] === earliest);
    const chosen = candidates[candidates.length > 1 && first.next().value === true ? 1 : 0]!;
    merged.push(chosen.shift()!);
  }
  return merged;
}

function compare(found: CallMetrics, turns: readonly (readonly Stretch[])[], durationMs: number): void {
  const truth = countByGrid(turns, durationMs);
  const { talkMs, overtalkMs, overtalks } = truth;
  expect(found).toMatchObject({ durationMs, talkMs, overtalkMs, overtalks, silenceMs: durationMs - talkMs });
  expect(lengthOf(found.longestSilence)).toBe(truth.longestSilenceMs);
  truth.sides.forEach((side, index) => {
    const { answersMs, longestSilenceMs, ...rest } = side;
    const metrics = found.sides[index]!;
    expect(metrics).toMatchObject({ ...rest, silenceMs: durationMs - side.talkMs });
    expect(lengthOf(metrics.longestSilence)).toBe(longestSilenceMs);
    expect(metrics.answers.count).toBe(answersMs.length);
    if (answersMs.length === 0) return;
    expect(metrics.answers.meanMs).toBeCloseTo(answersMs.reduce((a, b) => a + b, 0) / answersMs.length, 6);
    expect(metrics.answers.longestMs).toBe(Math.max(...answersMs));
    expect(metrics.answers.lastMs).toBe(answersMs.at(-1));
  });
}

describe('any call', () => {
  it('adds up as a count of 10 ms cells does, at its end and, where windows tell the open turn, at every step', () => {
    fc.assert(
      fc.property(call, ({ sides, withOpenTurn, first }) => {
        const steps = Math.max(1, ...sides.map((side) => Math.ceil((side.length * 10) / STEP_MS)));
        const durationMs = steps * STEP_MS;
        const padded = sides.map((side) => [...side, ...new Array<boolean>(durationMs / 10 - side.length).fill(false)]);
        const events = padded.map((side, channel) => eventsOfHops(channel, side, withOpenTurn));
        const meter = new CallMeter(CHANNELS);
        const known: Stretch[][] = [[], []];
        const open: (Stretch | undefined)[] = [];
        const told = interleave(events, durationMs, first[Symbol.iterator]());
        told.forEach((event, index) => {
          meter.next(event);
          if (event.type === 'turn') {
            known[event.channel]!.push({ startMs: event.startMs, endMs: event.endMs });
            open[event.channel] = undefined;
          }
          if (event.type === 'window') open[event.channel] = event.openTurn ?? undefined;
          const next = told[index + 1];
          const whole = next !== undefined && toldAtMs(next, durationMs) > toldAtMs(event, durationMs);
          if (!withOpenTurn || !whole || event.type !== 'window') return;
          const soFar = known.map((turns, channel) => [
            ...turns,
            ...(open[channel] === undefined ? [] : [open[channel]]),
          ]);
          compare(meter.metrics(), soFar, event.endMs);
        });
        meter.next(endAt(durationMs));
        compare(meter.metrics(), known, durationMs);
      }),
      { numRuns: 60 },
    );
  });

  it('has the same figures, side by side, whichever channel a side is on', () => {
    fc.assert(
      fc.property(fc.array(hops, { minLength: 2, maxLength: 2 }), ([one = [], other = []]) => {
        const figures = (sides: readonly boolean[][]) => {
          const events = sides.flatMap((side, channel) => eventsOfHops(channel, side, true));
          const durationMs = Math.max(...sides.map((side) => side.length * 10)) + 1000;
          return metricsOf([
            ...events.sort((a, b) => toldAtMs(a, durationMs) - toldAtMs(b, durationMs)),
            endAt(durationMs),
          ]);
        };
        const [here, there] = [figures([one, other]), figures([other, one])];
        expect(there.overtalkMs).toBe(here.overtalkMs);
        expect(there.longestSilence).toEqual(here.longestSilence);
        const strip = ({ channel: _, name: __, role: ___, mood: ____, ...side }: CallMetrics['sides'][number]) => side;
        expect(there.sides.map(strip).reverse()).toEqual(here.sides.map(strip));
      }),
      { numRuns: 40 },
    );
  });

  it('where windows do not tell the open turn, is off by less than a window while it runs', () => {
    fc.assert(
      fc.property(hops, (side) => {
        const told = eventsOfHops(0, side, false);
        const exact = eventsOfHops(0, side, true).filter((event) => event.type === 'window');
        const meter = new CallMeter([CHANNELS[0]!]);
        const known = new CallMeter([CHANNELS[0]!]);
        for (const event of told) {
          meter.next(event);
          known.next(event.type === 'window' ? exact.shift()! : event);
          if (event.type !== 'window') continue;
          const [guess, truth] = [meter.metrics().talkMs, known.metrics().talkMs];
          expect(Math.abs(guess - truth)).toBeLessThanOrEqual(3000);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('keeps its memory where one side never says that nothing earlier can come', () => {
    const meter = new CallMeter(CHANNELS);
    const count = 5000;
    for (let turn = 0; turn < count; turn += 1) meter.next(turnAt(1, turn * 2000, turn * 2000 + 1000));
    expect(meter.metrics()).toMatchObject({ talkMs: count * 1000, durationMs: (count - 1) * 2000 + 1000 });
    // A turn of hours that comes last: its own side is right, the others no longer see its beginning.
    meter.next(turnAt(0, 0, count * 2000));
    const { sides, overtalkMs } = meter.metrics();
    expect(sides[0]).toMatchObject({ talkMs: count * 2000, turns: 1 });
    expect(sides[1]).toMatchObject({ talkMs: count * 1000, turns: count });
    expect(overtalkMs).toBeGreaterThan(0);
    expect(overtalkMs).toBeLessThan(1024 * 1000);
  });
});
