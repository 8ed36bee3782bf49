import { UndertoneError } from '../errors.ts';
import type { Store } from './store.ts';

/**
 * Opens the store at a URL: the path of a SQLite file, which is made where there is none, or `postgres://…`.
 *
 * @throws UndertoneError `store-in-use`, `store-newer`, `store-unreadable`, `store-unavailable`
 * @example
 * const store = await openStore('calls.db');
 */
export async function openStore(_url: string): Promise<Store> {
  // The databases follow.
  throw new UndertoneError('store-unreadable', { detail: 'this build has no database yet' });
}
