import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/index.ts';
import { builtStore } from './built.ts';
import { PostgresCluster } from './postgres.ts';
import { StreamScript } from './script.ts';

const folder = mkdtempSync(join(tmpdir(), 'undertone-thread-'));
let cluster: PostgresCluster;
beforeAll(async () => {
  cluster = await PostgresCluster.start();
});
afterAll(async () => {
  await cluster.remove();
  rmSync(folder, { recursive: true, force: true });
});

let count = 0;
async function nextUrl(kind: Store['kind']): Promise<string> {
  count += 1;
  return kind === 'sqlite' ? join(folder, `${count}.db`) : cluster.database();
}

describe.each(['sqlite', 'postgres'] as const)('a store in a thread of its own: %s', (kind) => {
  it('does all that a store does', async () => {
    const { openStore } = await builtStore();
    const url = await nextUrl(kind);
    const store = await openStore(url);
    expect(store.kind).toBe(kind);
    const at = '2026-11-02T09:31:00.000Z';
    const script = new StreamScript({ callId: 'call-1', streamId: 's', metadata: { caller: '1' } });
    await store.write(script.window(0, 500, 'anger').alert('a', 'raised', 500).recorded('f').take());
    expect(await store.summary('call-1')).toMatchObject({ state: 'live' });
    expect((await store.calls({ emotion: ['anger'] }, ['customer'])).calls).toHaveLength(1);
    expect((await store.calls({ emotion: ['anger'] }, ['employee'])).calls).toHaveLength(0);
    expect(await store.handleAlert('s:1', { action: 'take', by: 'Kim', at })).toMatchObject({ takenBy: 'Kim' });
    expect(await store.alert('s:1')).toMatchObject({ takenBy: 'Kim' });
    expect(await store.alert('s:2')).toBeUndefined();
    const correction = {
      correctionId: '1',
      callId: 'call-1',
      streamId: 's',
      channel: 0,
      startMs: 0,
      endMs: 1,
      label: 'fear',
      by: 'Kim',
      at,
    } as const;
    await store.correct(correction);
    expect(await store.corrections()).toEqual([correction]);
    expect(await store.removeCorrection('1', 'Kim')).toBe(true);
    const model = { name: 'm', version: '1', hash: 'h', labels: [] };
    await store.addAnalysis('call-1', { analysisId: 'x', model, at, state: 'running', agreement: null });
    await store.finishAnalysis('x', { timelines: [{ streamId: 's', events: script.texts }], agreement: 1 });
    expect((await store.timeline('call-1', 'x'))[0]?.events).toEqual(script.texts);
    expect((await store.timeline('call-1'))[0]?.events).toEqual(script.texts);
    expect((await store.points('call-1'))?.legs[0]?.points).toHaveLength(1);
    expect(await store.recordings()).toHaveLength(1);
    expect((await store.day('2026-11-02', 0, ['customer'])).hours[9]).toEqual({
      calls: 1,
      alerts: 1,
      shares: { anger: 1 },
    });
    await store.note({ at, by: 'Kim', action: 'a', subject: 'x' }, 'call-1');
    await store.setSetting('a', '1');
    expect(await store.setting('a')).toBe('1');
    const delivery = {
      deliveryId: '1',
      endpoint: 'e',
      callId: null,
      body: '{}',
      createdAtMs: 1,
      attempts: 0,
      nextAttemptAtMs: 5,
      lastError: null,
    };
    await store.keepDelivery(delivery);
    expect(await store.deliveries('waiting')).toEqual([delivery]);
    await store.removeDelivery('1');
    await store.write(script.ended(500).take());
    expect(await store.call('call-1')).toMatchObject({ state: 'ended', legs: [{ name: 'caller' }, { name: 'agent' }] });
    expect((await store.eraseBefore(0)).callIds).toEqual([]);
    expect((await store.eraseCaller('caller', '2', 'Kim')).callIds).toEqual([]);
    expect(await store.eraseCall('call-1', 'Kim')).toEqual({ callIds: ['call-1'], recordings: ['f'] });
    expect(await store.audit(100)).toHaveLength(6);
    await store.close();
    await store.close();
    await expect(store.calls({})).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(store.write([])).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  it('answers what it is asked at once, and in order', async () => {
    const { openStore } = await builtStore();
    const store = await openStore(await nextUrl(kind));
    const scripts = Array.from({ length: 20 }, (_, index) => new StreamScript({ callId: `c${index}` }));
    const asked = scripts.flatMap((script, index) => [
      store.write(script.window(0, 500).take()),
      store.calls({}).then(({ calls }) => expect(calls).toHaveLength(index + 1)),
      store.call(`c${index}`).then((call) => expect(call?.durationMs).toBe(500)),
      store.write(script.ended(500).take()),
    ]);
    await Promise.all(asked);
    expect((await store.calls({ state: 'ended' })).calls).toHaveLength(20);
    // What was asked for before the end is answered.
    const last = store.call('c3');
    await store.close();
    expect(await last).toMatchObject({ callId: 'c3' });
  });

  it('passes errors of the table on', async () => {
    const { openStore } = await builtStore();
    const url = await nextUrl(kind);
    const store = await openStore(url);
    await expect(openStore(url)).rejects.toMatchObject({ code: 'store-in-use', httpStatus: 500 });
    await expect(store.calls({ from: 'never' })).rejects.toMatchObject({
      code: 'invalid-query',
      message: 'The query is not valid: from must be a moment in ISO 8601.',
    });
    await expect(store.handleAlert('s:9', { action: 'take', by: 'Kim', at: '' })).rejects.toMatchObject({
      code: 'not-found',
    });
    await store.close();
  });

  it('that fails says so to whoever asks', async () => {
    const { openStore } = await builtStore();
    const threads: Worker[] = [];
    const listen = (worker: Worker): void => void threads.push(worker);
    process.on('worker', listen);
    const store = await openStore(await nextUrl(kind));
    process.off('worker', listen);
    const asked = store.calls({});
    await Promise.all(threads.map((thread) => thread.terminate()));
    for (const answer of [asked, store.calls({}), store.write([])]) {
      await expect(answer).rejects.toMatchObject({
        code: 'store-unavailable',
        message: 'The store does not answer: its thread has failed. The live service goes on.',
      });
    }
    await store.close();
  });

  it('takes batches without keeping their memory from who gave them', async () => {
    const { openStore } = await builtStore();
    const store = await openStore(await nextUrl(kind));
    const script = new StreamScript({ callId: 'call-1' }).window(0, 500).window(1, 500);
    const items = script.take();
    const writing = store.write(items);
    // Part of a larger piece, as events of the server are; it changes at once.
    for (const item of items) if (item.kind === 'event') item.bytes.fill(0);
    await writing;
    expect((await store.timeline('call-1'))[0]?.events).toEqual(script.texts);
    await store.close();
  });
});
