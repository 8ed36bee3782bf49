import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../src/audio/index.ts';
import { featureSet } from '../../src/features/index.ts';
import { encodeEvent, parseServerEvent, type TimelineEvent } from '../../src/protocol/index.ts';
import {
  AlertEngine,
  type Checkpoint,
  createAnalyzer,
  judgeTimeline,
  type LocalStream,
  readAlertRules,
  type StreamOptions,
} from '../../src/streams/index.ts';
import { babble } from './babble.ts';
import { fakeManifest, LinearModel } from './fake-model.ts';

const FORMAT: AudioFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 2 };
const CHANNELS = [
  { name: 'caller', role: 'customer' },
  { name: 'agent', role: 'employee' },
] as const;
const SECONDS = 6.3;
const BYTES = babble(FORMAT, SECONDS);

/** The babble is loud and pauses; what the model of these tests says does not matter. */
const RULES = readAlertRules(`
rules:
  - name: caller is loud
    severity: low
    when: { measure: level, of: customer, above: -60 }
  - name: somebody grows louder
    when: { measure: level, rises: 1, within: 1 s }
  - name: somebody is silent
    when: { measure: silence, of: anyone, above: 300 ms }
    cooldown: 500 ms
  - name: goes on
    severity: high
    when: { measure: duration, above: 1 s }
  - name: second half
    when: { measure: duration, above: 0 s }
    during: { from: 50 %, to: 90 % }
`);

function open(events: TimelineEvent[], options: Partial<StreamOptions> = {}): LocalStream {
  const stream = createAnalyzer({ model: new LinearModel(fakeManifest(featureSet)) }).open({
    streamId: 's',
    callId: 's',
    format: FORMAT,
    channels: CHANNELS,
    analysis: { windowMs: 1000, stepMs: 200, descriptors: [] },
    ...options,
  });
  stream.events.subscribe((event) => events.push(event));
  return stream;
}

function analyse(options: Partial<StreamOptions>, sizes: readonly number[] = [BYTES.length]): TimelineEvent[] {
  const events: TimelineEvent[] = [];
  const stream = open(events, options);
  for (let at = 0, turn = 0; at < BYTES.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    stream.push(BYTES.subarray(at, at + size));
    at += size;
  }
  stream.stop('stop');
  return events;
}

const lines = (events: readonly TimelineEvent[]): string[] => events.map(encodeEvent);
const alertsOf = (events: readonly TimelineEvent[]) => events.filter((event) => event.type === 'alert');
const withoutCursor = (event: TimelineEvent) => ({ ...event, cursor: -1 });

describe('a stream with rules', () => {
  const whole = analyse({ rules: RULES });
  const bare = analyse({});

  it('has the events that it has without them, and alerts between', () => {
    expect(alertsOf(whole).length).toBeGreaterThan(4);
    expect(whole.filter(({ type }) => type !== 'alert').map(withoutCursor)).toEqual(bare.map(withoutCursor));
    expect(alertsOf(bare)).toEqual([]);
    const fired = new Set(alertsOf(whole).map(({ rule }) => rule));
    expect([...fired].sort()).toEqual(['caller is loud', 'goes on', 'somebody grows louder', 'somebody is silent']);
  });

  it('numbers all of them without holes, and ends with ended', () => {
    expect(whole.map(({ cursor }) => cursor)).toEqual(whole.map((_, index) => index));
    expect(whole.at(-1)?.type).toBe('ended');
  });

  it('has each alert right after the event that caused it', () => {
    // Another engine, fed with the same events, says at which one its alerts came.
    const engine = new AlertEngine(RULES, { channels: CHANNELS });
    const expected = bare.flatMap((event) => {
      const changes = engine.next(event).map((change) => ({ type: 'alert', streamId: 's', cursor: -1, ...change }));
      return event.type === 'ended' ? [...changes, withoutCursor(event)] : [withoutCursor(event), ...changes];
    });
    expect(whole.map(withoutCursor)).toEqual(expected);
  });

  it('clears what is raised before it ends', () => {
    const open = new Set<string>();
    for (const { rule, state } of alertsOf(whole)) {
      expect(open.has(rule)).toBe(state === 'cleared');
      if (state === 'raised') open.add(rule);
      else open.delete(rule);
    }
    expect([...open]).toEqual([]);
    expect(alertsOf(whole).at(-1)).toMatchObject({ state: 'cleared', cause: 'ended', atMs: SECONDS * 1000 });
  });

  it('gives the same bytes however its audio is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 5 }), (sizes) => {
        expect(lines(analyse({ rules: RULES }, sizes))).toEqual(lines(whole));
      }),
      { numRuns: 10 },
    );
  });

  it('gives alerts that the wire brings back', () => {
    for (const event of alertsOf(whole)) {
      const line = encodeEvent(event);
      expect(encodeEvent(parseServerEvent(line) ?? event)).toBe(line);
      expect(Object.keys(parseServerEvent(line) ?? {}).sort()).toEqual(Object.keys(event).sort());
    }
  });

  it('judges a range in percent where the length is known, and only there', () => {
    const named = (events: readonly TimelineEvent[]) => alertsOf(events).filter(({ rule }) => rule === 'second half');
    expect(named(whole)).toEqual([]);
    const known = named(analyse({ rules: RULES, lengthMs: SECONDS * 1000 }));
    expect(known).toMatchObject([
      { state: 'raised', atMs: 3200 },
      { state: 'cleared', cause: 'out-of-range', atMs: 5800 },
    ]);
  });
});

describe('a timeline that is judged afterwards', () => {
  it('is the one that the stream would have had', () => {
    const judged = judgeTimeline(analyse({}), RULES, { channels: CHANNELS });
    expect(judged).toEqual(analyse({ rules: RULES }));
  });

  it('loses the alerts that it had', () => {
    const other = readAlertRules('rules: [{ name: other, when: { measure: duration, above: 2 s } }]');
    const judged = judgeTimeline(analyse({ rules: RULES }), other, { channels: CHANNELS });
    expect(judged).toEqual(analyse({ rules: other }));
  });
});

describe('a stream with rules that goes on elsewhere', () => {
  const rules = RULES.slice(0, 4);
  const events: TimelineEvent[] = [];
  const first = open(events, { rules });
  const bytesAt = (ms: number): number => (ms / 1000) * FORMAT.sampleRateHz * 4;
  first.push(BYTES.subarray(0, bytesAt(3210)));
  const before = events.length;
  // As it crosses threads.
  const from = JSON.parse(JSON.stringify(first.checkpoint())) as Checkpoint;
  const second = open(events, { rules: structuredClone(rules), from });
  second.gap(((3650 * 8 - second.receivedSamples) * 1000) / 8000, 'The analysis was interrupted.');
  second.push(BYTES.subarray(bytesAt(3650)));
  second.stop('stop');
  const after = events.slice(before);

  it('clears first what was raised before, as interrupted', () => {
    const raised = from.raised?.map(({ rule }) => rule) ?? [];
    expect(raised).toContain('goes on');
    expect(after.slice(0, raised.length)).toMatchObject(
      raised.map((rule) => ({ type: 'alert', rule, state: 'cleared', cause: 'interrupted', atMs: 3200 })),
    );
    expect(after[raised.length]).toMatchObject({ type: 'status', code: 'gap' });
  });

  it('numbers without holes, and never clears what is not raised', () => {
    expect(events.map(({ cursor }) => cursor)).toEqual(events.map((_, index) => index));
    const open = new Set<string>();
    for (const { rule, state } of alertsOf(events)) {
      expect(open.has(rule)).toBe(state === 'cleared');
      if (state === 'raised') open.add(rule);
      else open.delete(rule);
    }
    expect(open.size).toBe(0);
  });

  it('does not take what it has not heard for silence', () => {
    const silent = alertsOf(after).filter(({ rule, state }) => rule === 'somebody is silent' && state === 'raised');
    for (const { atMs, evidence } of silent) {
      expect(evidence[0]?.value).toBeLessThanOrEqual(Math.max(3650, atMs) - 3200);
    }
  });
});
