import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FloorChanges, FloorSnapshot } from '../../../src/protocol/index.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import { fakeAnalyzer } from '../fake-analyzer.ts';
import { audio, Peer, start } from '../harness.ts';
import { EventReader } from './event-reader.ts';
import { ask, eventually, httpOf, SIDES, STEREO, sureModel } from './harness.ts';

let server: RunningServer;
let base: string;
beforeAll(async () => {
  server = await start({ model: sureModel() });
  base = httpOf(server);
});
afterAll(() => server.close());

const follow = (query: string, headers = {}) => EventReader.open(`${base}/v1/subscribe?${query}`, headers);

describe('a stream as server-sent events', () => {
  it('says what a WebSocket says, with cursors as ids, and ends after ended', async () => {
    const early = await follow('stream=mirror');
    expect(early.status).toBe(200);
    expect(early.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    await early.until((events) => events.length > 0);
    expect(early.json[0]).toMatchObject({ type: 'status', code: 'waiting', streamId: 'mirror' });
    expect(early.events[0]?.id).toBeUndefined();
    const producer = await Peer.started(server, { streamId: 'mirror' });
    producer.send(audio(2));
    producer.json({ type: 'stop' });
    await producer.closed();
    await early.end();
    const told = early.events.slice(1);
    expect(told.map(({ data }) => data)).toEqual(producer.timeline);
    expect(told.map(({ id }) => Number(id))).toEqual(producer.timeline.map((_, index) => index));
    expect(told.every(({ event }) => event === '')).toBe(true);

    const whole = await follow('stream=mirror&from=start');
    await whole.end();
    expect(whole.events.map(({ data }) => data)).toEqual(producer.timeline);
    const part = await follow('stream=mirror&from=3');
    await part.end();
    expect(part.events.map(({ data }) => data)).toEqual(producer.timeline.slice(3));
  });

  it('goes on behind the last one seen, without a gap or a repeat, and says when nothing is left', async () => {
    const producer = await Peer.started(server, { streamId: 'back' });
    const first = await follow('stream=back&from=start');
    producer.send(audio(2));
    await first.until((events) => events.length >= 4);
    first.leave();
    const seen = first.events.slice(0, 4);
    producer.send(audio(1));
    const second = await follow('stream=back&from=start', { 'Last-Event-ID': seen.at(-1)?.id ?? '' });
    producer.json({ type: 'stop' });
    await producer.closed();
    await second.end();
    expect([...seen, ...second.events].map(({ data }) => data)).toEqual(producer.timeline);
    const over = await ask(base, 'GET', '/v1/subscribe?stream=back&from=start', {
      headers: { Accept: 'text/event-stream', 'Last-Event-ID': second.events.at(-1)?.id ?? '' },
    });
    expect([over.status, over.body]).toEqual([204, '']);
    const wrong = await ask(base, 'GET', '/v1/subscribe?stream=back', {
      headers: { Accept: 'text/event-stream', 'Last-Event-ID': 'yesterday' },
    });
    expect([wrong.status, wrong.json<{ message: string }>().message]).toEqual([
      400,
      expect.stringContaining('Last-Event-ID'),
    ]);
  });

  it('whose id has come again is told from its beginning, however far the last one was', async () => {
    for (const seconds of [3, 1]) {
      const producer = await Peer.started(server, { streamId: 'twice' });
      producer.send(audio(seconds));
      const before = await follow('stream=twice', { 'Last-Event-ID': '12' });
      producer.json({ type: 'stop' });
      await producer.closed();
      await before.end();
      const behind = producer.timeline.length > 13 ? producer.timeline.slice(13) : producer.timeline;
      // Who comes while cursor 12 is not there yet has seen another run.
      expect([producer.timeline, behind]).toContainEqual(before.events.map(({ data }) => data));
    }
    const early = await follow('stream=thrice', { 'Last-Event-ID': '500' });
    await early.until((events) => events.length === 1);
    const producer = await Peer.started(server, { streamId: 'thrice' });
    producer.send(audio(1));
    producer.json({ type: 'stop' });
    await producer.closed();
    await early.end();
    expect(early.events.slice(1).map(({ data }) => data)).toEqual(producer.timeline);
  });

  it('of all streams has no ids, and does not take one', async () => {
    const all = await follow('stream=*', { 'Last-Event-ID': '7' });
    const producer = await Peer.started(server, { streamId: 'any' });
    producer.send(audio(1));
    producer.json({ type: 'stop' });
    await producer.closed();
    await all.until((events) => events.some(({ data }) => data.includes('"type":"ended"')));
    const own = all.events.filter(({ data }) => data.includes('"streamId":"any"'));
    expect(own.map(({ data }) => data)).toEqual(producer.timeline);
    expect(all.events.every(({ id }) => id === undefined)).toBe(true);
    all.leave();
  });

  it('is asked for by its media type; otherwise a WebSocket is wanted', async () => {
    for (const accept of ['*/*', 'text/html, */*;q=0.5', 'application/json']) {
      const answer = await ask(base, 'GET', '/v1/subscribe?stream=x', { headers: { Accept: accept } });
      expect([answer.status, answer.headers.upgrade]).toEqual([426, 'websocket']);
    }
    const some = await EventReader.open(`${base}/v1/subscribe?stream=x`, {
      Accept: 'application/json, Text/Event-Stream;q=0.9',
    });
    expect(some.status).toBe(200);
    some.leave();
    const head = await ask(base, 'HEAD', '/v1/subscribe?stream=x', { headers: { Accept: 'text/event-stream' } });
    expect([head.status, head.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const asked: readonly (readonly [string, number, string])[] = [
      ['', 400, 'invalid-query'],
      ['?stream=a%00b', 400, 'invalid-query'],
      ['?stream=*&from=1', 400, 'invalid-query'],
      ['?stream=none&wait=false', 404, 'unknown-stream'],
      ['?stream=none&wait=perhaps', 400, 'invalid-query'],
      ['?stream=none&colour=red', 400, 'invalid-query'],
    ];
    for (const [query, status, code] of asked) {
      const answer = await ask(base, 'GET', `/v1/subscribe${query}`, { headers: { Accept: 'text/event-stream' } });
      expect([query, answer.status, answer.json<{ code: string }>().code]).toEqual([query, status, code]);
    }
  });

  it('counts as a subscriber, as long as it is read', async () => {
    const small = await start({ limits: { maxSubscribers: 1 } });
    const url = `${httpOf(small)}/v1/subscribe?stream=*`;
    const one = await EventReader.open(url);
    expect((await EventReader.open(url)).status).toBe(503);
    await expect(Peer.subscribe(small, 'stream=*')).rejects.toThrow(/503/);
    expect((await EventReader.open(`${httpOf(small)}/v1/floor`)).status).toBe(503);
    one.leave();
    const next = await eventually(
      () => EventReader.open(url),
      ({ status }) => status === 200,
    );
    next.leave();
    await small.close();
  });

  it('that is quiet is kept alive by comments', async () => {
    const quick = await start({ limits: { pingMs: 50 } });
    const quiet = await EventReader.open(`${httpOf(quick)}/v1/subscribe?stream=*`);
    await eventually(
      async () => quiet.comments,
      (comments) => comments >= 2,
    );
    expect(quiet.events).toEqual([]);
    quiet.leave();
    await quick.close();
  });

  it('that is read too slowly misses events, then is closed with its error', async () => {
    const limits = { outgoingBytes: 2_000_000, slowCloseMs: 300, historyBytesPerStream: 100_000_000, pingMs: 100 };
    const busy = await start({ limits, createAnalyzer: fakeAnalyzer(() => 400) });
    const slow = await EventReader.open(`${httpOf(busy)}/v1/subscribe?stream=*`);
    const fast = await Peer.subscribe(busy, 'stream=*');
    slow.pause();
    const producer = await Peer.started(busy, { callId: 'none' });
    const sending = setInterval(() => producer.send(audio(0.1)), 60);
    await eventually(
      async () => (await ask(httpOf(busy), 'GET', '/metrics')).body,
      (text) => /undertone_refused_total\{code="slow-consumer"\} 1/.test(text),
    );
    clearInterval(sending);
    slow.resume();
    await slow.end();
    expect(slow.json.some(({ type, code }) => type === 'status' && code === 'slow-consumer')).toBe(true);
    expect(slow.json.at(-1)).toMatchObject({ type: 'error', code: 'slow-consumer', retryable: true });
    expect(fast.closeCode).toBeUndefined();
    const text = (await ask(httpOf(busy), 'GET', '/metrics')).body;
    expect(Number(/undertone_events_dropped_total\{where="subscriber"\} (\d+)/.exec(text)?.[1])).toBeGreaterThan(0);
    await busy.close();
  });

  it('is told when the server shuts down, and ends with its stream', async () => {
    const ending = await start({ model: sureModel() });
    const reader = await EventReader.open(`${httpOf(ending)}/v1/subscribe?stream=last`);
    const floor = await EventReader.open(`${httpOf(ending)}/v1/floor`);
    const producer = await Peer.started(ending, { streamId: 'last' });
    producer.send(audio(1));
    await producer.until(({ type }) => type === 'window');
    await ending.close();
    await Promise.all([reader.end(), floor.end()]);
    expect(reader.json.some(({ type, code }) => type === 'status' && code === 'draining')).toBe(true);
    expect(reader.json.at(-1)).toMatchObject({ type: 'ended', reason: 'shutdown' });
  });
});

describe('the floor as server-sent events', () => {
  it('is all of it first, then what changes, and what is gone', async () => {
    const own = await start({ model: sureModel() });
    const before = await Peer.started(own, {
      callId: 'before',
      format: STEREO,
      channels: [...SIDES],
      metadata: { line: 'sales' },
    });
    before.send(audio(2, STEREO));
    await before.until((event) => event.type === 'window' && event.endMs >= 1800);
    const reader = await EventReader.open(`${httpOf(own)}/v1/floor`);
    await reader.until((events) => events.length > 0);
    const [first] = reader.events;
    expect(first?.event).toBe('floor');
    const snapshot = JSON.parse(first?.data ?? '') as FloorSnapshot;
    expect(snapshot.calls).toMatchObject([
      { callId: 'before', metadata: { line: 'sales' }, paused: false, legs: [{ name: 'caller' }, { name: 'agent' }] },
    ]);
    const listed = (await ask(httpOf(own), 'GET', '/v1/streams')).json<FloorSnapshot>();
    expect(listed.calls.map(({ callId }) => callId)).toEqual(['before']);
    const fresh = await Peer.started(own, { callId: 'fresh' });
    fresh.send(audio(1.5));
    const changes = (): FloorChanges[] =>
      reader.events.filter(({ event }) => event === 'changes').map(({ data }) => JSON.parse(data) as FloorChanges);
    await reader.until(() => changes().some(({ calls }) => calls.some(({ callId }) => callId === 'fresh')));
    fresh.json({ type: 'stop' });
    await fresh.closed();
    await reader.until(() => changes().some(({ gone }) => gone.includes('fresh')));
    expect(changes().flatMap(({ gone }) => gone)).not.toContain('before');
    const times = changes().map(({ at }) => Date.parse(at));
    for (let index = 1; index < times.length; index += 1)
      expect(times[index]! - times[index - 1]!).toBeGreaterThan(500);
    reader.leave();
    await own.close();
  });
});
