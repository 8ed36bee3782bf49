import { afterEach, describe, expect, it } from 'vitest';
import type { CallAlert } from '../../../src/protocol/index.ts';
import {
  openWebhooks,
  readEndpoints,
  type Webhooks,
  type WebhooksOptions,
} from '../../../src/server/webhooks/index.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryStore } from './memory-store.ts';
import { Receiver, status } from './receiver.ts';

const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function receiver(): Promise<Receiver> {
  const started = await Receiver.start();
  closing.push(() => started.close());
  return started;
}

async function open(
  urls: Readonly<Record<string, string>>,
  store: MemoryStore | undefined,
  more: Partial<WebhooksOptions> = {},
): Promise<Webhooks> {
  const endpoints = Object.entries(urls).map(([name, url]) => ({ name, url, secrets: ['SECRET'] }));
  const webhooks = await openWebhooks({
    endpoints: readEndpoints(JSON.stringify({ endpoints }), { environment: { SECRET }, allowPrivate: true }),
    allowPrivate: true,
    ...(store && { store }),
    ...more,
  });
  closing.push(() => webhooks.close(0));
  return webhooks;
}

const alert = (alertId: string, callId = 'call'): CallAlert => ({
  alertId,
  callId,
  streamId: 's',
  rule: 'r',
  severity: 'high',
  atMs: 0,
  sinceMs: 0,
  evidence: [],
  raisedAt: '2026-01-01T00:00:00.000Z',
  clearedMs: null,
  handling: [],
  takenBy: null,
  acknowledged: true,
  wrong: false,
  snoozedUntil: null,
});
const HANDLING = { action: 'acknowledge', by: 'Ada', at: '2026-01-01T00:00:00.000Z' } as const;
/** The simplest thing that makes a message. */
const tell = (webhooks: Webhooks, alertId: string, callId?: string): void =>
  webhooks.alertHandled(alert(alertId, callId), HANDLING);

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const idOf = ({ received }: Receiver, index: number): unknown => received[index]?.headers['webhook-id'];

describe('a message that waits', () => {
  it('is sent by the next process, with its id and its count of attempts', async () => {
    const peer = await receiver();
    const store = new MemoryStore();
    peer.answer = status(503);
    const first = await open({ a: peer.url }, store);
    tell(first, 'x');
    await until(() => [...store.kept.values()][0]?.attempts === 1);
    await first.close();
    const [kept] = store.kept.values();
    expect(kept).toMatchObject({ endpoint: 'a', callId: 'call', attempts: 1, lastError: 'answered 503' });
    peer.answer = status(200);
    const clock = new FakeClock();
    const inTime = kept?.nextAttemptAtMs ?? 0;
    const second = await open({ a: peer.url }, store, { clock, wallClock: () => inTime - 1 + clock.now() });
    expect((await second.status()).waiting).toBe(1);
    await clock.advance(1);
    await until(() => store.kept.size === 0);
    expect(peer.received).toHaveLength(2);
    expect(idOf(peer, 1)).toBe(idOf(peer, 0));
    expect(peer.received[1]?.body).toBe(peer.received[0]?.body);
  });

  it('is sent by the next process though this one was cut off while it was on its way', async () => {
    const peer = await receiver();
    const store = new MemoryStore();
    peer.answer = () => {};
    const first = await open({ a: peer.url }, store);
    tell(first, 'x');
    await peer.until(({ received }) => received.length === 1);
    await first.close(0);
    expect([...store.kept.values()]).toMatchObject([{ attempts: 0, nextAttemptAtMs: expect.any(Number) }]);
    peer.answer = status(200);
    await open({ a: peer.url }, store);
    await until(() => store.kept.size === 0);
    expect(idOf(peer, 1)).toBe(idOf(peer, 0));
  });

  it('is buried where its endpoint has left the file, and can be read of', async () => {
    const peer = await receiver();
    const store = new MemoryStore();
    peer.answer = status(503);
    const first = await open({ a: peer.url }, store);
    tell(first, 'x');
    await until(() => [...store.kept.values()][0]?.attempts === 1);
    await first.close();
    const second = await open({ b: peer.url }, store);
    const { dead } = await second.status();
    expect(dead).toMatchObject([
      { endpoint: 'a', lastError: 'there is no such endpoint any more', nextAttemptAtMs: null },
    ]);
    expect(dead[0]).not.toHaveProperty('body');
    await expect(second.replay(dead[0]?.deliveryId ?? '', 'Ada')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is lost without a store, and the log says how many', async () => {
    const peer = await receiver();
    peer.answer = status(503);
    const warnings: [object, string][] = [];
    const logger = {
      debug() {},
      info() {},
      error() {},
      warn: (fields: object, text: string) => warnings.push([fields, text]),
    };
    const webhooks = await open({ a: peer.url }, undefined, { logger });
    tell(webhooks, 'x');
    await until(() => webhooks.endpoints()[0]?.failures === 1);
    await webhooks.close();
    expect(warnings).toEqual([[{ messages: 1 }, 'webhooks: messages are lost that waited to be sent again']]);
  });
});

describe('a store that fails', () => {
  it('holds up no message, is told of in the status, and gets what is left once it is well again', async () => {
    const peer = await receiver();
    const bad = await receiver();
    bad.answer = status(500);
    const store = new MemoryStore();
    const clock = new FakeClock();
    const webhooks = await open({ good: peer.url, bad: bad.url }, store, { clock, wallClock: clock.wall });
    store.failing = true;
    tell(webhooks, 'x');
    await peer.until(({ received }) => received.length === 1);
    await until(() => webhooks.endpoints()[1]?.failures === 1);
    await until(() => clock.timers >= 2);
    expect((await webhooks.status()).storeFailing).toBe('the disk is full');
    const asked = store.writes;
    tell(webhooks, 'y');
    await until(() => webhooks.endpoints()[0]?.delivered === 2);
    // It is not asked for every message.
    expect(store.writes).toBe(asked);
    for (let index = 0; index < 100; index += 1) tell(webhooks, `z${index}`);
    await until(() => webhooks.endpoints()[0]?.delivered === 102);
    store.failing = false;
    await clock.advance(5_000);
    await until(() => store.kept.size === 102);
    // What was taken meanwhile has left nothing to write, but for the first, of which nobody knows whether it was kept: its
    // removal was tried when the status was asked for, and again now.
    expect(store.removals).toBeLessThanOrEqual(2);
    expect((await webhooks.status()).storeFailing).toBeNull();
    expect(new Set([...store.kept.values()].map(({ endpoint }) => endpoint))).toEqual(new Set(['bad']));
  });

  it('at the start takes nothing away from what comes later', async () => {
    const peer = await receiver();
    const store = new MemoryStore();
    store.failing = true;
    const webhooks = await open({ a: peer.url }, store);
    store.failing = false;
    tell(webhooks, 'x');
    await until(() => webhooks.endpoints()[0]?.delivered === 1);
  });
});

describe.each(['with a store', 'without one'])('dead letters, %s', (how) => {
  const make = (): MemoryStore | undefined => (how === 'with a store' ? new MemoryStore() : undefined);

  it('are those of an endpoint that is gone; enabled, it gets them again by hand, with their ids', async () => {
    const peer = await receiver();
    const store = make();
    peer.answer = status(410);
    const webhooks = await open({ a: peer.url }, store);
    tell(webhooks, 'x', 'c1');
    await until(() => webhooks.endpoints()[0]?.state === 'gone');
    tell(webhooks, 'y');
    await until(() => webhooks.endpoints()[0]?.dropped === 1);
    const { dead, endpoints } = await webhooks.status();
    expect(dead).toMatchObject([{ endpoint: 'a', callId: 'c1', attempts: 1, lastError: 'answered 410' }]);
    expect(endpoints).toMatchObject([{ state: 'gone', dead: 1, dropped: 1, waiting: 0 }]);
    const id = dead[0]?.deliveryId ?? '';
    await expect(webhooks.replay(id, 'Ada')).rejects.toMatchObject({ code: 'webhook-disabled' });
    await expect(webhooks.replay('msg_none', 'Ada')).rejects.toMatchObject({ code: 'not-found' });
    await expect(webhooks.enable('none', 'Ada')).rejects.toMatchObject({ code: 'not-found' });
    await webhooks.enable('a', 'Ada');
    peer.answer = status(200);
    await webhooks.replay(id, 'Ada');
    await until(() => webhooks.endpoints()[0]?.delivered === 1);
    expect([idOf(peer, 0), idOf(peer, 1)]).toEqual([id, id]);
    expect(peer.received[1]?.body).toBe(peer.received[0]?.body);
    expect((await webhooks.status()).dead).toEqual([]);
    await expect(webhooks.replay(id, 'Ada')).rejects.toMatchObject({ code: 'not-found' });
    const noted = store?.notes.map(({ action, subject, by }) => [action, subject, by]);
    if (store !== undefined)
      expect(noted).toEqual([
        ['webhook-enabled', 'a', 'Ada'],
        ['webhook-replayed', id, 'Ada'],
      ]);
  });

  it('are a thousand of an endpoint at most, the newest, and one line of the log', async () => {
    const peer = await receiver();
    const store = make();
    const lines: string[] = [];
    const logger = {
      debug() {},
      info() {},
      error() {},
      warn: (fields: object, text: string) => lines.push(JSON.stringify(fields) + text),
    };
    peer.answer = () => {};
    const webhooks = await open({ a: peer.url }, store);
    for (let index = 0; index < 1_200; index += 1) tell(webhooks, `x${index}`, `c${index}`);
    await until(() => webhooks.endpoints()[0]?.waiting === 1_196);
    peer.answer = status(410);
    await webhooks.close(0);
    const again = await open({ a: peer.url }, store, { logger });
    if (store === undefined) for (let index = 0; index < 1_200; index += 1) tell(again, `x${index}`, `c${index}`);
    await until(() => again.endpoints()[0]?.state === 'gone');
    await until(() => again.endpoints()[0]?.inFlight === 0);
    expect((await again.status()).dead).toHaveLength(1_000);
    await again.close();
    expect(lines.filter((line) => line.includes('dead letters'))).toHaveLength(1);
    expect(lines.join()).not.toMatch(/x\d|c\d/);
    if (store !== undefined) expect(store.kept.size).toBe(1_000);
  });

  it('are forgotten with their call', async () => {
    const peer = await receiver();
    const store = make();
    peer.answer = status(410);
    const webhooks = await open({ a: peer.url }, store);
    tell(webhooks, 'x', 'c1');
    await until(() => webhooks.endpoints()[0]?.dead === 1);
    webhooks.forget(['c2']);
    expect((await webhooks.status()).dead).toHaveLength(1);
    webhooks.forget(['c1']);
    expect((await webhooks.status()).dead).toEqual([]);
    await webhooks.close();
    expect(store?.kept.size ?? 0).toBe(0);
  });
});

describe('an endpoint that is gone', () => {
  it('stays so for the next process, until its address is another', async () => {
    const peer = await receiver();
    const store = new MemoryStore();
    peer.answer = status(410);
    const first = await open({ a: peer.url }, store);
    tell(first, 'x');
    await until(() => store.settings.size === 1);
    await first.close();
    expect([...store.settings.values()].join()).not.toContain(String(peer.port));
    const second = await open({ a: peer.url }, store);
    expect(second.endpoints()).toMatchObject([{ state: 'gone', dead: 1 }]);
    await second.close();
    const third = await open({ a: `${peer.url}/new` }, store);
    expect(third.endpoints()).toMatchObject([{ state: 'active', dead: 1 }]);
  });
});

describe('the status', () => {
  it('holds neither a secret nor the path of an address', async () => {
    const peer = await receiver();
    const webhooks = await open({ a: `${peer.url}/T0/secret-path?token=hunter2` }, undefined);
    tell(webhooks, 'x');
    await until(() => webhooks.endpoints()[0]?.delivered === 1);
    const text = JSON.stringify(await webhooks.status());
    expect(text).toContain(`"origin":"http://127.0.0.1:${peer.port}"`);
    for (const secret of ['secret-path', 'hunter2', SECRET.slice(6), 'hook']) expect(text).not.toContain(secret);
  });
});
