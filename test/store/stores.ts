import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { openStore, type Store } from '../../src/store/index.ts';
import { PostgresCluster } from './postgres.ts';

export interface StoreFixture {
  readonly kind: Store['kind'];
  /** An empty store. */
  open(): Promise<Store>;
  /** Where the last one is. */
  readonly url: string;
  /** The last one once more, after it was closed. */
  reopen(): Promise<Store>;
  /** Where its files are. */
  readonly folder: string;
}

/** One for all tests of a file; each store has a database of its own there. */
let started: Promise<PostgresCluster> | undefined;
afterAll(async () => (await started)?.remove());

/** The same tests for both databases. Stores that a test leaves open are closed. */
export function describeStores(name: string, tests: (fixture: StoreFixture) => void): void {
  describe.each(['sqlite', 'postgres'] as const)(`${name}: %s`, (kind) => {
    const folder = mkdtempSync(join(tmpdir(), 'undertone-store-'));
    let cluster: PostgresCluster | undefined;
    let count = 0;
    let url = '';
    const stores: Store[] = [];

    beforeAll(async () => {
      if (kind !== 'postgres') return;
      started ??= PostgresCluster.start(['wal_recycle=off']);
      cluster = await started;
    });
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close();
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const openAt = async (): Promise<Store> => {
      const store = await openStore(url);
      stores.push(store);
      return store;
    };
    tests({
      kind,
      get url() {
        return url;
      },
      get folder() {
        return cluster?.data ?? folder;
      },
      async open() {
        count += 1;
        url = cluster === undefined ? join(folder, `${count}.db`) : await cluster.database();
        return openAt();
      },
      async reopen() {
        await stores.pop()?.close();
        return openAt();
      },
    });
  });
}
