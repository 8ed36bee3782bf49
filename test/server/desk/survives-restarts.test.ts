import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { AudioFormat } from '../../../src/audio/index.ts';
import type {
  CallAlert,
  CallDetail,
  CallPage,
  DayHeat,
  DeskSettings,
  FloorSnapshot,
  RulesText,
  TimelinePoints,
} from '../../../src/protocol/index.ts';
import { openDesk } from '../../../src/server/desk/index.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import { openStore, type Store } from '../../../src/store/index.ts';
import { readAlertRules } from '../../../src/streams/index.ts';
import { audio, Peer, SHORT, start } from '../harness.ts';
import { ask, httpOf } from './desk-client.ts';

const FORMAT: AudioFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 2 };
const CHANNELS = [
  { name: 'caller', role: 'customer' },
  { name: 'agent', role: 'employee' },
] as const;
const LONG = 'rules:\n  - { name: long, when: { measure: duration, above: 1 s } }\n';
const BAD = 'rules:\n  - { name: agent bad, when: { measure: valence, of: employee, below: 1 } }\n';

const folder = mkdtempSync(join(tmpdir(), 'undertone-desk-'));
let files = 0;
const open: { server?: RunningServer; store: Store }[] = [];
afterEach(async () => {
  for (const { server, store } of open.splice(0)) {
    await server?.close({ drainMs: 200 });
    await store.close();
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newFile = (): string => {
  files += 1;
  return join(folder, `${files}.db`);
};

async function serve(file: string, rules = LONG): Promise<RunningServer> {
  const store = await openStore(file);
  const server = await start({ store, rules: readAlertRules(rules) });
  open.push({ server, store });
  return server;
}

async function stopped(): Promise<void> {
  const running = open.pop();
  await running?.server?.close();
  await running?.store.close();
}

async function call(server: RunningServer, seconds: number): Promise<Peer> {
  const peer = await Peer.started(server, {
    format: FORMAT,
    channels: [...CHANNELS],
    streamId: 's',
    callId: 'c',
    analysis: SHORT,
  });
  const bytes = audio(seconds, FORMAT);
  for (let at = 0; at < bytes.length; at += 16_000) peer.send(bytes.subarray(at, at + 16_000));
  return peer;
}

const body = async <T>(server: RunningServer, path: string): Promise<T> => (await ask<T>(server, 'GET', path)).body;

describe('what supervisors have decided', () => {
  it('is there after a restart: rules, policy, retention, and what was done with an alert', async () => {
    const file = newFile();
    let server = await serve(file);
    const peer = await call(server, 3);
    await peer.until((event) => event.type === 'alert');
    const { calls } = await body<FloorSnapshot>(server, '/v1/streams');
    const path = `/v1/alerts/${calls[0]!.alerts[0]!.alertId}`;
    // Sent while the store may not have the alert yet.
    await ask(server, 'POST', path, { action: 'acknowledge', by: 'Ada' });
    await ask(server, 'POST', path, { action: 'take', by: 'Ada' });
    const { revision } = await body<RulesText>(server, '/v1/rules');
    await ask(server, 'PUT', '/v1/rules', { text: `# kept\n${LONG}`, revision, by: 'Ada' });
    const policy = { analysedRoles: ['customer'], notice: 'We listen.' };
    await ask(server, 'PUT', '/v1/settings', { policy, retentionDays: 90, by: 'Ada' });
    peer.json({ type: 'stop' });
    await peer.closed();
    await stopped();

    server = await serve(file);
    expect((await body<RulesText>(server, '/v1/rules')).text).toBe(`# kept\n${LONG}`);
    expect(await body<DeskSettings>(server, '/v1/settings')).toMatchObject({ policy, retentionDays: 90 });
    const refused = await ask<{ code: string }>(server, 'POST', path, { action: 'take', by: 'Bo' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'conflict' } });
    await ask(server, 'POST', path, { action: 'release', by: 'Bo' });
    const taken = await ask<CallAlert>(server, 'POST', path, { action: 'take', by: 'Bo' });
    expect(taken.body).toMatchObject({ takenBy: 'Bo', acknowledged: true, cause: 'ended' });
    const detail = await body<CallDetail>(server, '/v1/calls/c');
    expect(detail.allAlerts[0]?.handling.map(({ action, by }) => `${by} ${action}`)).toEqual([
      'Ada acknowledge',
      'Ada take',
      'Bo release',
      'Bo take',
    ]);
    const { entries } = await body<{ entries: { by: string; action: string }[] }>(server, '/v1/audit?limit=20');
    const noted = entries.map(({ by, action }) => `${by} ${action}`);
    for (const one of ['Ada rules', 'Ada policy', 'Ada retention-days']) expect(noted).toContain(one);
  });
});

describe('a kept call under a policy', () => {
  it('shows nothing of how the agent sounded, in any answer; and it is all there when the policy allows it again', async () => {
    const server = await serve(newFile(), BAD);
    const peer = await call(server, 20);
    peer.json({ type: 'stop' });
    await peer.closed();
    const shown = async () => {
      const texts: Record<string, string> = {};
      const paths = ['', '/report?format=json', '/report?format=html'];
      const formats = ['points', 'jsonl', 'csv', 'webvtt', 'srt', 'textgrid', 'rttm', 'emotionml'];
      for (const path of [...paths, ...formats.map((format) => `/timeline?format=${format}`)]) {
        const response = await fetch(`${httpOf(server)}/v1/calls/c${path}`);
        expect(response.status).toBe(200);
        texts[path] = await response.text();
      }
      return texts;
    };
    const before = await shown();
    const points = JSON.parse(before['/timeline?format=points']!) as TimelinePoints;
    const felt = points.legs[1]!.points;
    expect(felt.filter(({ label }) => label !== 'unknown').length).toBeGreaterThan(5);
    const today = (JSON.parse(before['']!) as CallDetail).startedAt.slice(0, 10);
    const sharesOfDay = async (): Promise<Record<string, number>> => {
      const { hours } = await body<DayHeat>(server, `/v1/day?date=${today}&utcOffsetMinutes=0`);
      return { ...hours.find(({ calls }) => calls > 0)?.shares };
    };
    const sharesBefore = await sharesOfDay();
    const everyone = (await body<DeskSettings>(server, '/v1/settings')).policy;
    await ask(server, 'PUT', '/v1/settings', { policy: { analysedRoles: ['customer'], notice: '' }, by: 'Ada' });

    const after = await shown();
    // A valence of the agent to four digits is nowhere; the caller's are where they were.
    const numbers = [...new Set(felt.map(({ valence }) => `${valence}`))].filter((text) => text.length > 5);
    const callers = new Set(points.legs[0]!.points.map(({ valence }) => `${valence}`));
    const agents = numbers.filter((text) => !callers.has(text));
    expect(agents.length).toBeGreaterThan(10);
    for (const path of ['/timeline?format=points', '/timeline?format=jsonl', '/timeline?format=csv']) {
      expect(agents.filter((text) => before[path]!.includes(text)).length).toBeGreaterThan(10);
    }
    for (const [path, text] of Object.entries(after)) {
      expect([path, agents.filter((number) => text.includes(number))]).toEqual([path, []]);
      expect([path, text.includes('agent bad')]).toEqual([path, false]);
    }
    const detail = JSON.parse(after['']!) as CallDetail;
    expect(detail.legs[1]).toMatchObject({ withheld: true, shares: {}, valence: null, arousal: null, lowest: null });
    expect(detail.legs[0]).toEqual((JSON.parse(before['']!) as CallDetail).legs[0]);
    expect(detail.alerts).toEqual({ raised: 0, open: 0, highest: null, rules: [] });
    const page = await body<CallPage>(server, '/v1/calls');
    expect(page.calls[0]?.legs[1]).toMatchObject({ withheld: true, shares: {} });
    const shares = await sharesOfDay();
    expect(shares).not.toEqual(sharesBefore);
    for (const [label, share] of Object.entries(detail.legs[0]!.shares)) expect(shares[label]).toBeCloseTo(share, 2);

    await ask(server, 'PUT', '/v1/settings', { policy: everyone, by: 'Ada' });
    expect((await shown())['']).toBe(before['']);
  });
});

describe('retention', () => {
  it('erases for real what is older than it says, at the opening', async () => {
    const file = newFile();
    const server = await serve(file);
    const peer = await call(server, 2);
    peer.json({ type: 'stop' });
    await peer.closed();
    await stopped();
    const store = await openStore(file);
    open.push({ store });
    const erased: string[] = [];
    const facts = { version: '1', models: [], recording: false, keyRequired: false, store: () => null };
    const model = { name: 'm', version: '1', hash: 'h', labels: [] };
    let daysOn = 0;
    const deskAt = async (days: number) => {
      daysOn = days;
      return openDesk({
        model,
        store,
        facts,
        retentionDays: 30,
        now: () => Date.now() + daysOn * 86_400_000,
        onErased: (callIds) => void erased.push(...callIds),
      });
    };
    const early = await deskAt(29);
    await early.close();
    expect((await store.calls({})).calls).toHaveLength(1);
    const late = await deskAt(31);
    await vi.waitFor(() => expect(erased).toEqual(['c']), { timeout: 20_000 });
    await late.close();
    expect((await store.calls({})).calls).toEqual([]);
    expect(await store.call('c')).toBeUndefined();
  });

  it('that is made shorter takes effect at once', async () => {
    const file = newFile();
    await serve(file);
    const [{ server }] = open as [{ server: RunningServer; store: Store }];
    const peer = await call(server, 2);
    peer.json({ type: 'stop' });
    await peer.closed();
    await stopped();
    const store = await openStore(file);
    open.push({ store });
    const erased: string[] = [];
    const desk = await openDesk({
      model: { name: 'm', version: '1', hash: 'h', labels: [] },
      store,
      facts: { version: '1', models: [], recording: false, keyRequired: false, store: () => null },
      now: () => Date.now() + 5 * 86_400_000,
      onErased: (callIds) => void erased.push(...callIds),
    });
    expect((await store.calls({})).calls).toHaveLength(1);
    await desk.settings.change({ retentionDays: 7 }, 'Ada');
    await desk.settings.change({ retentionDays: 3 }, 'Ada');
    await vi.waitFor(() => expect(erased).toEqual(['c']), { timeout: 20_000 });
    await desk.close();
  });
});
