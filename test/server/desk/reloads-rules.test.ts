import { afterAll, describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../../src/audio/index.ts';
import type { RulesText } from '../../../src/protocol/index.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import type { Tap } from '../../../src/server/taps.ts';
import { type AlertRule, readAlertRules } from '../../../src/streams/index.ts';
import { audio, Peer } from '../harness.ts';
import { startBuilt, threads } from '../workers/built.ts';
import { ask } from './desk-client.ts';

const FORMATS: readonly AudioFormat[] = [
  { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 2 },
  { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 },
  { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 2 },
];
const SECONDS = 6;
const text = (...rules: string[]): string => `rules:\n${rules.map((rule) => `  - ${rule}\n`).join('')}`;
const STAYS = '{ name: stays, when: { measure: level, above: -60 } }';
const SILENCE = '{ name: silence, when: { measure: silence, of: anyone, above: 300 ms } }';
const BEFORE = text(STAYS, '{ name: goes, when: { measure: duration, above: 1 s } }', SILENCE);
const AFTER = text(
  SILENCE,
  STAYS,
  '{ name: comes, severity: high, when: { measure: duration, above: 2 s } }',
  '{ name: goes, when: { measure: duration, above: 4500 ms } }',
);

const servers: RunningServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

/** Replaces the rules of a stream right before a mark of this name: at one place in its audio. */
const atMarks = (sets: Readonly<Record<string, readonly AlertRule[]>>): Tap => ({
  input: (stream, input) => {
    const rules = input.kind === 'mark' ? sets[input.name] : undefined;
    if (rules !== undefined) stream.replaceRules(rules);
  },
});

interface Spoken {
  readonly marks: Readonly<Record<number, string>>;
  /** Bytes that are sent at once. */
  readonly length: number;
}

/** The timeline of a stream that has marks after so many ms of its audio. */
async function timeline(
  server: RunningServer,
  format: AudioFormat,
  streamId: string,
  spoken: Spoken,
): Promise<string[]> {
  const channels = (['customer', 'employee'] as const)
    .slice(0, format.channels)
    .map((role) => ({ name: role as string, role }));
  const peer = await Peer.started(server, { format, streamId, channels, analysis: { windowMs: 1000, stepMs: 200 } });
  const bytes = audio(SECONDS, format);
  const perMs = bytes.length / (SECONDS * 1000);
  const places = Object.entries(spoken.marks).map(([ms, name]) => ({ at: Number(ms) * perMs, name }));
  let at = 0;
  for (const { at: end, name } of [...places, { at: bytes.length, name: undefined }]) {
    for (; at < end; at = Math.min(end, at + spoken.length)) {
      peer.send(bytes.subarray(at, Math.min(end, at + spoken.length)));
      if (at % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    if (name !== undefined) peer.json({ type: 'mark', name });
  }
  peer.json({ type: 'stop' });
  expect(await peer.closed()).toBe(1000);
  return peer.timeline.map((line) => line.replace(/"latencyMs":[\d.]+/, '"latencyMs":0'));
}

async function timelines(workers: number, tap: Tap, marks: Spoken['marks'], length: number): Promise<string[][]> {
  const server = await startBuilt(workers, { rules: readAlertRules(BEFORE), taps: [tap] });
  servers.push(server);
  return Promise.all(
    [...FORMATS, ...FORMATS].map((format, index) =>
      timeline(server, format, `s${index}`, { marks, length: length + 311 * index }),
    ),
  );
}

const alertsOf = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => {
    const event = JSON.parse(line) as { type: string; rule: string; state: string; cause?: string; atMs: number };
    return event.type === 'alert' ? [event.rule, event.state, event.cause].join(' ').trim() : [];
  });

const windowsOf = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => (line.startsWith('{"type":"window"') ? line.replace(/"cursor":\d+/, '') : []));

describe('rules that are replaced while streams run', () => {
  const tap = atMarks({ 'other rules': readAlertRules(AFTER), 'the same': readAlertRules(AFTER) });
  const marks = { 3210: 'other rules', 4000: 'the same' };

  it('give the same bytes with 0, 1 and 3 workers, where they change at the same sample', async () => {
    const inline = await timelines(0, tap, marks, 997);
    for (const lines of inline) {
      const alerts = alertsOf(lines);
      expect(alerts.filter((alert) => alert.startsWith('goes'))).toEqual([
        'goes raised',
        'goes cleared rule-removed',
        'goes raised',
        'goes cleared ended',
      ]);
      expect(alerts).toContain('comes raised');
      expect(alerts.filter((alert) => /^(stays|silence).*rule-removed/.test(alert))).toEqual([]);
    }
    expect(await timelines(1, tap, marks, 1601)).toEqual(inline);
    expect(await timelines(3, tap, marks, 640)).toEqual(inline);
  }, 120_000);

  it('take no window away and change nothing of the rules that stay', async () => {
    const [changed, plain] = [await timelines(1, tap, marks, 997), await timelines(1, {}, marks, 997)];
    expect(changed.map(windowsOf)).toEqual(plain.map(windowsOf));
    // Where two change at one moment, they stand in the order of the rules, and that is another one.
    const stays = (lines: readonly string[]) =>
      ['stays', 'silence'].map((rule) => alertsOf(lines).filter((alert) => alert.startsWith(rule)));
    expect(changed.map(stays)).toEqual(plain.map(stays));
    expect(plain.flatMap(stays).flat().length).toBeGreaterThan(24);
  }, 120_000);

  it('by equal ones change nothing, with workers and without', async () => {
    const same = atMarks({ again: readAlertRules(BEFORE) });
    const often = Object.fromEntries([400, 1111, 2000, 2890, 3210, 4444, 5999].map((ms) => [ms, 'again']));
    for (const workers of [0, 2]) {
      expect(await timelines(workers, same, often, 997)).toEqual(await timelines(workers, {}, often, 997));
    }
  }, 120_000);

  it('of many sizes, many at once, longer than a ring, reach every stream in order', async () => {
    const long = (index: number): AlertRule[] => [
      ...readAlertRules(text(STAYS)),
      ...Array.from({ length: 99 }, (_, n) => ({
        ...readAlertRules(text('{ name: x, when: { measure: duration, above: 20 h } }'))[0]!,
        name: `rule ${n}`,
        description: 'x'.repeat(400),
      })),
      ...readAlertRules(text(`{ name: "set ${index}", when: { measure: duration, above: 100 ms } }`)),
    ];
    const sets = Object.fromEntries(Array.from({ length: 24 }, (_, index) => [`set ${index}`, long(index)]));
    const places = Object.fromEntries(Object.keys(sets).map((name, index) => [500 + 200 * index, name]));
    const expected = await timelines(0, atMarks(sets), places, 997);
    const own = alertsOf(expected[0]!).filter((alert) => alert.startsWith('set'));
    expect(own.length).toBeGreaterThan(40);
    expect(await timelines(2, atMarks(sets), places, 997)).toEqual(expected);
  }, 120_000);
});

describe('a worker that dies', () => {
  it('is followed by one that has the rules which were in force', async () => {
    const server = await startBuilt(1, {
      rules: readAlertRules(BEFORE),
      taps: [atMarks({ now: readAlertRules(AFTER) })],
    });
    servers.push(server);
    const format = FORMATS[0]!;
    const peer = await Peer.started(server, { format, streamId: 'dies', analysis: { windowMs: 1000, stepMs: 200 } });
    const bytes = audio(SECONDS, format);
    const [third, half] = [bytes.length / 3, bytes.length / 2];
    peer.send(bytes.subarray(0, third));
    peer.json({ type: 'mark', name: 'now' });
    peer.send(bytes.subarray(third, half));
    await peer.until((event) => event.type === 'alert' && event.rule === 'comes');
    await threads.at(-1)?.terminate();
    peer.send(bytes.subarray(half));
    peer.json({ type: 'stop' });
    await peer.closed();
    const told = peer.of('alert').map(({ rule, state, cause }) => [rule, state, cause].join(' ').trim());
    expect(told.filter((alert) => alert.startsWith('comes'))).toEqual([
      'comes raised',
      'comes cleared interrupted',
      'comes raised',
      'comes cleared ended',
    ]);
    // It stood for 1 s before; since the change only what lasts 4.5 s counts.
    expect(told.filter((alert) => alert.startsWith('goes'))).toEqual([
      'goes raised',
      'goes cleared rule-removed',
      'goes raised',
      'goes cleared ended',
    ]);
  }, 60_000);
});

describe('PUT /v1/rules', () => {
  it.each([0, 2])(
    'changes what streams that run are judged by, with %d workers',
    async (workers) => {
      const server = await startBuilt(workers, { rules: readAlertRules(BEFORE) });
      servers.push(server);
      const format = FORMATS[0]!;
      const bytes = audio(SECONDS, format);
      const peers = await Promise.all(
        ['a', 'b', 'c'].map((streamId) =>
          Peer.started(server, { format, streamId, analysis: { windowMs: 1000, stepMs: 200 } }),
        ),
      );
      for (const peer of peers) peer.send(bytes.subarray(0, bytes.length / 2));
      await Promise.all(peers.map((peer) => peer.until((event) => event.type === 'alert' && event.rule === 'goes')));
      const { body: now } = await ask<RulesText>(server, 'GET', '/v1/rules');
      expect(readAlertRules(now.text)).toEqual(readAlertRules(BEFORE));
      const put = await ask<RulesText>(server, 'PUT', '/v1/rules', { text: AFTER, revision: now.revision, by: 'Ada' });
      expect(put).toMatchObject({ status: 200, body: { text: AFTER } });
      // Nothing more comes in: it is known all the same.
      await Promise.all(
        peers.map((peer) => peer.until((event) => event.type === 'alert' && event.cause === 'rule-removed')),
      );
      for (const peer of peers) peer.send(bytes.subarray(bytes.length / 2));
      await Promise.all(peers.map((peer) => peer.until((event) => event.type === 'alert' && event.rule === 'comes')));
      const again = await ask<{ code: string }>(server, 'PUT', '/v1/rules', {
        text: BEFORE,
        revision: now.revision,
        by: 'Bo',
      });
      expect(again).toMatchObject({ status: 409, body: { code: 'conflict' } });
      const wrong = await ask<{ code: string; problems: object[] }>(server, 'PUT', '/v1/rules', {
        text: 'rules: [{ name: a }]',
        revision: put.body.revision,
        by: 'Bo',
      });
      expect(wrong).toMatchObject({ status: 400, body: { code: 'rules-invalid', problems: [{ line: 1, column: 9 }] } });
      // A stream that begins now has them from its start.
      const late = await Peer.started(server, { format, streamId: 'late', analysis: { windowMs: 1000, stepMs: 200 } });
      late.send(bytes.subarray(0, bytes.length / 2));
      expect(await late.until((event) => event.type === 'alert' && event.rule === 'comes')).toBeDefined();
      expect(late.of('alert').map(({ rule }) => rule)).not.toContain('goes');
      for (const peer of [...peers, late]) peer.json({ type: 'stop' });
      await Promise.all([...peers, late].map((peer) => peer.closed()));
      for (const peer of peers) {
        const windows = peer.of('window').filter(({ channel }) => channel === 0);
        expect(windows.map(({ seq }) => seq)).toEqual(windows.map((_, index) => index));
      }
    },
    60_000,
  );
});
