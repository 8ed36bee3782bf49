import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RecordingsOptions } from '../../../src/server/recordings/index.ts';
import type { KeptRecording } from '../../../src/store/index.ts';
import { fileOf, noise, OTHER_KEY, open, record, sound, stream, temporaryFolder } from './folder.ts';

/** What a folder asks its store, with the calls and files that it knows. */
function memoryStore() {
  const settings = new Map<string, string>();
  const calls = new Set<string>();
  const files: KeptRecording[] = [];
  const store = {
    recordings: async () => files,
    summary: async (callId: string) => (calls.has(callId) ? { callId } : undefined),
    setting: async (key: string) => settings.get(key),
    setSetting: async (key: string, value: string) => void settings.set(key, value),
  } as unknown as NonNullable<RecordingsOptions['store']>;
  return { store, calls, files, settings };
}

const recordingsIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.utr')).sort();
const INPUTS = [sound(noise(3_000))];

describe('a folder of recordings whose process died', () => {
  it('is brought together with its store: known calls are told of again, those that are gone are removed', async () => {
    const folder = await temporaryFolder();
    const { store, calls, files } = memoryStore();
    const first = await open({ folder, store });
    const [known, half, gone] = [stream(), stream(), stream()];
    for (const live of [known, half, gone]) await record(first, live, INPUTS);
    const row = (live: typeof known): KeptRecording => ({
      runId: live.runId,
      streamId: live.streamId,
      file: fileOf(live),
      bytes: 1,
    });
    // The store heard of the first whole, of the second's call only, and the third's call was erased before its file was.
    files.push(row(known));
    calls.add(known.callId).add(half.callId);
    const warned: object[] = [];
    const logger = { debug() {}, info() {}, error() {}, warn: (fields: object) => warned.push(fields) };
    const second = await open({ folder, store, logger });
    await second.recordings.close();
    expect(await recordingsIn(folder)).toEqual([fileOf(known), fileOf(half)].sort());
    const bytes = (await readFile(join(folder, fileOf(half)))).length;
    expect(second.kept).toEqual([{ kind: 'recorded', runId: half.runId, file: fileOf(half), bytes }]);
    expect(warned).toEqual([{ kept: 1, removed: 1, unreadable: 0 }]);
  });

  it('keeps what it cannot read, and what is recorded meanwhile', async () => {
    const folder = await temporaryFolder();
    const { store, files } = memoryStore();
    const theirs = stream();
    await record(await open({ folder, store, keys: [OTHER_KEY] }), theirs, INPUTS);
    const noise = '00000000-0000-4000-8000-000000000000.utr';
    await writeFile(join(folder, noise), 'no recording at all');
    files.push({ runId: 'x', streamId: 'x', file: 'x', bytes: 0 });
    const opened = await open({ folder, store });
    const live = stream();
    await record(opened, live, INPUTS);
    expect(await recordingsIn(folder)).toEqual([fileOf(theirs), fileOf(live), noise].sort());
  });
});

describe('a folder of another store', () => {
  it('loses nothing, whatever this store does not know', async () => {
    const folder = await temporaryFolder();
    const live = stream();
    await record(await open({ folder, store: memoryStore().store }), live, INPUTS);
    for (const other of [memoryStore(), memoryStore()]) {
      const warned: string[] = [];
      const logger = { debug() {}, info() {}, error() {}, warn: (_: object, text: string) => warned.push(text) };
      await (await open({ folder, store: other.store, logger })).recordings.close();
      expect(await recordingsIn(folder)).toEqual([fileOf(live)]);
      expect(warned).toEqual(['the folder of recordings is that of another store; its files are left as they are']);
    }
  });

  it('that has no mark is not taken for its own where it holds files and the store knows of none', async () => {
    const folder = await temporaryFolder();
    const live = stream();
    await record(await open({ folder }), live, INPUTS);
    await (await open({ folder, store: memoryStore().store })).recordings.close();
    expect(await recordingsIn(folder)).toEqual([fileOf(live)]);
    expect(await readdir(folder)).not.toContain('STORE');
  });
});

describe('the mark of a folder', () => {
  it('is made once, is that of the store wherever else that records, and survives a process that died over it', async () => {
    const { store, settings } = memoryStore();
    const [a, b] = [await temporaryFolder(), await temporaryFolder()];
    for (const folder of [a, a, b]) await (await open({ folder, store })).recordings.close();
    const id = settings.get('recordings.folder');
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    for (const folder of [a, b]) expect(await readFile(join(folder, 'STORE'), 'utf8')).toBe(id);
    await writeFile(join(a, 'STORE'), '');
    await (await open({ folder: a, store })).recordings.close();
    expect(await readFile(join(a, 'STORE'), 'utf8')).toBe(id);
  });

  it('is nothing that a failing store could harm', async () => {
    const folder = await temporaryFolder();
    const live = stream();
    const { store } = memoryStore();
    await record(await open({ folder, store }), live, INPUTS);
    const failing = { ...store, recordings: () => Promise.reject(new Error('the disk is full')) };
    const errors: string[] = [];
    const logger = { debug() {}, info() {}, warn() {}, error: (_: object, text: string) => errors.push(text) };
    await (await open({ folder, store: failing, logger })).recordings.close();
    expect(await recordingsIn(folder)).toEqual([fileOf(live)]);
    expect(errors).toEqual(['recordings and store could not be compared']);
  });
});
