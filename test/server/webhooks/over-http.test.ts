import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallDetail } from '../../../src/protocol/index.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import { readEndpoints, type WebhooksStatus } from '../../../src/server/webhooks/index.ts';
import { openStore, type Store } from '../../../src/store/index.ts';
import { readAlertRules } from '../../../src/streams/index.ts';
import { start } from '../harness.ts';
import { type Answered, AS_ANNA, ask, callOf, eventually, httpOf, sureModel } from '../http/harness.ts';
import { temporaryFolder } from '../recordings/folder.ts';
import { Receiver, status } from './receiver.ts';

const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const RULES = readAlertRules('rules: [{name: a while, when: {measure: duration, above: 1 s}}]');

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Desk {
  readonly server: RunningServer;
  readonly store: Store;
  get(path: string): Promise<Answered>;
  post(path: string): Promise<Answered>;
  webhooks(): Promise<WebhooksStatus>;
}

async function store(): Promise<Store> {
  const opened = await openStore(`${await temporaryFolder()}/calls.db`);
  closing.push(() => opened.close());
  return opened;
}

async function desk(kept: Store, receiver: Receiver, yaml = ''): Promise<Desk> {
  const text = `endpoints: [{name: crm, url: "${receiver.url}", secrets: [SECRET]${yaml}}]`;
  const endpoints = readEndpoints(text, { environment: { SECRET }, allowPrivate: true });
  const server = await start({
    store: kept,
    model: sureModel(),
    rules: RULES,
    webhooks: { endpoints, allowPrivate: true },
  });
  closing.push(() => server.close());
  const base = httpOf(server);
  return {
    server,
    store: kept,
    get: (path) => ask(base, 'GET', path),
    post: (path) => ask(base, 'POST', path, { headers: AS_ANNA }),
    webhooks: async () => (await ask(base, 'GET', '/v1/webhooks')).json<WebhooksStatus>(),
  };
}

async function receiver(): Promise<Receiver> {
  const opened = await Receiver.start();
  closing.push(() => opened.close());
  return opened;
}

interface Message {
  readonly type: string;
  readonly data: CallDetail & { readonly alertId: string; readonly handling: object };
}
const messages = ({ received }: Receiver): Message[] =>
  received.map(({ body, headers }) => new Webhook(SECRET).verify(body, headers as Record<string, string>) as Message);

describe('webhooks of a server with a store', () => {
  it('tell the end of a call with what the API says of it, and what a supervisor does with an alert', async () => {
    const peer = await receiver();
    const opened = await desk(await store(), peer);
    await callOf(opened.server, 3, { streamId: 'a', callId: 'c' });
    await peer.until(() => messages(peer).some(({ type }) => type === 'call.ended'));
    const ended = messages(peer).find(({ type }) => type === 'call.ended');
    const detail = (await opened.get('/v1/calls/c')).json<CallDetail>();
    const { startedAt, endedAt, durationMs, alerts, legs, metrics } = detail;
    expect(ended?.data).toEqual({
      callId: 'c',
      ...{ startedAt, endedAt, durationMs, alerts, legs, metrics },
      streams: [{ streamId: 'a', reason: 'stop' }],
    });
    const [alert] = detail.allAlerts;
    const raised = messages(peer).find(({ type }) => type === 'alert.raised');
    expect(raised?.data.alertId).toBe(alert?.alertId);
    const path = `/v1/alerts/${encodeURIComponent(alert?.alertId ?? '')}`;
    await ask(httpOf(opened.server), 'POST', path, {
      headers: { ...AS_ANNA, 'Content-Type': 'application/json' },
      body: { action: 'acknowledge', by: 'Anna' },
    });
    await peer.until(() => messages(peer).some(({ type }) => type === 'alert.handled'));
    const handled = messages(peer).find(({ type }) => type === 'alert.handled');
    expect(handled?.data).toMatchObject({
      alertId: alert?.alertId,
      callId: 'c',
      handling: { action: 'acknowledge', by: 'Anna' },
    });
  });

  it('go on after a restart, with SQLite in between', async () => {
    const peer = await receiver();
    const kept = await store();
    peer.answer = status(503);
    const first = await desk(kept, peer, ', events: [call.started]');
    await callOf(first.server, 1, { streamId: 'a' });
    await eventually(first.webhooks, ({ endpoints }) => endpoints[0]?.failures === 1);
    await first.server.close();
    const [waiting] = await kept.deliveries('waiting');
    expect(waiting).toMatchObject({ endpoint: 'crm', callId: 'a', attempts: 1, lastError: 'answered 503' });
    peer.answer = status(200);
    // As if the next server began later.
    if (waiting !== undefined) await kept.keepDelivery({ ...waiting, nextAttemptAtMs: Date.now() });
    const second = await desk(kept, peer, ', events: [call.started]');
    await eventually(second.webhooks, ({ endpoints }) => endpoints[0]?.delivered === 1);
    expect(peer.received.map(({ headers }) => headers['webhook-id'])).toEqual([
      waiting?.deliveryId,
      waiting?.deliveryId,
    ]);
    await eventually(
      () => kept.deliveries('waiting'),
      (left) => left.length === 0,
    );
  });

  it('are disabled by 410, enabled and replayed by hand, and erased with their call', async () => {
    const peer = await receiver();
    const kept = await store();
    peer.answer = status(410);
    const opened = await desk(kept, peer, ', events: [call.started]');
    await callOf(opened.server, 1, { streamId: 'a' });
    const { dead } = await eventually(opened.webhooks, ({ endpoints }) => endpoints[0]?.state === 'gone');
    expect(dead).toMatchObject([{ endpoint: 'crm', callId: 'a', attempts: 1, lastError: 'answered 410' }]);
    const id = dead[0]?.deliveryId ?? '';
    expect((await opened.post(`/v1/webhooks/dead/${id}/replay`)).status).toBe(409);
    expect((await opened.post('/v1/webhooks/other/enable')).status).toBe(404);
    expect((await opened.post('/v1/webhooks/crm/enable')).status).toBe(204);
    peer.answer = status(500);
    expect((await opened.post(`/v1/webhooks/dead/${id}/replay`)).status).toBe(204);
    await eventually(opened.webhooks, ({ endpoints, waiting }) => endpoints[0]?.failures === 2 && waiting === 1);
    const audited = (await kept.audit(10)).map(({ action, by }) => [action, by]);
    expect(audited).toEqual(
      expect.arrayContaining([
        ['webhook-enabled', 'Anna'],
        ['webhook-replayed', 'Anna'],
      ]),
    );
    const erased = await ask(httpOf(opened.server), 'DELETE', '/v1/calls/a', { headers: AS_ANNA });
    expect(erased.status).toBe(200);
    expect(await opened.webhooks()).toMatchObject({ waiting: 0, dead: [] });
    await eventually(
      () => kept.deliveries('waiting'),
      (left) => left.length === 0,
    );
  });
});
