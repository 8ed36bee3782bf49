import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EMOTIONS } from '../../src/emotions.ts';
import type { WindowEvent } from '../../src/protocol/index.ts';
import { SqliteDatabase } from '../../src/store/database/sqlite.ts';
import { StoreWriter } from '../../src/store/index.ts';
import { SqlStore } from '../../src/store/sql-store.ts';
import { CallMeter } from '../../src/streams/index.ts';
import { CHANNELS, StreamScript } from './script.ts';

const folder = mkdtempSync(join(tmpdir(), 'undertone-full-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

async function openOnSmallDisk(): Promise<{
  store: SqlStore;
  limit: (pages: number) => Promise<void>;
  used: () => Promise<number>;
}> {
  count += 1;
  const database = new SqliteDatabase(join(folder, `${count}.db`));
  const store = await SqlStore.open(database);
  return {
    store,
    // SQLite answers as it does where the disk has no more room.
    limit: async (pages) => void (await database.all(`PRAGMA max_page_count = ${pages}`)),
    used: async () => (await database.all<{ page_count: number }>('PRAGMA page_count'))[0]!.page_count,
  };
}

const ROOM = 1_000_000;

/** Figures that do not compress, as those of a call. */
function noisy(endMs: number): Pick<WindowEvent, 'probabilities' | 'raw' | 'arousal' | 'confidence'> {
  const fraction = (index: number): number =>
    Math.round(((Math.abs(Math.sin(endMs * 12.9898 + index * 78.233)) * 43_758.5453) % 1) * 10_000) / 10_000;
  const of = (first: number) =>
    Object.fromEntries(EMOTIONS.map((emotion, index) => [emotion, fraction(first + index)]));
  return { probabilities: of(0), raw: of(10), arousal: fraction(20), confidence: fraction(21) };
}

describe('a full disk', () => {
  it('is said in plain words, and leaves the store whole and answering', async () => {
    const { store, limit, used } = await openOnSmallDisk();
    const script = new StreamScript({ callId: 'call-1' }).window(0, 500);
    await store.write(script.take());
    await limit(await used());
    for (let endMs = 1000; endMs <= 60_000; endMs += 500) script.window(0, endMs, 'anger', noisy(endMs));
    const more = script.take();
    await expect(store.write(more)).rejects.toMatchObject({
      code: 'store-unavailable',
      message: 'The store does not answer: the disk is full (SQLITE_FULL). The live service goes on.',
    });
    // The figures of a call that goes on are ahead of the disk.
    expect(await store.call('call-1')).toMatchObject({ state: 'live', durationMs: 60_000 });
    expect((await store.timeline('call-1'))[0]?.events).toEqual(script.texts.slice(0, 1));
    expect((await store.calls({})).calls).toHaveLength(1);
    await expect(store.write(more)).rejects.toMatchObject({ code: 'store-unavailable' });
    await limit(ROOM);
    await store.write(more);
    // Three attempts, and counted once.
    const meter = new CallMeter(CHANNELS);
    for (const event of script.events) meter.next(event);
    const live = await store.call('call-1');
    expect(live?.metrics).toEqual(meter.metrics());
    expect(live?.legs[0]?.speechMs).toBe(60_000);
    await store.write(script.ended(60_000).take());
    expect((await store.timeline('call-1'))[0]?.events).toEqual(script.texts);
    const call = await store.call('call-1');
    expect(call).toMatchObject({ state: 'ended', durationMs: 60_000, missingEvents: 0 });
    expect(call?.legs[0]).toMatchObject({ speechMs: 60_000, shares: { anger: 0.9917, neutral: 0.0083 } });
    await store.close();
  });

  it('costs windows and no more, and their number is kept', async () => {
    const { store, limit, used } = await openOnSmallDisk();
    const writer = new StoreWriter(store, { everyMs: 1, maxDelayMs: 5, maxBytes: 60_000, maxBatchBytes: 10_000 });
    const scripts = [new StreamScript({ callId: 'before' }), new StreamScript({ callId: 'during' })];
    const push = (script: StreamScript): void => {
      for (const item of script.take()) writer.push(item);
    };
    push(scripts[0]!.window(0, 500));
    expect(await writer.flush()).toBe(true);
    await limit(await used());
    for (const [index, script] of scripts.entries()) {
      for (let endMs = 1000; endMs <= 60_000; endMs += 500)
        push(script.window(0, endMs, 'neutral', { ...noisy(endMs) }));
      push(script.alert(`alert ${index}`, 'raised', 60_000));
    }
    expect(await writer.flush(200)).toBe(false);
    expect(writer.status).toMatchObject({ failing: expect.stringContaining('the disk is full') });
    push(scripts[1]!.ended(60_000));
    const { droppedEvents } = writer.status;
    expect(droppedEvents).toBeGreaterThan(100);
    await limit(ROOM);
    expect(await writer.flush()).toBe(true);
    expect(writer.status).toMatchObject({ failing: null, droppedEvents });
    const calls = await Promise.all(['before', 'during'].map(async (callId) => (await store.call(callId))!));
    expect(calls.map(({ missingEvents }) => missingEvents).reduce((a, b) => a + b)).toBe(droppedEvents);
    expect(calls.map(({ allAlerts }) => allAlerts.length)).toEqual([1, 1]);
    expect(calls.map(({ state }) => state)).toEqual(['live', 'ended']);
    // What is kept is kept as it was.
    for (const [index, callId] of ['before', 'during'].entries()) {
      const { events } = (await store.timeline(callId))[0]!;
      const sent = scripts[index]!.texts;
      expect(events).toEqual(sent.filter((text) => events.includes(text)));
      expect(events.length).toBe(sent.length - calls[index]!.missingEvents);
    }
    // Counted by the stream itself, and not by what is left of it.
    expect(calls[1]!.legs[0]).toMatchObject({ speechMs: 59_500, coverage: 1 });
    await writer.close();
    await store.close();
  });

  it('at any page on the way, leaves nothing half written', async () => {
    const { store, limit, used } = await openOnSmallDisk();
    const script = new StreamScript({ callId: 'call-1' });
    await store.write(script.take());
    let failures = 0;
    for (let batch = 0; batch < 40; batch += 1) {
      for (let index = 1; index <= 80; index += 1) {
        script.window(0, (batch * 80 + index) * 500, 'neutral', noisy(batch * 80 + index));
      }
      script.mark(`${batch}`, batch * 40_000).alert('a', 'raised', batch * 40_000);
      const items = script.take();
      const written = script.texts.length - items.length;
      await limit((await used()) + (batch % 5));
      try {
        await store.write(items);
      } catch {
        failures += 1;
        const call = (await store.call('call-1'))!;
        const { events } = (await store.timeline('call-1'))[0]!;
        expect(events).toHaveLength(written);
        expect([call.marks.length, call.allAlerts.length]).toEqual([batch, batch]);
        await limit(ROOM);
        await store.write(items);
      }
    }
    expect(failures).toBeGreaterThan(5);
    expect((await store.timeline('call-1'))[0]?.events).toEqual(script.texts);
    await store.close();
  });

  it('does not keep calls from being erased', async () => {
    const { store, limit, used } = await openOnSmallDisk();
    await store.write(new StreamScript({ callId: 'call-1' }).window(0, 500).ended(500).take());
    await limit(await used());
    expect((await store.eraseCall('call-1', 'Kim')).callIds).toEqual(['call-1']);
    await store.close();
  });
});
