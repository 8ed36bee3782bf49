import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AudioFormat } from '../../../src/audio/index.ts';
import type { CallAlert, FloorCall, FloorSnapshot, StartRequest, WindowEvent } from '../../../src/protocol/index.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import { readAlertRules } from '../../../src/streams/index.ts';
import { audio, Peer, pause, start } from '../harness.ts';
import { ask, Watcher } from './desk-client.ts';

const FORMAT: AudioFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 2 };
const CHANNELS = [
  { name: 'caller', role: 'customer' },
  { name: 'agent', role: 'employee' },
] as const;
const RULES = readAlertRules(`
rules:
  - { name: any sound, severity: high, when: { measure: duration, above: 1 s } }
  - { name: later, severity: low, when: { measure: duration, above: 2 s } }
`);

let server: RunningServer | undefined;
const watchers: Watcher[] = [];
afterEach(async () => {
  for (const watcher of watchers.splice(0)) watcher.leave();
  await server?.close({ drainMs: 200 });
  server = undefined;
});

async function serve(rules = RULES): Promise<RunningServer> {
  server = await start({ rules });
  return server;
}

async function watch(on: RunningServer): Promise<Watcher> {
  const watcher = await Watcher.open(on);
  watchers.push(watcher);
  return watcher;
}

const call = (on: RunningServer, more: Partial<StartRequest> = {}): Promise<Peer> =>
  Peer.started(on, { format: FORMAT, channels: [...CHANNELS], streamId: 's', callId: 'c', ...more });

/** What the resampler may hold back of the last window. */
const REST_SECONDS = 0.1;

/** Goes on to so many seconds of the stream, until all windows up to there are out. */
async function talk(peer: Peer, toSeconds: number): Promise<void> {
  const sent = spoken.get(peer) ?? 0;
  const bytes = audio(toSeconds + REST_SECONDS, FORMAT);
  spoken.set(peer, bytes.length);
  for (let at = sent; at < bytes.length; at += 16_000) peer.send(bytes.subarray(at, at + 16_000));
  await peer.until((event) => event.type === 'window' && event.channel === 1 && event.endMs === toSeconds * 1000);
}
const spoken = new WeakMap<Peer, number>();

const snapshot = async (on: RunningServer): Promise<FloorSnapshot> =>
  (await ask<FloorSnapshot>(on, 'GET', '/v1/streams')).body;

/** What the valences of the floor should be, from the events that the producer got. */
function recentOf(windows: readonly WindowEvent[], nowMs: number): (number | null)[] {
  return Array.from({ length: 30 }, (_, index) => {
    const toMs = Math.ceil(nowMs / 2000) * 2000 - 2000 * (29 - index);
    const within = windows.filter(({ endMs, label }) => endMs > toMs - 2000 && endMs <= toMs && label !== 'unknown');
    const mean = within.reduce((sum, { valence }) => sum + valence, 0) / within.length;
    return within.length === 0 ? null : Math.round(100 * mean) / 100;
  });
}

describe('the floor', () => {
  it('is empty where nobody calls', async () => {
    const on = await serve();
    expect((await snapshot(on)).calls).toEqual([]);
    const watcher = await watch(on);
    expect((await watcher.until(() => true)).data).toMatchObject({ calls: [] });
  });

  it('shows a call as its latest windows have it, with the last minute, to who comes late', async () => {
    const on = await serve();
    const peer = await call(on, { metadata: { queue: 'billing' } });
    await talk(peer, 70);
    const [shown] = (await snapshot(on)).calls;
    const windows = peer.of('window');
    expect(shown).toMatchObject({ callId: 'c', durationMs: 70_000, metadata: { queue: 'billing' }, paused: false });
    expect(Date.parse(shown?.startedAt ?? '')).toBeLessThanOrEqual(Date.now());
    CHANNELS.forEach(({ name, role }, channel) => {
      const own = windows.filter((window) => window.channel === channel);
      const { label, reason = null, score, confidence, arousal, valence, added } = own.at(-1)!;
      expect(shown?.legs[channel]).toEqual({
        name,
        role,
        streamId: 's',
        channel,
        label,
        reason,
        score,
        confidence,
        arousal,
        valence,
        withheld: false,
        speaking: added.speechMs > 0,
        recent: recentOf(own, 70_000),
      });
    });
    expect(shown?.legs[0]?.recent.some((value) => value !== null)).toBe(true);
    expect(shown?.alerts.map(({ rule, severity, sinceMs }) => [rule, severity, sinceMs])).toEqual([
      ['any sound', 'high', 1200],
      ['later', 'low', 2200],
    ]);
    expect(shown?.urgency).toBeGreaterThanOrEqual(0.7);
  });

  it('tells who watches what changes, and no more; and that a call is gone', async () => {
    const on = await serve();
    const quiet = await call(on, { streamId: 'quiet', callId: 'quiet' });
    const watcher = await watch(on);
    const first = await watcher.until(({ event }) => event === 'floor');
    expect(first.data.calls.map(({ callId }) => callId)).toEqual(['quiet']);
    const peer = await call(on);
    await talk(peer, 3);
    await watcher.until(({ data }) => data.calls.some((of) => of.callId === 'c' && of.durationMs === 3000));
    for (const { event, data } of watcher.messages) {
      if (event === 'changes') expect(data.calls.map(({ callId }) => callId)).not.toContain('quiet');
    }
    peer.json({ type: 'stop' });
    await peer.closed();
    const gone = await watcher.until(({ event, data }) => event === 'changes' && data.gone.length > 0);
    expect(gone.data).toMatchObject({ gone: ['c'], calls: [] });
    expect(watcher.floor.calls.map(({ callId }) => callId)).toEqual(['quiet']);
    const silent = watcher.messages.length;
    await pause(1500);
    expect(watcher.messages).toHaveLength(silent);
    quiet.socket.close();
  });

  it('is what a snapshot is, however it changed meanwhile', async () => {
    const on = await serve();
    const watcher = await watch(on);
    const beganMs = performance.now();
    const peers = await Promise.all(['a', 'b', 'c'].map((callId) => call(on, { streamId: callId, callId })));
    await Promise.all(peers.map((peer, index) => talk(peer, 2 + index)));
    peers[1]!.json({ type: 'stop' });
    await peers[1]!.closed();
    const again = await call(on, { streamId: 'b', callId: 'b' });
    await talk(again, 1);
    await Promise.all([talk(peers[0]!, 4), talk(peers[2]!, 5)]);
    const now = await snapshot(on);
    const sorted = (floor: FloorSnapshot) => floor.calls.toSorted((a, b) => (a.callId < b.callId ? -1 : 1));
    await vi.waitFor(() => expect(sorted(watcher.floor)).toEqual(sorted(now)), { timeout: 20_000 });
    const changes = watcher.messages.filter(({ event }) => event === 'changes');
    // Once a second at most.
    expect(changes.length).toBeLessThanOrEqual(1 + (performance.now() - beganMs) / 1000);
  });

  it('puts the streams of a call together, and moves the time of the later one', async () => {
    const on = await serve();
    const one = await call(on, { streamId: 'one', callId: 'both' });
    await talk(one, 1);
    await pause(300);
    const two = await call(on, { streamId: 'two', callId: 'both' });
    await talk(two, 3);
    const [shown] = (await snapshot(on)).calls;
    expect(shown?.legs.map(({ streamId, channel }) => `${streamId} ${channel}`)).toEqual([
      'one 0',
      'one 1',
      'two 0',
      'two 1',
    ]);
    const offsetMs = (shown?.durationMs ?? 0) - 3000;
    expect(offsetMs).toBeGreaterThanOrEqual(300);
    expect(shown?.alerts.map(({ rule, sinceMs }) => [rule, sinceMs - offsetMs])).toEqual([
      ['any sound', 1200],
      ['later', 2200],
    ]);
    one.json({ type: 'stop' });
    await one.closed();
    expect((await snapshot(on)).calls[0]?.legs.map(({ streamId }) => streamId)).toEqual(['two', 'two']);
  });

  it('says that a call is paused while its connection is lost', async () => {
    const on = await serve();
    const peer = await call(on);
    await talk(peer, 2);
    const token = peer.of('started')[0]!.resume.token;
    const watcher = await watch(on);
    peer.socket.terminate();
    await watcher.until(({ data }) => data.calls[0]?.paused === true);
    const back = await Peer.started(on, { format: FORMAT, resume: { token } });
    await watcher.until(({ event, data }) => event === 'changes' && data.calls[0]?.paused === false);
    back.socket.close();
  });
});

describe('alerts on the floor', () => {
  const alertOf = (floor: FloorSnapshot, rule: string) =>
    floor.calls.flatMap(({ alerts }: FloorCall) => alerts).find((alert) => alert.rule === rule);

  it('are handled for every supervisor at once, and make the call less urgent', async () => {
    const on = await serve();
    const peer = await call(on);
    const [ada, bo] = [await watch(on), await watch(on)];
    await talk(peer, 3);
    await Promise.all([ada, bo].map((who) => who.until(({ data }) => (data.calls[0]?.alerts.length ?? 0) === 2)));
    const before = (await snapshot(on)).calls[0]?.urgency ?? 0;
    const alert = alertOf(ada.floor, 'any sound')!;
    const take = (by: string) =>
      ask<CallAlert & { code?: string; message?: string }>(on, 'POST', `/v1/alerts/${alert.alertId}`, {
        action: 'take',
        by,
      });
    const answers = await Promise.all([take('Ada'), take('Bo')]);
    expect(answers.map(({ status }) => status)).toEqual([200, 409]);
    expect(answers[0]?.body).toMatchObject({ takenBy: 'Ada', rule: 'any sound', handling: [{ by: 'Ada' }] });
    expect(answers[1]?.body).toMatchObject({ code: 'conflict', message: expect.stringContaining('Ada has taken') });
    for (const who of [ada, bo]) {
      await who.until(({ data }) => data.calls.some(({ alerts }) => alerts.some(({ takenBy }) => takenBy === 'Ada')));
      expect(alertOf(who.floor, 'any sound')?.takenBy).toBe('Ada');
    }
    const after = (await snapshot(on)).calls[0]?.urgency ?? 1;
    expect(after).toBeLessThan(before);
  });

  it('are quiet until their snooze is over, and then the floor says so by itself', async () => {
    const on = await serve(RULES.slice(0, 1));
    const peer = await call(on);
    await talk(peer, 3);
    const watcher = await watch(on);
    const first = await watcher.until(() => true);
    const { alertId } = first.data.calls[0]!.alerts[0]!;
    const urgency = first.data.calls[0]!.urgency;
    const until = new Date(Date.now() + 2500).toISOString();
    await ask(on, 'POST', `/v1/alerts/${encodeURIComponent(alertId)}`, { action: 'snooze', by: 'Ada', until });
    await watcher.until(({ data }) => data.calls.some(({ urgency: now }) => now < urgency));
    await watcher.until(({ data }) => {
      const [of] = data.calls;
      return of?.alerts[0]?.snoozedUntil === until && of.urgency === urgency;
    });
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until));
  });

  it('can be marked as wrong after their call has ended', async () => {
    const on = await serve();
    const peer = await call(on);
    await talk(peer, 3);
    const alert = alertOf(await snapshot(on), 'later')!;
    peer.json({ type: 'stop' });
    await peer.closed();
    const answer = await ask<CallAlert>(on, 'POST', `/v1/alerts/${alert.alertId}`, { action: 'mark-wrong', by: 'Ada' });
    expect(answer).toMatchObject({ status: 200, body: { wrong: true, cause: 'ended', clearedMs: 3100 } });
  });
});

describe('the policy on the floor', () => {
  it('withholds a role from one look to the next, clears the alerts on its emotions, and lets the others stand', async () => {
    const on = await serve(
      readAlertRules(`
rules:
  - { name: agent, when: { measure: valence, of: employee, below: 1 } }
  - { name: caller, when: { measure: valence, of: customer, below: 1 } }
  - { name: talk, when: { measure: duration, above: 1 s } }
`),
    );
    const peer = await call(on);
    const watcher = await watch(on);
    await talk(peer, 20);
    await watcher.until(({ data }) =>
      data.calls.some(({ alerts, durationMs }) => alerts.length === 3 && durationMs === 20_000),
    );
    const policy = { analysedRoles: ['customer', 'bot', 'unknown'], notice: 'We listen to how callers sound.' };
    const answer = await ask(on, 'PUT', '/v1/settings', { policy, by: 'Ada' });
    expect(answer).toMatchObject({ status: 200, body: { policy: { analysedRoles: ['customer', 'bot', 'unknown'] } } });
    const cleared = await peer.until((event) => event.type === 'alert' && event.state === 'cleared');
    expect(cleared).toMatchObject({ rule: 'agent', cause: 'rule-removed' });
    const seen = await watcher.until(({ data }) => data.calls[0]?.legs[1]?.withheld === true);
    expect(seen.data.calls[0]?.legs[1]).toMatchObject({
      label: 'unknown',
      reason: null,
      score: 0,
      confidence: 0,
      arousal: 0,
      valence: 0,
      recent: [],
    });
    expect(seen.data.calls[0]?.legs[0]).toMatchObject({ withheld: false });
    await watcher.until(({ data }) => data.calls[0]?.alerts.length === 2);
    await talk(peer, 40);
    const alerts = peer.of('alert').map(({ rule, state, cause }) => [rule, state, cause].join(' ').trim());
    expect(alerts.filter((text) => text.startsWith('agent'))).toEqual(['agent raised', 'agent cleared rule-removed']);
    expect((await snapshot(on)).calls[0]?.alerts.map(({ rule }) => rule).toSorted()).toEqual(['caller', 'talk']);
    const rules = await ask<{ problems: object[] }>(on, 'GET', '/v1/rules');
    expect(rules.body.problems).toMatchObject([{ warning: true, message: expect.stringContaining('employee') }]);
  });
});
