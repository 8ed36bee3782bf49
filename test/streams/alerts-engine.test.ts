import { describe, expect, it } from 'vitest';
import type { Emotion } from '../../src/emotions.ts';
import type { AlertChange, ChannelDescription } from '../../src/protocol/index.ts';
import { AlertEngine, type AlertEngineOptions, readAlertRules } from '../../src/streams/alerts/index.ts';
import type { MeteredEvent, MeteredWindow } from '../../src/streams/metrics/index.ts';
import { CHANNELS, endAt, gapAt, turnAt, windowAt } from './metrics-events.ts';

const QUIET = { label: 'unknown', reason: 'silence', speechRatio: 0, openTurn: null } as const;
const UNSURE = { label: 'unknown', reason: 'low-confidence', openTurn: null } as const;

function run(
  rules: string,
  events: readonly MeteredEvent[],
  options: Partial<AlertEngineOptions> = {},
): { readonly engine: AlertEngine; readonly changes: readonly AlertChange[]; readonly told: readonly string[] } {
  const engine = new AlertEngine(readAlertRules(rules), { channels: CHANNELS, ...options });
  const changes = events.flatMap((event) => engine.next(event));
  const told = changes.map(({ rule, state, atMs, cause }) =>
    [rule, state, atMs / 1000, ...(cause === undefined ? [] : [cause])].join(' '),
  );
  return { engine, changes, told };
}

const rule = (when: string, more = ''): string => `rules:\n  - name: r\n    when: ${when}\n${more}`;

/** A window of the agent without anything. */
const agentAt = (endMs: number): MeteredWindow => windowAt(1, endMs, 'unknown', { speechRatio: 0, openTurn: null });

/** Windows of both sides, one a second; the caller's anger is what stands there, `.` silence, `?` low confidence. */
function anger(values: readonly (number | '.' | '?')[], fromMs = 0): MeteredEvent[] {
  return values.flatMap((value, index) => {
    const endMs = fromMs + (index + 1) * 1000;
    const change: Partial<MeteredWindow> =
      value === '.'
        ? { ...QUIET, probabilities: { anger: 1 } }
        : value === '?'
          ? { ...UNSURE, probabilities: { anger: 1 } }
          : { probabilities: { anger: value }, openTurn: null };
    return [windowAt(0, endMs, 'neutral', change), agentAt(endMs)];
  });
}

const times = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value);

describe('customer anger over 0.6 for 6 s', () => {
  const ANGRY = rule('{ measure: anger, of: customer, above: 0.6 }', '    for: 6 s\n');

  it('is raised 6 s after it began, with the evidence, and cleared when it is over', () => {
    const { changes } = run(ANGRY, anger([0.1, 0.6, ...times(8, 0.7), 0.5, 0.5]));
    expect(changes).toEqual([
      {
        rule: 'r',
        severity: 'medium',
        state: 'raised',
        atMs: 9000,
        sinceMs: 3000,
        evidence: [
          {
            measure: 'anger',
            comparison: 'above',
            threshold: 0.6,
            value: 0.7,
            holds: true,
            channel: 0,
            channelName: 'caller',
          },
        ],
      },
      {
        rule: 'r',
        severity: 'medium',
        state: 'cleared',
        cause: 'condition',
        atMs: 11_000,
        sinceMs: 3000,
        evidence: [
          {
            measure: 'anger',
            comparison: 'above',
            threshold: 0.6,
            value: 0.5,
            holds: false,
            channel: 0,
            channelName: 'caller',
          },
        ],
      },
    ]);
  });

  it('is not raised by 5 s of it, however often', () => {
    expect(run(ANGRY, anger([...times(6, 0.9), 0.1, ...times(6, 0.9), 0.2])).told).toEqual([]);
  });

  it('is not of the agent', () => {
    const events = times(20, 0).map((_, index) => windowAt(1, (index + 1) * 1000, 'anger', { openTurn: null }));
    expect(run(ANGRY, events).told).toEqual([]);
  });

  it('goes on over a pause of the caller, which does not count', () => {
    // 4 s of it (3 s passed), 5 s of silence, then 3 s more are enough.
    expect(run(ANGRY, anger([...times(4, 0.9), ...times(5, '.' as const), ...times(5, 0.9)])).told).toEqual([
      'r raised 13',
    ]);
  });

  it('begins anew after 30 s without a word', () => {
    const silent = [...times(4, 0.9), ...times(30, '.' as const), ...times(8, 0.9)];
    expect(run(ANGRY, anger(silent)).told).toEqual(['r raised 41']);
  });

  it('is not raised, nor cleared, by windows of low confidence', () => {
    expect(run(ANGRY, anger(times(20, '?' as const))).told).toEqual([]);
    expect(run(ANGRY, anger([...times(7, 0.9), ...times(20, '?' as const)])).told).toEqual(['r raised 7']);
  });

  it('is cleared as stale once nothing has been known of it for 30 s', () => {
    const { told } = run(ANGRY, anger([...times(8, 0.9), ...times(40, '.' as const)]));
    expect(told).toEqual(['r raised 7', 'r cleared 38 stale']);
  });

  it('is cleared at the end of the call', () => {
    expect(run(ANGRY, [...anger(times(8, 0.9)), endAt(8400)]).told).toEqual(['r raised 7', 'r cleared 8.4 ended']);
  });

  it('does not count time that never came', () => {
    const { told } = run(ANGRY, [...anger(times(3, 0.9)), gapAt(3000, 20_000), ...anger(times(5, 0.9), 20_000)]);
    // 2 s before the gap, 4 s after it.
    expect(told).toEqual(['r raised 25']);
  });
});

describe('hysteresis, clearAfter and cooldown', () => {
  it('hold an alert over a dip', () => {
    const when = '{ measure: anger, of: customer, above: 0.6, hysteresis: 0.2 }';
    expect(run(rule(when), anger([0.7, 0.5, 0.41, 0.61, 0.39, 0.5])).told).toEqual([
      'r raised 1',
      'r cleared 5 condition',
    ]);
    // Without the alert having begun, 0.5 is not enough.
    expect(run(rule(when), anger([0.5, 0.5])).told).toEqual([]);
  });

  it('clear only after the condition has failed for a while', () => {
    const rules = rule('{ measure: anger, of: customer, above: 0.6 }', '    clearAfter: 3 s\n');
    const values = [0.9, 0.1, 0.1, 0.1, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1];
    expect(run(rules, anger(values)).told).toEqual(['r raised 1', 'r cleared 9 condition']);
  });

  it('keep quiet for the cool-down after a clear, and raise at its end what still holds', () => {
    const rules = rule('{ measure: anger, of: customer, above: 0.6 }', '    for: 1 s\n    cooldown: 10 s\n');
    const { changes, told } = run(rules, anger([0.9, 0.9, 0.1, 0.9, 0.9, 0.1, ...times(10, 0.9)]));
    expect(told).toEqual(['r raised 2', 'r cleared 3 condition', 'r raised 13']);
    expect(changes[2]?.sinceMs).toBe(7000);
  });
});

describe('both silent for 10 s', () => {
  const DEAD_AIR = rule('{ measure: silence, of: everyone, above: 10 s }', '    cooldown: 20 s\n');

  /** Both sides' windows, twice a second, with the turns that are told 700 ms after their ends. */
  function conversation(
    turns: readonly (readonly [number, number, number])[],
    endMs: number,
    open: boolean,
  ): MeteredEvent[] {
    const told: { readonly atMs: number; readonly event: MeteredEvent }[] = turns.map(
      ([channel, startMs, turnEndMs]) => ({
        atMs: turnEndMs + 700,
        event: turnAt(channel, startMs, turnEndMs),
      }),
    );
    for (let atMs = 500; atMs <= endMs; atMs += 500) {
      for (const channel of [0, 1]) {
        const inside = turns.filter(
          ([of, startMs, turnEndMs]) => of === channel && startMs < atMs && turnEndMs + 700 > atMs,
        );
        const [current] = inside;
        const speechMs = turns
          .filter(([of]) => of === channel)
          .reduce((sum, [, from, to]) => sum + Math.max(0, Math.min(to, atMs) - Math.max(from, atMs - 3000, 0)), 0);
        const openTurn = current === undefined ? null : { startMs: current[1], endMs: Math.min(atMs, current[2]) };
        const change = { speechRatio: speechMs / Math.min(3000, atMs), ...(open && { openTurn }) };
        told.push({ atMs, event: windowAt(channel, atMs, 'neutral', change) });
      }
    }
    return told.sort((a, b) => a.atMs - b.atMs).map(({ event }) => event);
  }

  it.each([true, false])('is raised in stream time, by the end of the last word (open turns told: %s)', (open) => {
    const turns = [
      [0, 1000, 9000],
      [1, 9200, 12_000],
      [0, 30_000, 50_000],
    ] as const;
    const { told, changes } = run(DEAD_AIR, conversation(turns, 55_000, open));
    // The last word ended at 12 s; 22 s is 10 s later, and "above" begins with the step after it.
    expect(told[0]).toBe('r raised 22.5');
    expect(told[1]).toBe('r cleared 30.5 condition');
    expect(told).toHaveLength(2);
    expect(changes[0]?.evidence[0]).toMatchObject({
      measure: 'silence',
      value: 10_500,
      threshold: 10_000,
      holds: true,
    });
  });

  it('is not raised while one side speaks for minutes', () => {
    expect(run(DEAD_AIR, conversation([[1, 500, 100_000]], 101_000, true)).told).toEqual([]);
    expect(run(DEAD_AIR, conversation([[1, 500, 100_000]], 101_000, false)).told).toEqual([]);
  });

  it('of one side is enough with anyone', () => {
    const one = rule('{ measure: silence, of: anyone, above: 10 s }');
    const { changes } = run(one, conversation([[1, 500, 100_000]], 20_000, true));
    expect(changes[0]).toMatchObject({ state: 'raised', atMs: 10_500, evidence: [{ channelName: 'caller' }] });
  });

  it('overtalk is the time that both have gone on', () => {
    const rules = rule('{ measure: overtalk, above: 2 s }');
    const turns = [
      [0, 1000, 9000],
      [1, 5000, 8000],
    ] as const;
    const { told, changes } = run(rules, conversation(turns, 15_000, true));
    expect(told).toEqual(['r raised 7.5', 'r cleared 9 condition']);
    expect(changes[0]?.evidence).toEqual([
      { measure: 'overtalk', comparison: 'above', threshold: 2000, value: 2500, holds: true },
    ]);
  });
});

describe('valence falls by 0.4 within a minute', () => {
  const SOUR = rule('{ measure: valence, of: customer, falls: 0.4, within: 1 min, hysteresis: 0.1 }');
  const valence = (values: readonly number[]): MeteredEvent[] =>
    values.flatMap((value, index) => [
      windowAt(0, (index + 1) * 1000, 'neutral', { valence: value, openTurn: null }),
      agentAt((index + 1) * 1000),
    ]);

  it('is raised where it has, whatever the level it falls from', () => {
    const { changes } = run(SOUR, valence([0.3, 0.2, 0.1, 0, -0.1, -0.2]));
    expect(changes).toMatchObject([{ state: 'raised', atMs: 5000 }]);
    expect(changes[0]?.evidence[0]).toMatchObject({ comparison: 'falls', threshold: 0.4, channelName: 'caller' });
    expect(changes[0]?.evidence[0]?.value).toBeCloseTo(0.4, 9);
  });

  it('is not raised by a slower fall', () => {
    // 0.4 within 100 s: 0.24 within any minute.
    const slow = Array.from({ length: 200 }, (_, index) => 0.4 - 0.004 * index);
    expect(run(SOUR, valence(slow)).told).toEqual([]);
  });

  it('is over once the height it fell from lies a minute back', () => {
    expect(run(SOUR, valence([0.5, ...times(70, 0)])).told).toEqual(['r raised 2', 'r cleared 62 condition']);
  });

  it('rises, the other way round', () => {
    const rules = rule('{ measure: valence, of: customer, rises: 0.4, within: 5 s }');
    expect(run(rules, valence([0, 0, -0.5, -0.3, -0.05, ...times(9, -0.05)])).told).toEqual([
      'r raised 5',
      'r cleared 9 condition',
    ]);
  });

  it('of an average takes more than one window', () => {
    const rules = rule('{ measure: valence, of: customer, average: 4 s, below: -0.2 }');
    const { changes } = run(rules, valence([0, 0, 0, 0, -0.6, -0.6, -0.6]));
    expect(changes).toMatchObject([{ atMs: 6000 }]);
    expect(changes[0]?.evidence[0]?.value).toBeCloseTo(-0.3, 12);
  });

  it('of an average is known over a pause', () => {
    const rules = rule('{ measure: anger, of: customer, average: 10 s, above: 0.5 }');
    expect(run(rules, anger([0.9, ...times(5, '.' as const), ...times(5, '.' as const)])).told).toEqual(['r raised 1']);
  });
});

describe('conditions combined', () => {
  const label = (of: string, name: string): string => `{ label: ${name}, of: ${of} }`;
  const both = (first: Emotion | 'unknown', second: Emotion | 'unknown', endMs: number): MeteredEvent[] => [
    windowAt(0, endMs, first),
    windowAt(1, endMs, second),
  ];

  it.each([
    [`{ all: [${label('customer', 'anger')}, ${label('employee', 'anger')}] }`, 'anger', 'neutral', false],
    [`{ all: [${label('customer', 'anger')}, ${label('employee', 'anger')}] }`, 'anger', 'anger', true],
    [`{ any: [${label('customer', 'anger')}, ${label('employee', 'anger')}] }`, 'neutral', 'anger', true],
    [`{ not: ${label('customer', 'anger')} }`, 'neutral', 'anger', true],
    [`{ not: ${label('customer', 'anger')} }`, 'anger', 'neutral', false],
    // What is not known is neither so nor not so.
    [`{ not: ${label('customer', 'anger')} }`, 'unknown', 'neutral', false],
    [`{ not: ${label('bot', 'anger')} }`, 'neutral', 'neutral', false],
    [label('customer', 'unknown'), 'unknown', 'neutral', true],
    [label('everyone', 'anger'), 'anger', 'neutral', false],
    [label('anyone', 'anger'), 'neutral', 'anger', true],
    [`{ measure: anger, channel: agent, above: 0.5 }`, 'anger', 'neutral', false],
    [`{ measure: anger, channel: agent, above: 0.5 }`, 'neutral', 'anger', true],
    [`{ all: [${label('bot', 'anger')}, ${label('customer', 'anger')}] }`, 'anger', 'anger', false],
    [`{ any: [${label('bot', 'anger')}, ${label('customer', 'anger')}] }`, 'anger', 'anger', true],
  ] as const)('%s over %s and %s: %s', (when, first, second, raised) => {
    expect(run(rule(when), both(first, second, 500)).engine.raised).toEqual(raised ? ['r'] : []);
  });

  it('see both sides of one position, whichever comes first', () => {
    const rules = rule(`{ all: [${label('customer', 'anger')}, { not: ${label('employee', 'anger')} }] }`);
    const events = [
      ...both('anger', 'anger', 500),
      ...both('neutral', 'neutral', 1000),
      ...both('anger', 'neutral', 1500),
    ];
    const swapped = [1, 0, 3, 2, 5, 4].map((index) => events[index]!);
    expect(run(rules, events).told).toEqual(['r raised 1.5']);
    expect(run(rules, swapped).told).toEqual(['r raised 1.5']);
  });
});

describe('a time range', () => {
  it('in stream time raises inside it alone, and clears at its end', () => {
    const rules = rule('{ label: anger, of: customer }', '    during: { from: 3 s, to: 5 s }\n');
    const events = times(8, 0).flatMap((_, index) => [
      windowAt(0, (index + 1) * 1000, 'anger'),
      agentAt((index + 1) * 1000),
    ]);
    expect(run(rules, events).told).toEqual(['r raised 3', 'r cleared 6 out-of-range']);
  });

  it('counts its duration from its own beginning, but remembers what came before', () => {
    const held = rule('{ measure: anger, of: customer, above: 0.6 }', '    for: 2 s\n    during: { from: 5 s }\n');
    expect(run(held, anger(times(10, 0.9))).told).toEqual(['r raised 7']);
    const fell = rule('{ measure: anger, of: customer, falls: 0.5, within: 10 s }', '    during: { from: 5 s }\n');
    expect(run(fell, anger([0.9, ...times(6, 0.1)])).told).toEqual(['r raised 5']);
  });

  it('in percent waits for the length of the call', () => {
    const rules = rule('{ measure: anger, of: customer, above: 0.6 }', '    during: { from: 50 % }\n');
    const live = run(rules, [...anger(times(10, 0.9)), endAt(10_000)]);
    expect(live.told).toEqual([]);
    expect(live.engine.waiting.map(({ name }) => name)).toEqual(['r']);
    const known = run(rules, [...anger(times(10, 0.9)), endAt(10_000)], { lengthMs: 10_000 });
    expect(known.told).toEqual(['r raised 5', 'r cleared 10 ended']);
    expect(known.engine.waiting).toEqual([]);
  });
});

describe('metrics of the call', () => {
  const TALK = rule('{ measure: talk-share, of: employee, above: 80 % }');

  it('are compared as they are so far', () => {
    const { told, changes } = run(TALK, [
      turnAt(0, 0, 1000),
      turnAt(1, 1000, 4000),
      ...anger(['.'], 4000),
      turnAt(1, 5000, 8000),
      ...anger(['.'], 8000),
    ]);
    expect(told).toEqual(['r raised 9']);
    expect(changes[0]?.evidence[0]).toMatchObject({ value: 6 / 7, channelName: 'agent' });
  });

  it('of the voice are not known where events do not carry them', () => {
    expect(run(rule('{ measure: level-change, of: customer, above: 3 }'), anger(times(60, 0.5))).told).toEqual([]);
  });

  it('are those of the engine itself', () => {
    const { engine } = run(TALK, [turnAt(0, 0, 1000), ...anger(['.'], 4000)]);
    expect(engine.metrics()).toEqual(engine.meter.metrics());
    expect(engine.metrics().talkMs).toBe(1000);
  });
});

describe('the engine', () => {
  const ANGRY = rule('{ label: anger, of: customer }');

  it('does not wait for a side that sends no windows, after the first of the others', () => {
    const alone = [1, 2, 3, 4].map((second) => windowAt(0, second * 1000, second === 1 ? 'neutral' : 'anger'));
    const engine = new AlertEngine(readAlertRules(ANGRY), { channels: CHANNELS });
    const steps = alone.map((event) => engine.next(event).map(({ state, atMs }) => `${state} ${atMs}`));
    expect(steps).toEqual([[], ['raised 2000'], [], []]);
    // Once it sends them it is waited for.
    engine.next(agentAt(4000));
    expect(engine.next(windowAt(0, 5000, 'neutral'))).toEqual([]);
    expect(engine.next(agentAt(5000))).toMatchObject([{ state: 'cleared', atMs: 5000 }]);
  });

  it('judges the last position before the end, though a side is missing there', () => {
    const { told } = run(ANGRY, [windowAt(0, 1000, 'anger'), endAt(1000)]);
    expect(told).toEqual(['r raised 1', 'r cleared 1 ended']);
  });

  it('clears what is raised when its rules go, and another takes the meter over', () => {
    const { engine } = run(ANGRY, anger([0.1]));
    engine.next(windowAt(0, 2000, 'anger'));
    engine.next(agentAt(2000));
    expect(engine.raised).toEqual(['r']);
    expect(engine.retire()).toMatchObject([{ state: 'cleared', cause: 'rule-removed', atMs: 2000 }]);
    expect(engine.raised).toEqual([]);
    const next = new AlertEngine([], { channels: CHANNELS, meter: engine.meter });
    next.next(agentAt(3000));
    expect(next.meter.metrics().durationMs).toBe(3000);
    expect(next.metrics().sides[0]?.mood.whole.labelledMs).toBe(2000);
  });

  it('works for any number of channels', () => {
    const channels: ChannelDescription[] = [{ name: 'mixed', role: 'unknown' }];
    const { told } = run(rule('{ label: anger }'), [windowAt(0, 500, 'anger')], { channels });
    expect(told).toEqual(['r raised 0.5']);
  });
});
