import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTask } from 'node:timers/promises';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { SqliteDatabase } from '../../src/store/database/sqlite.ts';
import { SqlStore } from '../../src/store/sql-store.ts';
import { StreamScript } from './script.ts';

// What others ask comes to the store's thread as a message, and those are read between two tasks: work that ends none of its
// own answers nobody until all of it is done, whatever it awaits.

const folder = mkdtempSync(join(tmpdir(), 'undertone-gives-way-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const callsOf = (caller: string, count: number) =>
  Array.from({ length: count }, () => new StreamScript({ metadata: { caller } }).window(0, 500));

describe('a long piece of work of the store', () => {
  it('that erases many calls lets others be written in between', async () => {
    const store = await SqlStore.open(new SqliteDatabase(join(folder, 'erases.db')));
    await store.write(callsOf('many', 350).flatMap((script) => script.ended(500).take()));
    const done: string[] = [];
    const erasing = store
      .eraseCaller('caller', 'many', 'Kim')
      .then(({ callIds }) => done.push(`erased ${callIds.length}`));
    await nextTask();
    await store.write(new StreamScript({ callId: 'meanwhile' }).window(0, 500).take());
    done.push('written');
    await erasing;
    expect(done).toEqual(['written', 'erased 350']);
    expect((await store.calls({})).calls.map(({ callId }) => callId)).toEqual(['meanwhile']);
    await store.close();
  });

  it('that looks for what is left of them in the file does so, too', async () => {
    const store = await SqlStore.open(new SqliteDatabase(join(folder, 'scrubs.db')));
    await store.write(callsOf('others', 20).flatMap((script) => script.take()));
    await store.write(new StreamScript({ callId: 'one' }).window(0, 500).take());
    const done: string[] = [];
    const erasing = store.eraseCall('one', 'Kim').then(() => done.push('erased'));
    await nextTask();
    await store.write(new StreamScript().window(0, 500).take());
    done.push('written');
    await erasing;
    expect(done).toEqual(['written', 'erased']);
    await store.close();
  });

  it('that adds up calls which were lost answers between two of them', async () => {
    const path = join(folder, 'loses.db');
    const before = await SqlStore.open(new SqliteDatabase(path));
    await before.write(callsOf('lost', 40).flatMap((script) => script.take()));
    await before.close();
    const database = new SqliteDatabase(path);
    const run = vi.spyOn(database, 'run');
    const figured = (): number => run.mock.calls.filter(([sql]) => /UPDATE calls SET metrics/.test(sql)).length;
    const store = await SqlStore.open(database);
    await nextTask();
    await store.write(new StreamScript({ callId: 'meanwhile' }).window(0, 500).take());
    expect(figured()).toBeLessThan(40);
    await vi.waitFor(() => expect(figured()).toBe(40));
    await store.close();
  });
});
