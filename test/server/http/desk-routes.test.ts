import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  CallAlert,
  CallDetail,
  DeskSettings,
  FloorSnapshot,
  RulesTest,
  RulesText,
} from '../../../src/protocol/index.ts';
import { readAlertRules } from '../../../src/streams/index.ts';
import { audio, Peer, SHORT } from '../harness.ts';
import { AS_ANNA, callOf, type Desk, eventually, openDeskServer, SIDES, STEREO } from './harness.ts';

const RULES = 'rules:\n  - name: long\n    severity: high\n    when: { measure: duration, above: 1 s }\n';

let desk: Desk;
beforeAll(async () => {
  desk = await openDeskServer({ rules: readAlertRules(RULES) });
});
afterAll(() => desk.close());

const codeOf = (body: string): string => (JSON.parse(body) as { code: string }).code;

describe('alerts', () => {
  it('are handled by whoever says who they are, while the call goes on and after', async () => {
    const peer = await Peer.started(desk.server, {
      callId: 'hot',
      streamId: 'leg:1/a',
      format: STEREO,
      channels: [...SIDES],
      analysis: SHORT,
    });
    peer.send(audio(2, STEREO));
    await peer.until(({ type }) => type === 'alert');
    const floor = (await desk.get('/v1/streams')).json<FloorSnapshot>();
    const alert = floor.calls[0]?.alerts[0];
    expect(alert).toMatchObject({ rule: 'long', severity: 'high', takenBy: null, acknowledged: false });
    const path = `/v1/alerts/${encodeURIComponent(alert?.alertId ?? '')}`;
    const act = (body: object, headers: Readonly<Record<string, string>> = {}) =>
      desk.ask('POST', path, { body, headers });

    const nameless = await act({ action: 'take' });
    expect([nameless.status, codeOf(nameless.body)]).toEqual([400, 'name-required']);
    const taken = await act({ action: 'take', by: 'Anna' });
    expect(taken.json<CallAlert>()).toMatchObject({ takenBy: 'Anna', handling: [{ action: 'take', by: 'Anna' }] });
    const second = await act({ action: 'take' }, { 'X-Undertone-By': encodeURIComponent('Łukasz') });
    expect([second.status, codeOf(second.body)]).toEqual([409, 'conflict']);
    const until = new Date(Date.now() + 60_000).toISOString();
    const quiet = await act({ action: 'snooze', until, note: 'in a minute' }, AS_ANNA);
    expect(quiet.json<CallAlert>()).toMatchObject({ snoozedUntil: until });
    const past = await act({ action: 'snooze', until: '2020-01-01T00:00:00Z' }, AS_ANNA);
    expect([past.status, codeOf(past.body)]).toEqual([400, 'invalid-body']);
    peer.json({ type: 'stop' });
    await peer.closed();
    const wrong = await act({ action: 'mark-wrong' }, AS_ANNA);
    expect(wrong.json<CallAlert>()).toMatchObject({ wrong: true, takenBy: 'Anna' });
    const detail = await eventually(
      async () => (await desk.get('/v1/calls/hot')).json<CallDetail>(),
      ({ allAlerts }) => allAlerts[0]?.handling.length === 3,
    );
    expect(detail.allAlerts).toMatchObject([
      { rule: 'long', wrong: true, handling: [{}, { note: 'in a minute' }, {}] },
    ]);
    const { entries } = (await desk.get('/v1/audit?limit=10')).json<{ entries: { by: string }[] }>();
    expect(entries.map(({ by }) => by)).toContain('Anna');
    const missing = await desk.ask('POST', '/v1/alerts/none:1', { body: { action: 'take', by: 'Anna' } });
    expect([missing.status, codeOf(missing.body)]).toEqual([404, 'unknown-alert']);
  });
});

describe('rules', () => {
  it('are replaced by whoever had the newest, and tell what is wrong with them, line by line', async () => {
    const before = (await desk.get('/v1/rules')).json<RulesText>();
    expect(before.text).toContain('long');
    const put = (text: string, revision: string, headers: Readonly<Record<string, string>> = AS_ANNA) =>
      desk.ask('PUT', '/v1/rules', { body: { text, revision }, headers });
    const broken = await put('rules:\n  - name: x\n    when: { measure: nonsense, above: 1 }\n', before.revision);
    expect([broken.status, codeOf(broken.body)]).toEqual([400, 'rules-invalid']);
    const { problems } = JSON.parse(broken.body) as { problems: { line: number; message: string }[] };
    expect(problems[0]).toMatchObject({ line: 3, message: expect.stringContaining('nonsense') });
    const text = RULES.replace('long', 'longer');
    expect((await put(text, before.revision, {})).status).toBe(400);
    const after = (await put(text, before.revision)).json<RulesText>();
    expect(after.revision).not.toBe(before.revision);
    const late = await put(RULES, before.revision);
    expect([late.status, codeOf(late.body)]).toEqual([409, 'conflict']);
    const events = await callOf(desk.server, 2, { callId: 'judged' });
    expect(events.flatMap((event) => (event.type === 'alert' ? [event.rule] : []))).toContain('longer');
    // What an answer says may come back as it was.
    expect((await desk.ask('PUT', '/v1/rules', { body: { ...after, text: RULES }, headers: AS_ANNA })).status).toBe(
      200,
    );
  });

  it('are tried on a kept call', async () => {
    await callOf(desk.server, 2, { callId: 'tried' });
    const test = async (text: string, callId = 'tried') =>
      desk.ask('POST', '/v1/rules/test', { body: { text, callId } });
    const fired = (await test(RULES)).json<RulesTest>();
    expect(fired.problems).toEqual([]);
    expect(fired.alerts.map(({ rule, state }) => [rule, state])).toEqual([
      ['long', 'raised'],
      ['long', 'cleared'],
    ]);
    const wrong = (await test('rules: [{ name: x }]')).json<RulesTest>();
    expect([wrong.alerts, wrong.problems.length > 0]).toEqual([[], true]);
    expect(codeOf((await test(RULES, 'nobody')).body)).toBe('unknown-call');
  });
});

describe('settings', () => {
  it('are told, and changed by whoever says who they are', async () => {
    const settings = (await desk.get('/v1/settings')).json<DeskSettings>();
    expect(settings).toMatchObject({
      model: { name: 'fake' },
      models: [],
      store: { kind: 'sqlite', failing: null, droppedEvents: 0 },
      retentionDays: null,
      recording: false,
      keyRequired: false,
    });
    const put = (body: object, headers: Readonly<Record<string, string>> = AS_ANNA) =>
      desk.ask('PUT', '/v1/settings', { body, headers });
    expect((await put({ retentionDays: 30 }, {})).status).toBe(400);
    expect((await put({ retentionDays: 30, by: 'Bo' }, {})).json<DeskSettings>().retentionDays).toBe(30);
    expect((await put({})).json<DeskSettings>().retentionDays).toBe(30);
    expect((await put({ retentionDays: null })).json<DeskSettings>().retentionDays).toBeNull();
  });
});

describe('webhooks', () => {
  it('are told of alerts and of what is done with them; what nobody takes is sent again on demand', async () => {
    const got: { type: string }[] = [];
    let status = 400;
    const receiver = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        got.push(JSON.parse(Buffer.concat(parts).toString()) as { type: string });
        response.writeHead(status).end();
      });
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const url = new URL(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`);
    const hooked = await openDeskServer({
      rules: readAlertRules(RULES),
      webhooks: {
        allowPrivate: true,
        endpoints: [
          {
            name: 'crm',
            url,
            secrets: [new Uint8Array(32)],
            events: new Set(['alert.raised', 'alert.handled']),
            metadata: [],
            include: new Set(),
            timeoutMs: 5_000,
            concurrency: 2,
          },
        ],
      },
    });
    interface Status {
      readonly endpoints: { name: string; delivered: number; dead: number }[];
      readonly dead: { deliveryId: string }[];
    }
    const read = async (): Promise<Status> => (await hooked.get('/v1/webhooks')).json<Status>();
    status = 410;
    await callOf(hooked.server, 2, { callId: 'hot' });
    await eventually(read, ({ endpoints }) => JSON.stringify(endpoints).includes('"gone"'));
    expect((await hooked.get('/v1/webhooks')).body).not.toContain('/hook');
    status = 204;
    const [letter] = (await read()).dead;
    if (letter !== undefined) {
      const path = `/v1/webhooks/dead/${encodeURIComponent(letter.deliveryId)}/replay`;
      expect(codeOf((await hooked.ask('POST', path, { headers: AS_ANNA })).body)).toBe('webhook-disabled');
    }
    expect((await hooked.ask('POST', '/v1/webhooks/crm/enable')).status).toBe(400);
    expect((await hooked.ask('POST', '/v1/webhooks/crm/enable', { headers: AS_ANNA })).status).toBe(204);
    if (letter !== undefined) {
      const path = `/v1/webhooks/dead/${encodeURIComponent(letter.deliveryId)}/replay`;
      expect((await hooked.ask('POST', path, { headers: AS_ANNA })).status).toBe(204);
    }
    const detail = (await hooked.get('/v1/calls/hot')).json<CallDetail>();
    const alertId = encodeURIComponent(detail.allAlerts[0]?.alertId ?? '');
    const body = { action: 'acknowledge', by: 'Anna' };
    expect((await hooked.ask('POST', `/v1/alerts/${alertId}`, { body })).status).toBe(200);
    await eventually(
      async () => got.map(({ type }) => type),
      (types) => types.includes('alert.handled'),
    );
    for (const path of ['/v1/webhooks/dead/none/replay', '/v1/webhooks/none/enable']) {
      expect((await hooked.ask('POST', path, { headers: AS_ANNA })).status).toBe(404);
    }
    await hooked.close();
    receiver.close();
  });

  it('are none of a server without them', async () => {
    for (const [method, path] of [
      ['GET', '/v1/webhooks'],
      ['POST', '/v1/webhooks/dead/x/replay'],
      ['POST', '/v1/webhooks/x/enable'],
    ] as const) {
      const answer = await desk.ask(method, path, { headers: AS_ANNA });
      expect([answer.status, codeOf(answer.body)]).toEqual([404, 'no-webhooks']);
    }
  });
});
