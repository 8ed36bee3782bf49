import { UndertoneError } from '../errors.ts';
import type { Database } from './database/database.ts';
import { SqlStore } from './sql-store.ts';
import type { Store } from './store.ts';
import { StoreThread } from './thread/thread.ts';

/**
 * Opens the store at a URL: the path of a SQLite file, which is made where there is none, or `postgres://…`, where it has a
 * schema of its own, `undertone`. The database and the parsing of events are in a thread of their own.
 *
 * @throws UndertoneError `store-in-use`, `store-newer`, `store-unreadable`, `store-unavailable`
 * @example
 * const store = await openStore('calls.db');
 * const { calls } = await store.calls({ emotion: ['anger'] });
 * await store.close();
 */
export async function openStore(url: string): Promise<Store> {
  if (url === '' || (!isPostgres(url) && /^[a-z]+:\/\//i.test(url))) {
    throw new UndertoneError('store-unreadable', { detail: 'give the path of a file, or postgres://…' });
  }
  // Node runs no TypeScript: from its sources the store is in the thread that asks, which only tests do.
  return import.meta.url.endsWith('.ts') ? openHere(url) : StoreThread.open(url);
}

/** The same in the thread that asks. */
export async function openHere(url: string): Promise<Store> {
  const database = await openDatabase(url);
  try {
    return await SqlStore.open(database);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Only the driver that is needed is loaded, and in the thread that needs it. */
async function openDatabase(url: string): Promise<Database> {
  if (isPostgres(url)) {
    const { PostgresDatabase } = await import('./database/postgres.ts');
    return PostgresDatabase.open(url);
  }
  const { SqliteDatabase } = await import('./database/sqlite.ts');
  return new SqliteDatabase(url);
}

export const isPostgres = (url: string): boolean => /^postgres(ql)?:\/\//.test(url);
