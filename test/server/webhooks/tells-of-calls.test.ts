import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../../src/audio/index.ts';
import type { CallAlert, CallDetail, CallMetrics } from '../../../src/protocol/index.ts';
import { encodeTimelineEvent } from '../../../src/server/encoded-event.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import type { LiveStream } from '../../../src/server/live-stream.ts';
import {
  openWebhooks,
  readEndpoints,
  type Webhooks,
  type WebhooksOptions,
} from '../../../src/server/webhooks/index.ts';
import { CallMeter, readAlertRules } from '../../../src/streams/index.ts';
import { audio, Peer, pause, SHORT, start } from '../harness.ts';
import { Receiver, status } from './receiver.ts';

const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const FORMAT: AudioFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 2 };
const CHANNELS = [
  { name: 'caller', role: 'customer' },
  { name: 'agent', role: 'employee' },
] as const;
const RULES = readAlertRules(`
rules:
  - { name: customer is loud, severity: high, when: { measure: level, of: customer, above: -60 } }
  - { name: employee is loud, when: { measure: level, of: employee, above: -60 } }
  - { name: a while, severity: low, when: { measure: duration, above: 1 s } }
`);

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Message {
  readonly type: string;
  readonly timestamp: string;
  readonly data: {
    readonly callId: string;
    readonly streamId?: string;
    readonly alertId?: string;
    readonly rule?: string;
    readonly streams?: readonly { readonly streamId: string }[];
    readonly legs?: unknown;
    readonly metrics?: unknown;
    readonly metadata?: unknown;
  };
}

interface Desk {
  readonly server: RunningServer;
  readonly webhooks: Webhooks;
  readonly receivers: readonly Receiver[];
  /** What a receiver got and could verify, in order of its coming. */
  messages(receiver?: number): Message[];
  /** Ends the server, then the webhooks; everything has been told. */
  end(): Promise<void>;
}

/** A server with one receiver for each of the endpoints, which are given as YAML without name, address and secret. */
async function desk(endpoints: readonly string[], more: Partial<WebhooksOptions> = {}): Promise<Desk> {
  const receivers = await Promise.all(endpoints.map(() => Receiver.start()));
  const list = endpoints.map(
    (yaml, index) => `{name: e${index}, url: "${receivers[index]?.url}", secrets: [SECRET]${yaml && `, ${yaml}`}}`,
  );
  const text = `endpoints: [${list.join(', ')}]`;
  const webhooks = await openWebhooks({
    endpoints: readEndpoints(text, { environment: { SECRET }, allowPrivate: true }),
    allowPrivate: true,
    ...more,
  });
  const server = await start({ rules: RULES, taps: [webhooks.tap] });
  let ended: Promise<void> | undefined;
  const end = (): Promise<void> => {
    ended ??= server.close().then(() => webhooks.close());
    return ended;
  };
  closing.push(...receivers.map((receiver) => () => receiver.close()), end);
  const messages = (index = 0): Message[] =>
    (receivers[index]?.received ?? []).map(
      ({ body, headers }) => new Webhook(SECRET).verify(body, headers as Record<string, string>) as Message,
    );
  return { server, webhooks, receivers, messages, end };
}

async function call(server: RunningServer, streamId: string, more: object = {}, seconds = 3): Promise<Peer> {
  const peer = await Peer.started(server, {
    format: FORMAT,
    streamId,
    channels: [...CHANNELS],
    analysis: SHORT,
    metadata: { caller: '+1 555 0100', queue: 'sales', vip: true },
    ...more,
  });
  peer.send(audio(seconds, FORMAT));
  peer.json({ type: 'stop' });
  expect(await peer.closed()).toBe(1000);
  return peer;
}

const types = (messages: readonly Message[]): string[] => messages.map(({ type }) => type).sort();

describe('a call', () => {
  it('is told: its start, its alerts, its end, verified by the independent library', async () => {
    const { server, messages, end, receivers } = await desk(['']);
    const peer = await call(server, 'stream-1', { callId: 'call-1' });
    await end();
    const told = messages();
    const raised = peer.of('alert').filter(({ state }) => state === 'raised');
    const cleared = peer.of('alert').filter(({ state }) => state === 'cleared');
    expect(raised.length).toBeGreaterThanOrEqual(3);
    expect(types(told)).toEqual(
      types([
        { type: 'call.started' } as Message,
        { type: 'call.ended' } as Message,
        ...raised.map(() => ({ type: 'alert.raised' }) as Message),
        ...cleared.map(() => ({ type: 'alert.cleared' }) as Message),
      ]),
    );
    for (const { timestamp, data } of told) {
      expect(Math.abs(Date.parse(timestamp) - Date.now())).toBeLessThan(120_000);
      expect(data.callId).toBe('call-1');
    }
    expect(told.find(({ type }) => type === 'call.started')?.data).toEqual({
      callId: 'call-1',
      streamId: 'stream-1',
      channels: CHANNELS,
    });
    const alerts = told.filter(({ type }) => type.startsWith('alert.'));
    for (const event of raised) {
      const { rule, severity, atMs, sinceMs, evidence, cursor } = event;
      const alertId = `stream-1:${cursor}`;
      const both = alerts.filter(({ data }) => data.alertId === alertId);
      expect(types(both)).toEqual(['alert.cleared', 'alert.raised']);
      const first = both.find(({ type }) => type === 'alert.raised');
      expect(first?.data).toEqual({
        callId: 'call-1',
        alertId,
        streamId: 'stream-1',
        rule,
        severity,
        atMs,
        sinceMs,
        evidence,
      });
      const later = cleared.find((other) => other.rule === rule && other.cursor > cursor);
      expect(both.find(({ type }) => type === 'alert.cleared')?.data).toMatchObject({
        rule,
        cause: later?.cause,
        atMs: later?.atMs,
      });
    }
    const ids = receivers[0]?.received.map(({ headers }) => headers['webhook-id']) ?? [];
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^msg_[0-9a-f]{32}$/);
  });

  it('without a store ends with what its stream said, and with metrics from the events in memory', async () => {
    const { server, messages, end } = await desk(['events: [call.ended]']);
    const peer = await call(server, 's', {}, 4);
    await end();
    const [ended, ...rest] = messages();
    expect(rest).toEqual([]);
    const meter = new CallMeter(CHANNELS);
    for (const event of peer.events) if ('cursor' in event) meter.next(event);
    const [last] = peer.of('ended');
    expect(ended?.data).toMatchObject({
      callId: 's',
      durationMs: 4_000,
      streams: [{ streamId: 's', reason: 'stop' }],
      alerts: { open: 0, highest: 'high', raised: peer.of('alert').filter(({ state }) => state === 'raised').length },
      metrics: JSON.parse(JSON.stringify(meter.metrics())) as CallMetrics,
    });
    expect(ended?.data.legs).toEqual(
      last?.channels.map(({ channelName, windows: _, ...leg }) => ({ ...leg, streamId: 's', name: channelName })),
    );
    expect(ended?.data).not.toHaveProperty('metadata');
  });

  it('of several streams starts with the first and ends with the last, though another begins in between', async () => {
    const { server, messages, end } = await desk(['events: [call.started, call.ended]']);
    const slow = await Peer.started(server, { streamId: 'a', callId: 'both', analysis: SHORT });
    await call(server, 'b', { callId: 'both' }, 1);
    await call(server, 'c', { callId: 'both' }, 1);
    slow.send(audio(2));
    slow.json({ type: 'stop' });
    await slow.closed();
    await end();
    expect(messages().map(({ type }) => type)).toEqual(['call.started', 'call.ended']);
    const [started, ended] = messages();
    expect(started?.data.streamId).toBe('a');
    expect(ended?.data.streams?.map(({ streamId }) => streamId)).toEqual(['a', 'b', 'c']);
    expect(ended?.data.metrics).toBeNull();
  });

  it('that goes on within two seconds has not ended', async () => {
    const { server, receivers, messages, end } = await desk(['events: [call.started, call.ended]']);
    await call(server, 'a', { callId: 'both' }, 1);
    await call(server, 'b', { callId: 'both' }, 1);
    await receivers[0]?.until(({ received }) => received.length === 2);
    expect(messages().map(({ type }) => type)).toEqual(['call.started', 'call.ended']);
    await end();
    expect(messages()).toHaveLength(2);
  });

  it('ends with what is kept of it, where there is a store', async () => {
    const metrics = { durationMs: 7 } as CallMetrics;
    const kept = {
      callId: 's',
      startedAt: '2026-01-01T00:00:00.000Z',
      endedAt: '2026-01-01T00:01:00.000Z',
      durationMs: 60_000,
      legs: [{ streamId: 's', channel: 0 }],
      alerts: { raised: 1, open: 0, highest: 'high', rules: ['x'] },
      metrics,
      metadata: { caller: 'kept secret' },
    } as unknown as CallDetail;
    const asked: string[] = [];
    const { server, messages, end } = await desk(['events: [call.ended]', 'events: [call.ended], include: [legs]'], {
      call: (callId) => {
        asked.push(callId);
        return Promise.resolve(kept);
      },
    });
    await call(server, 's', {}, 1);
    await end();
    expect(asked).toEqual(['s']);
    const { legs, alerts } = kept;
    const data = {
      callId: 's',
      startedAt: kept.startedAt,
      endedAt: kept.endedAt,
      durationMs: 60_000,
      streams: [{ streamId: 's', reason: 'stop' }],
      alerts,
      legs,
    };
    expect(messages(0)).toEqual([{ type: 'call.ended', timestamp: kept.endedAt, data: { ...data, metrics } }]);
    expect(messages(1)).toEqual([{ type: 'call.ended', timestamp: kept.endedAt, data }]);
  });

  it('ends all the same where the store fails', async () => {
    const { server, messages, end } = await desk(['events: [call.ended]'], {
      call: () => Promise.reject(new Error('the disk is full')),
    });
    await call(server, 's', {}, 1);
    await end();
    expect(messages()).toMatchObject([{ data: { callId: 's', durationMs: 1_000 } }]);
  });

  it('that cannot be told takes no other with it', async () => {
    const errors: string[] = [];
    const logger = { debug() {}, info() {}, warn() {}, error: (_: object, text: string) => errors.push(text) };
    const { server, messages, end } = await desk(['events: [call.ended]'], {
      // What no JSON can say.
      call: (callId) => Promise.resolve({ callId, metrics: callId === 'bad' ? 1n : null } as unknown as CallDetail),
      logger,
    });
    await call(server, 'bad', {}, 1);
    await call(server, 'good', {}, 1);
    await end();
    expect(messages().map(({ data }) => data.callId)).toEqual(['good']);
    expect(errors).toEqual(['webhooks: something that happened could not be told']);
  });

  it('whose id is that of everything somebody sends is bounded, and still ends', async () => {
    const { webhooks, messages, end } = await desk(['events: [call.started, call.ended]']);
    const { tap } = webhooks;
    for (let index = 0; index < 1_500; index += 1) {
      const stream = {
        runId: `r${index}`,
        streamId: `s${index}`,
        callId: 'all',
        startedAtMs: index,
        metadata: {},
        endReason: 'stop',
        settings: { channels: CHANNELS },
        hub: { history: {} },
      } as unknown as LiveStream;
      tap.opened?.(stream);
      tap.ended?.(stream, undefined);
    }
    await end();
    expect(messages().map(({ type }) => type)).toEqual(['call.started', 'call.ended']);
    const streams = messages()[1]?.data.streams ?? [];
    expect([streams.length, streams.at(-1)?.streamId]).toEqual([1_000, 's1499']);
  });

  it('that is cut off by the end of the server is told so before it is gone', async () => {
    const { server, messages, end } = await desk(['events: [call.ended]']);
    const peer = await Peer.started(server, { streamId: 's', analysis: SHORT });
    peer.send(audio(1));
    await peer.until(({ type }) => type === 'window');
    await end();
    expect(messages()).toMatchObject([{ data: { streams: [{ streamId: 's', reason: 'shutdown' }] } }]);
  });
});

describe('an endpoint', () => {
  it('is told of metadata only the keys that it asks for, and never of audio', async () => {
    const { server, receivers, messages, end } = await desk([
      '',
      'metadata: [queue, missing]',
      'metadata: [caller, vip]',
    ]);
    await call(server, 's', {}, 2);
    await end();
    const [none, queue, caller] = receivers.map(({ received }) => received.map(({ body }) => body).join('\n'));
    expect(none).not.toContain('metadata');
    expect(`${none}${queue}`).not.toContain('555');
    for (const { data } of messages(1)) expect(data.metadata).toEqual({ queue: 'sales' });
    for (const { data } of messages(2)) expect(data.metadata).toEqual({ caller: '+1 555 0100', vip: true });
    expect(caller).toContain('+1 555 0100');
    for (const { received } of receivers) for (const { body } of received) expect(body.length).toBeLessThan(20_000);
  });

  it('is told of the alerts that it asks for by rule, severity and role, and without evidence where it wants none', async () => {
    const { server, messages, end } = await desk([
      'events: [alert.raised], rules: [a while]',
      'events: [alert.raised], severities: [high, low]',
      'events: [alert.raised], roles: [employee]',
      'events: [alert.cleared], rules: [customer is loud], include: [legs]',
    ]);
    await call(server, 's');
    await end();
    const rules = (index: number): unknown[] => [...new Set(messages(index).map(({ data }) => data.rule))].sort();
    expect(rules(0)).toEqual(['a while']);
    expect(rules(1)).toEqual(['a while', 'customer is loud']);
    // What is of the call as a whole is for everybody.
    expect(rules(2)).toEqual(['a while', 'employee is loud']);
    expect(rules(3)).toEqual(['customer is loud']);
    for (const { data } of messages(3)) expect(data).not.toHaveProperty('evidence');
    for (const { data } of messages(0)) expect(data).toHaveProperty('evidence');
  });

  it('is told nothing of moods that the policy withholds, where there is no store', async () => {
    const { webhooks, messages, end } = await desk(['events: [call.ended]'], {
      policy: () => ({ analysedRoles: ['customer'], notice: '' }),
    });
    const known = {
      windows: 9,
      speechMs: 500,
      turns: 1,
      shares: { anger: 1 },
      coverage: 0.5,
      arousal: 0.4,
      valence: -0.3,
    };
    const ended = {
      type: 'ended',
      streamId: 's',
      cursor: 0,
      reason: 'stop',
      durationMs: 4_000,
      channels: CHANNELS.map(({ name, role }, channel) => ({ channel, channelName: name, role, ...known })),
    } as const;
    const stream = {
      runId: 'r',
      streamId: 's',
      callId: 's',
      startedAtMs: 0,
      metadata: {},
      endReason: 'stop',
      settings: { channels: CHANNELS },
      hub: { history: {} },
    } as unknown as LiveStream;
    webhooks.tap.opened?.(stream);
    webhooks.tap.event?.(stream, encodeTimelineEvent(ended));
    webhooks.tap.ended?.(stream, undefined);
    await end();
    const { windows: _, ...shown } = known;
    const hidden = { shares: {}, coverage: 0, arousal: null, valence: null };
    expect(messages()[0]?.data).toMatchObject({
      legs: [
        { streamId: 's', channel: 0, ...CHANNELS[0], ...shown },
        { streamId: 's', channel: 1, ...CHANNELS[1], ...shown, ...hidden },
      ],
      metrics: null,
    });
  });

  it('that hangs or fails costs the others nothing', async () => {
    const { server, webhooks, receivers, messages, end } = await desk(['timeout: 60 s', '', '']);
    const [hanging, failing] = receivers;
    if (hanging) hanging.answer = () => {};
    if (failing) failing.answer = status(500);
    await call(server, 's');
    await receivers[2]?.until(({ received }) => received.some(({ body }) => body.includes('call.ended')));
    expect(hanging?.received).toHaveLength(4);
    const [first, second, third] = webhooks.endpoints();
    expect(first).toMatchObject({ inFlight: 4, delivered: 0 });
    expect(second).toMatchObject({ delivered: 0, failures: expect.any(Number) });
    expect(third?.delivered).toBe((receivers[2]?.received.length ?? 0) - (third?.inFlight ?? 0));
    expect((await webhooks.status()).waiting).toBeGreaterThan(4);
    expect(types(messages(2))).toContain('call.ended');
    // It gives the hanging one up after three seconds.
    await end();
  });

  it('is told what a supervisor did with an alert, of a live call and of one that is kept', async () => {
    const alert: CallAlert = {
      alertId: 's:7',
      callId: 's',
      streamId: 's',
      rule: 'customer is loud',
      severity: 'high',
      atMs: 1_000,
      sinceMs: 500,
      evidence: [{ measure: 'level', comparison: 'above', threshold: -60, value: -20, holds: true, channel: 0 }],
      raisedAt: '2026-01-01T00:00:01.000Z',
      clearedMs: null,
      handling: [],
      takenBy: null,
      acknowledged: true,
      wrong: false,
      snoozedUntil: null,
    };
    const handling = { action: 'acknowledge', by: 'Ada', at: '2026-01-01T00:00:09.000Z' } as const;
    const detail = {
      metadata: { queue: 'kept' },
      streams: [{ streamId: 's', channels: CHANNELS }],
    } as unknown as CallDetail;
    const { server, webhooks, receivers, messages } = await desk(
      ['events: [alert.handled], roles: [customer], metadata: [queue]', 'events: [alert.handled], roles: [bot]'],
      { call: () => Promise.resolve(detail) },
    );
    const peer = await Peer.started(server, { streamId: 's', metadata: { queue: 'live' }, channels: [CHANNELS[0]] });
    webhooks.alertHandled(alert, handling);
    await receivers[0]?.until(({ received }) => received.length === 1);
    peer.json({ type: 'stop' });
    await peer.closed();
    // Its call is over once two seconds have passed.
    await pause(2_500);
    webhooks.alertHandled(alert, handling);
    await receivers[0]?.until(({ received }) => received.length === 2);
    const { alertId, callId, streamId, rule, severity, atMs, sinceMs, evidence } = alert;
    const data = { callId, alertId, streamId, rule, severity, atMs, sinceMs, evidence, handling };
    expect(messages()).toEqual([
      { type: 'alert.handled', timestamp: handling.at, data: { ...data, metadata: { queue: 'live' } } },
      { type: 'alert.handled', timestamp: handling.at, data: { ...data, metadata: { queue: 'kept' } } },
    ]);
    expect(receivers[1]?.received).toEqual([]);
  });
});

describe('a call that is erased', () => {
  it('is told of no more, whether it goes on, waits to be told as ended, or waits for its receiver', async () => {
    const { server, webhooks, receivers, end } = await desk(['']);
    const [receiver] = receivers;
    if (receiver) receiver.answer = status(500);
    const live = await Peer.started(server, { streamId: 'live', analysis: SHORT });
    await call(server, 'done', {}, 1);
    // Two starts, one of which was tried alone after the first failures.
    while (webhooks.endpoints()[0]?.inFlight !== 0) await pause(5);
    expect(webhooks.endpoints()[0]?.waiting).toBeGreaterThan(0);
    webhooks.forget(['live', 'done']);
    const before = receiver?.received.length ?? 0;
    if (receiver) receiver.answer = status(200);
    live.send(audio(2));
    live.json({ type: 'stop' });
    await live.closed();
    await end();
    expect(receiver?.received).toHaveLength(before);
    expect(await webhooks.status()).toMatchObject({ waiting: 0, dead: [] });
  });
});
