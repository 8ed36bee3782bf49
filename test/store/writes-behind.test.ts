import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UndertoneError } from '../../src/errors.ts';
import type { StoreItem } from '../../src/store/index.ts';
import { StoreWriter, type StoreWriterStatus } from '../../src/store/index.ts';
import { StreamScript } from './script.ts';

const full = (): UndertoneError =>
  new UndertoneError('store-unavailable', { detail: 'the disk is full (SQLITE_FULL)' });

/** A store that takes batches, or does not. */
class FakeStore {
  readonly written: StoreItem[] = [];
  readonly batches: number[] = [];
  attempts = 0;
  answer: (items: readonly StoreItem[]) => Promise<void> = async () => {};

  async write(items: readonly StoreItem[]): Promise<void> {
    this.attempts += 1;
    await this.answer(items);
    this.written.push(...items.map(asBuffer));
    this.batches.push(items.length);
  }
}

/** As the tests made it, over the same memory. */
function asBuffer(item: StoreItem): StoreItem {
  if (item.kind !== 'event') return item;
  const { buffer, byteOffset, length } = item.bytes;
  return { ...item, bytes: Buffer.from(buffer, byteOffset, length) };
}

const script = (): StreamScript => new StreamScript({ callId: 'call-1' });
function push(writer: StoreWriter, of: StreamScript): readonly StoreItem[] {
  const items = of.take();
  for (const item of items) writer.push(item);
  return items;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the writer', () => {
  it('writes what has come every half second, and nothing where nothing has', async () => {
    const store = new FakeStore();
    const writer = new StoreWriter(store);
    const first = push(writer, script().window(0, 500).window(0, 1000));
    expect(store.attempts).toBe(0);
    await vi.advanceTimersByTimeAsync(499);
    expect(store.attempts).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(store.written).toEqual(first);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(store.attempts).toBe(1);
    push(writer, script());
    await vi.advanceTimersByTimeAsync(500);
    expect(store.batches).toEqual([3, 1]);
  });

  it('never has two batches on their way', async () => {
    const store = new FakeStore();
    let release = (): void => {};
    store.answer = () => new Promise((resolve) => (release = resolve));
    const writer = new StoreWriter(store, { everyMs: 10 });
    push(writer, script());
    await vi.advanceTimersByTimeAsync(10);
    push(writer, script());
    await vi.advanceTimersByTimeAsync(1000);
    expect(store.attempts).toBe(1);
    release();
    await vi.advanceTimersByTimeAsync(10);
    expect(store.attempts).toBe(2);
  });

  it('catches up in batches of bounded size, without pauses', async () => {
    const store = new FakeStore();
    const writer = new StoreWriter(store, { maxBatchBytes: 5000 });
    const of = script();
    for (let endMs = 500; endMs <= 20_000; endMs += 500) of.window(0, endMs);
    const items = push(writer, of);
    await vi.advanceTimersByTimeAsync(501);
    await vi.advanceTimersByTimeAsync(50);
    expect(store.batches.length).toBeGreaterThan(3);
    expect(Math.max(...store.batches)).toBeLessThan(8);
    await vi.advanceTimersByTimeAsync(500);
    expect(store.written).toEqual(items);
  });

  it('keeps trying a store that fails, ever more rarely, and loses nothing', async () => {
    const store = new FakeStore();
    const told: (string | null)[] = [];
    store.answer = () => Promise.reject(full());
    const writer = new StoreWriter(store, { maxDelayMs: 4000, onStatus: ({ failing }) => told.push(failing) });
    const items = [...push(writer, script().window(0, 500))];
    const attempts: number[] = [];
    for (let second = 0; second < 30; second += 1) {
      await vi.advanceTimersByTimeAsync(1000);
      attempts.push(store.attempts);
    }
    // At 0.5, 1, 2, 4 and 8 s, and then every 4 s.
    expect(attempts.slice(0, 9)).toEqual([2, 3, 3, 4, 4, 4, 4, 5, 5]);
    expect(attempts.at(-1)).toBe(10);
    expect(writer.status).toMatchObject({ droppedEvents: 0, waitingItems: 2, writtenItems: 0 });
    expect(writer.status.lagMs).toBeGreaterThan(29_000);
    items.push(...push(writer, script().window(0, 500)));
    store.answer = async () => {};
    await vi.advanceTimersByTimeAsync(5000);
    expect(store.written).toEqual(items);
    expect(told).toEqual([
      'The store does not answer: the disk is full (SQLITE_FULL). The live service goes on.',
      null,
    ]);
    expect(writer.status).toMatchObject({ failing: null, waitingItems: 0, waitingBytes: 0, lagMs: 0, writtenItems: 4 });
  });

  it('drops windows while the store fails for long, and tells how many are missing when it works again', async () => {
    const store = new FakeStore();
    store.answer = () => Promise.reject(full());
    const told: StoreWriterStatus[] = [];
    const writer = new StoreWriter(store, {
      maxBytes: 40_000,
      maxBatchBytes: 4000,
      onStatus: (status) => told.push(status),
    });
    const of = script();
    for (let endMs = 500; endMs <= 100_000; endMs += 500) {
      push(writer, of.window(0, endMs));
      if (endMs % 10_000 === 0) push(writer, of.alert('a', 'raised', endMs).turn(0, endMs - 1000, endMs));
      await vi.advanceTimersByTimeAsync(500);
      expect(writer.status.waitingBytes).toBeLessThanOrEqual(40_000);
    }
    push(writer, of.ended(100_000));
    const { droppedEvents } = writer.status;
    expect(droppedEvents).toBeGreaterThan(100);
    expect(told.at(-1)?.droppedEvents).toBeGreaterThan(0);
    store.answer = async () => {};
    await vi.advanceTimersByTimeAsync(60_000);
    const types = store.written.map((item) =>
      item.kind === 'event' ? JSON.parse(Buffer.from(item.bytes).toString()).type : item.kind,
    );
    expect(types.filter((type) => type === 'alert')).toHaveLength(10);
    expect(types.filter((type) => type === 'turn')).toHaveLength(10);
    expect(types.filter((type) => ['opened', 'ended', 'closed'].includes(type))).toEqual(['opened', 'ended', 'closed']);
    const missing = store.written.reduce((sum, item) => sum + (item.kind === 'missing' ? item.events : 0), 0);
    expect(missing).toBe(droppedEvents);
    expect(types.filter((type) => type === 'window').length).toBe(200 - droppedEvents);
    expect(told.at(-1)).toMatchObject({ failing: null, droppedEvents });
  });

  it('finds the one item that the store will never take, and loses no other', async () => {
    const store = new FakeStore();
    const told: (string | null)[] = [];
    store.answer = async (items) => {
      const bad = items.some((item) => item.kind === 'event' && Buffer.from(item.bytes).includes('"bad"'));
      if (bad) throw new UndertoneError('internal');
    };
    const writer = new StoreWriter(store, { onStatus: ({ failing }) => told.push(failing) });
    const of = script();
    for (let endMs = 500; endMs <= 10_000; endMs += 500) of.window(0, endMs);
    of.mark('bad', 10_000).window(0, 10_500).ended(10_500);
    const items = push(writer, of);
    await vi.advanceTimersByTimeAsync(10_000);
    const bad = items.filter((item) => item.kind === 'event' && Buffer.from(item.bytes).includes('"bad"'));
    expect(bad).toHaveLength(1);
    const kept = store.written.filter(({ kind }) => kind !== 'missing');
    expect(kept).toEqual(items.filter((item) => !bad.includes(item)));
    expect(store.written.filter(({ kind }) => kind === 'missing')).toEqual([
      { kind: 'missing', runId: of.opening.runId, events: 1 },
    ]);
    expect(writer.status).toMatchObject({ droppedEvents: 1, failing: null, waitingItems: 0 });
    expect(told.at(-1)).toBeNull();
  });

  it('tells a caller when all that came before is written, or that it is not', async () => {
    const store = new FakeStore();
    const writer = new StoreWriter(store);
    expect(await writer.flush()).toBe(true);
    push(writer, script().window(0, 500));
    const flushed = writer.flush();
    await vi.advanceTimersByTimeAsync(1);
    expect(await flushed).toBe(true);
    expect(store.written).toHaveLength(2);
    store.answer = () => Promise.reject(full());
    push(writer, script());
    const late = writer.flush(2000);
    await vi.advanceTimersByTimeAsync(2000);
    expect(await late).toBe(false);
  });

  it('at its end writes what waits, and takes nothing more', async () => {
    const store = new FakeStore();
    const writer = new StoreWriter(store);
    const items = push(writer, script().window(0, 500).ended(500));
    const closing = writer.close();
    await vi.advanceTimersByTimeAsync(1);
    expect(await closing).toBe(true);
    expect(store.written).toEqual(items);
    push(writer, script().window(0, 500));
    await vi.advanceTimersByTimeAsync(5000);
    expect(store.written).toEqual(items);
    expect(writer.status).toMatchObject({ droppedEvents: 1, waitingItems: 0 });
  });

  it('at its end waits so long and no longer, and counts what is lost', async () => {
    const store = new FakeStore();
    const told: StoreWriterStatus[] = [];
    for (const answer of [() => Promise.reject(full()), () => new Promise<void>(() => {})]) {
      store.answer = answer;
      const writer = new StoreWriter(store, { maxBatchBytes: 2000, onStatus: (status) => told.push(status) });
      const of = script();
      for (let endMs = 500; endMs <= 5000; endMs += 500) of.window(0, endMs);
      push(writer, of);
      const closing = writer.close(3000);
      await vi.advanceTimersByTimeAsync(3000);
      expect(await closing).toBe(false);
      expect(told.at(-1)?.droppedEvents).toBe(10);
      const { attempts } = store;
      await vi.advanceTimersByTimeAsync(60_000);
      expect(store.attempts).toBe(attempts);
    }
  });

  it('says so where a batch takes very long', async () => {
    const store = new FakeStore();
    let release = (): void => {};
    store.answer = () => new Promise((resolve) => (release = resolve));
    const told: (string | null)[] = [];
    const writer = new StoreWriter(store, { onStatus: ({ failing }) => told.push(failing) });
    push(writer, script());
    await vi.advanceTimersByTimeAsync(15_000);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(told).toEqual(['The store does not answer: it takes too long. The live service goes on.']);
    release();
    await vi.advanceTimersByTimeAsync(1);
    expect(told.at(-1)).toBeNull();
  });

  it('goes on though whoever is told fails', async () => {
    const store = new FakeStore();
    store.answer = () => Promise.reject(full());
    const onStatus = (): void => {
      throw new Error('no log');
    };
    const writer = new StoreWriter(store, { onStatus });
    const items = push(writer, script());
    await vi.advanceTimersByTimeAsync(1000);
    store.answer = async () => {};
    await vi.advanceTimersByTimeAsync(5000);
    expect(store.written).toEqual(items);
  });

  it('has memory of its own', async () => {
    const store = new FakeStore();
    const writer = new StoreWriter(store);
    const shared = Buffer.from('{"type":"window","streamId":"s","cursor":0}'.padEnd(100_000));
    writer.push({ kind: 'event', runId: 'r', bytes: shared.subarray(0, 43), atMs: 0 });
    shared.fill(0);
    await vi.advanceTimersByTimeAsync(500);
    const [item] = store.written;
    if (item?.kind !== 'event') throw new Error('No event was written.');
    expect(Buffer.from(item.bytes).toString()).toBe('{"type":"window","streamId":"s","cursor":0}');
    expect(item.bytes.buffer.byteLength).toBe(43);
  });

  it('never throws at who pushes, whatever the store does', async () => {
    const store = new FakeStore();
    store.answer = () => {
      throw new Error('at once');
    };
    const writer = new StoreWriter(store, { everyMs: 1 });
    push(writer, script().window(0, 500));
    await vi.advanceTimersByTimeAsync(100);
    expect(writer.status.waitingItems).toBe(0);
    expect(writer.status.droppedEvents).toBe(1);
  });
});
