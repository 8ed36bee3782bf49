import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Store, StoreItem } from '../../store/index.ts';
import type { Logger } from '../log.ts';
import { type Disk, diskWord } from './disk.ts';
import { RecordingReader } from './recording-reader.ts';

/** What is asked of the store about files that it may have forgotten. */
export type RecordingStore = Pick<Store, 'recordings' | 'summary' | 'setting' | 'setSetting'>;

export interface ReconcileOptions {
  readonly disk: Disk;
  readonly folder: string;
  readonly keys: readonly Uint8Array[];
  /** Of recordings that were there before this process recorded any. */
  readonly names: readonly string[];
  readonly store: RecordingStore;
  readonly keep: (item: StoreItem) => void;
  /** Rejects where the file is still there. */
  readonly remove: (name: string) => Promise<void>;
  readonly logger: Logger;
}

const MARKER = 'STORE';
const SETTING = 'recordings.folder';

/**
 * Brings the folder and the store together again after a process that died: a file whose call the store knows is told of again, one
 * whose call was erased, or never got there, is removed. Only in a folder that belongs to this store: in another one nothing that the
 * store does not know may be taken for erased.
 */
export async function reconcile(options: ReconcileOptions): Promise<void> {
  const { names, store, logger } = options;
  if (!(await belongs(options))) {
    logger.warn(
      { recordings: names.length },
      'the folder of recordings is that of another store; its files are left as they are',
    );
    return;
  }
  const known = new Set((await store.recordings()).map(({ file }) => file));
  const found = { kept: 0, removed: 0, unreadable: 0 };
  for (const name of names) if (!known.has(name)) found[await settle(options, name)] += 1;
  if (found.kept + found.removed + found.unreadable > 0) logger.warn(found, 'recordings that the store did not know');
}

/** A folder with nothing in it, and one that says so, are this store's. */
async function belongs({ disk, folder, names, store }: ReconcileOptions): Promise<boolean> {
  const path = join(folder, MARKER);
  const id = (await store.setting(SETTING)) ?? randomUUID();
  const marked = await readMarker(disk, path);
  if (marked !== undefined && marked !== '') return marked === id;
  if (names.length > 0 && (await store.recordings()).length === 0) return false;
  await store.setSetting(SETTING, id);
  // Empty where a process died before it was written.
  if (marked === '') await disk.remove(path);
  const file = await disk.create(path);
  await file.write(Buffer.from(id), 0);
  await file.close();
  return true;
}

async function readMarker(disk: Disk, path: string): Promise<string | undefined> {
  try {
    const file = await disk.open(path);
    const bytes = await file.read(0, 64);
    await file.close();
    return bytes.toString().trim();
  } catch (error) {
    if (diskWord(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function settle(
  { disk, folder, keys, store, keep, remove }: ReconcileOptions,
  name: string,
): Promise<'kept' | 'removed' | 'unreadable'> {
  let callId: string;
  let runId: string;
  let bytes: number;
  try {
    const reader = await RecordingReader.open(disk, join(folder, name), name, keys);
    ({ callId, runId } = reader.info);
    bytes = await reader.size();
    await reader.close();
  } catch {
    return 'unreadable';
  }
  if ((await store.summary(callId)) === undefined) {
    await remove(name);
    return 'removed';
  }
  keep({ kind: 'recorded', runId, file: name, bytes });
  return 'kept';
}
