import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallDetail, CallPage, TimelinePoints } from '../../../src/protocol/index.ts';
import { AS_ANNA, callOf, type Desk, openDeskServer } from './harness.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDeskServer();
  for (const [index, callId] of ['one', 'two', 'three/%41 ü'].entries()) {
    await callOf(desk.server, 2, {
      callId,
      streamId: `s${index}`,
      metadata: { caller: `+49 30 ${index}`, line: 'sales' },
    });
  }
  await desk.get('/v1/calls/three%2F%2541%20%C3%BC');
});
afterAll(() => desk.close());

describe('kept calls', () => {
  it('are listed newest first, and paged by a cursor', async () => {
    const all = (await desk.get('/v1/calls')).json<CallPage>();
    expect(all.calls.map(({ callId }) => callId)).toEqual(['three/%41 ü', 'two', 'one']);
    expect(all.next).toBeNull();
    const seen: string[] = [];
    let cursor: string | null = '';
    let pages = 0;
    while (cursor !== null) {
      const page: CallPage = (
        await desk.get(`/v1/calls?limit=1${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`)
      ).json<CallPage>();
      seen.push(...page.calls.map(({ callId }) => callId));
      cursor = page.next;
      pages += 1;
    }
    expect(seen).toEqual(['three/%41 ü', 'two', 'one']);
    expect(pages).toBeLessThanOrEqual(4);
  });

  it.each([
    ['metadata.line=sales', 3],
    ['metadata.line=support', 0],
    ['metadata.caller=%2B49%2030%201', 1],
    ['metadata.line=sales&metadata.caller=%2B49%2030%202', 1],
    ['text=TWO', 1],
    ['state=ended', 3],
    ['state=live', 0],
    ['from=2020-01-01T00:00:00Z', 3],
    ['to=2020-01-01T00:00:00%2B02:00', 0],
    ['alert=*', 0],
    ['role=bot&emotion=anger', 0],
    ['metadata.constructor=x', 0],
  ])('are found by %s', async (query, count) => {
    expect((await desk.get(`/v1/calls?${query}`)).json<CallPage>().calls.length).toBe(count);
  });

  it('are found by an emotion that one of their legs has', async () => {
    const { legs } = (await desk.get('/v1/calls/two')).json<CallDetail>();
    const [emotion, share] = Object.entries(legs[0]?.shares ?? {}).sort(([, a], [, b]) => b - a)[0] ?? ['', 0];
    expect(share).toBeGreaterThan(0);
    const found = async (query: string): Promise<string[]> =>
      (await desk.get(`/v1/calls?${query}`)).json<CallPage>().calls.map(({ callId }) => callId);
    expect(await found(`emotion=${emotion}&minShare=${share}`)).toContain('two');
    expect(await found(`emotion=${emotion}&minShare=${share}&role=customer`)).toContain('two');
    expect(await found(`emotion=${emotion}&minShare=${share}&role=bot`)).toEqual([]);
  });

  it('are not found by a condition that means nothing', async () => {
    const refused = await desk.get('/v1/calls?metadata.__proto__=x');
    expect([refused.status, refused.json<{ message: string }>().message]).toEqual([
      400,
      expect.stringContaining('metadata.__proto__'),
    ]);
  });

  it('are told in full, whatever their name', async () => {
    for (const [path, callId] of [
      ['one', 'one'],
      ['three%2F%2541%20%C3%BC', 'three/%41 ü'],
    ]) {
      const call = (await desk.get(`/v1/calls/${path}`)).json<CallDetail>();
      expect(call).toMatchObject({ callId, state: 'ended', durationMs: 2000, recorded: false });
      expect(call.legs.map(({ name, role }) => [name, role])).toEqual([
        ['caller', 'customer'],
        ['agent', 'employee'],
      ]);
    }
    const missing = await desk.get('/v1/calls/__proto__');
    expect([missing.status, missing.json<{ code: string }>().code]).toEqual([404, 'unknown-call']);
  });

  it('have points to draw, the same as their windows', async () => {
    const points = (await desk.get('/v1/calls/one/timeline')).json<TimelinePoints>();
    const lines = (await desk.get('/v1/calls/one/timeline?format=jsonl')).body.trim().split('\n');
    const windows = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'window');
    expect(points.legs.length).toBe(2);
    for (const leg of points.legs) {
      const own = windows.filter(({ channel }) => channel === leg.channel);
      expect(leg.points.map(({ endMs, label, score }) => [endMs, label, score])).toEqual(
        own.map(({ endMs, label, score }) => [endMs, label, score]),
      );
      expect(own.length).toBeGreaterThan(5);
    }
  });

  it('are erased on demand, and everywhere', async () => {
    await callOf(desk.server, 1, { callId: 'gone', metadata: { caller: 'nobody' } });
    const nameless = await desk.ask('DELETE', '/v1/calls/gone');
    expect([nameless.status, nameless.json<{ code: string }>().code]).toEqual([400, 'name-required']);
    const erased = await desk.ask('DELETE', '/v1/calls/gone', { headers: AS_ANNA });
    expect(erased.json()).toEqual({ erased: ['gone'] });
    for (const path of ['', '/timeline', '/report', '/timeline?format=csv']) {
      expect((await desk.get(`/v1/calls/gone${path}`)).status).toBe(404);
    }
    expect((await desk.ask('DELETE', '/v1/calls/gone', { headers: AS_ANNA })).status).toBe(404);
    for (const callId of ['a', 'b']) await callOf(desk.server, 1, { callId, metadata: { caller: 'Żaneta & Co' } });
    const path = `/v1/callers?value=${encodeURIComponent('Żaneta & Co')}&by=${encodeURIComponent('Łukasz')}`;
    const both = await desk.ask('DELETE', path);
    expect([...both.json<{ erased: string[] }>().erased].sort()).toEqual(['a', 'b']);
    const { entries } = (await desk.get('/v1/audit')).json<{ entries: { by: string }[] }>();
    expect(JSON.stringify(entries)).not.toContain('aneta');
    expect(entries.map(({ by }) => by)).toEqual(expect.arrayContaining(['Łukasz', 'Anna']));
  });

  it('fill the hours of their day', async () => {
    const now = new Date();
    const date = now.toISOString().slice(0, 10);
    const heat = (await desk.get(`/v1/day?date=${date}`)).json<{ hours: { calls: number }[] }>();
    expect(heat.hours.length).toBe(24);
    expect(heat.hours.reduce((sum, { calls }) => sum + calls, 0)).toBeGreaterThanOrEqual(3);
  });
});
