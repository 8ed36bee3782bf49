import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PostgresDatabase } from '../../src/store/database/postgres.ts';
import { openStore, type Store, StoreWriter } from '../../src/store/index.ts';
import { PostgresCluster } from './postgres.ts';
import { StreamScript } from './script.ts';

let cluster: PostgresCluster;
beforeAll(async () => {
  cluster = await PostgresCluster.start();
});
afterAll(() => cluster.remove());

const stores: Store[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});
async function opened(url: string): Promise<Store> {
  const store = await openStore(url);
  stores.push(store);
  return store;
}

async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const until = Date.now() + 30_000; !(await holds()); ) {
    if (Date.now() > until) throw new Error('It never held.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a PostgreSQL that goes away', () => {
  it.each(['SIGINT', 'SIGQUIT'] as const)(
    'by %s and comes back costs nothing that there was room for',
    async (signal) => {
      const store = await opened(await cluster.database());
      const failures: (string | null)[] = [];
      const writer = new StoreWriter(store, {
        everyMs: 20,
        maxDelayMs: 200,
        onStatus: ({ failing }) => failures.push(failing),
      });
      const script = new StreamScript({ callId: 'call-1' });
      const say = (fromMs: number, toMs: number): void => {
        for (let endMs = fromMs + 500; endMs <= toMs; endMs += 500) script.window(0, endMs);
        for (const item of script.take()) writer.push(item);
      };
      say(0, 10_000);
      expect(await writer.flush()).toBe(true);
      await cluster.stop(signal);
      say(10_000, 20_000);
      await eventually(() => writer.status.failing !== null);
      await expect(store.calls({})).rejects.toMatchObject({ code: 'store-unavailable' });
      await cluster.start();
      say(20_000, 30_000);
      expect(await writer.flush(30_000)).toBe(true);
      script.ended(30_000);
      for (const item of script.take()) writer.push(item);
      expect(await writer.close()).toBe(true);
      const call = await store.call('call-1');
      expect(call).toMatchObject({ state: 'ended', missingEvents: 0, durationMs: 30_000 });
      expect(call?.legs[0]?.speechMs).toBe(30_000);
      expect((await store.timeline('call-1'))[0]?.events).toEqual(script.texts);
      expect(failures.at(-1)).toBeNull();
      // Neither an address nor a value is in what is told.
      for (const text of failures) expect(text ?? '').not.toMatch(/call-1|127\.0\.0\.1|postgres:/);
    },
  );

  it('holds the store for the process that has it, on every new connection', async () => {
    const url = await cluster.database();
    const store = await opened(url);
    await cluster.ask(
      'postgres',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'undertone'`,
    );
    await eventually(() =>
      store.write(new StreamScript().take()).then(
        () => true,
        () => false,
      ),
    );
    await expect(openStore(url)).rejects.toMatchObject({ code: 'store-in-use' });
  });

  it('and was taken by another process meanwhile, is not written to', async () => {
    const url = await cluster.database();
    const store = await opened(url);
    await store.write(new StreamScript({ callId: 'before' }).take());
    await cluster.stop('SIGQUIT');
    await cluster.start();
    const other = await opened(url);
    await expect(store.write(new StreamScript({ callId: 'mine' }).take())).rejects.toMatchObject({
      code: 'store-in-use',
    });
    expect((await other.calls({})).calls.map(({ callId }) => callId)).toEqual(['before']);
  });
});

describe('a PostgreSQL that says nothing more', () => {
  it('is left after a while, and found again', async () => {
    const stalling = await StallingProxy.start(cluster.port);
    const url = new URL(await cluster.database());
    url.port = String(stalling.port);
    const database = await PostgresDatabase.open(url.href, { deadlineMs: 500 });
    await database.run('CREATE TABLE t (a TEXT)');
    stalling.stall(true);
    await expect(database.all('SELECT a FROM t')).rejects.toMatchObject({
      code: 'store-unavailable',
      message: 'The store does not answer: PostgreSQL gives no answer. The live service goes on.',
    });
    await expect(database.transaction(() => database.run('INSERT INTO t VALUES (?)', ['lost']))).rejects.toMatchObject({
      code: 'store-unavailable',
    });
    stalling.stall(false);
    await eventually(() =>
      database.all('SELECT a FROM t').then(
        () => true,
        () => false,
      ),
    );
    await eventually(() =>
      database
        .transaction(() => database.run('INSERT INTO t VALUES (?)', ['kept']))
        .then(
          () => true,
          () => false,
        ),
    );
    expect(await database.all('SELECT a FROM t')).toEqual([{ a: 'kept' }]);
    await database.close();
    await stalling.close();
  });
});

/** Passes bytes on, or keeps them for itself. */
class StallingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #stalled = false;

  static async start(port: number): Promise<StallingProxy> {
    const proxy = new StallingProxy(port);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  private constructor(port: number) {
    this.#server = createServer((client) => {
      const server = dial(port, '127.0.0.1');
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#sockets.add(from);
        from.on('data', (bytes) => {
          if (!this.#stalled) to.write(bytes);
        });
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.on('error', () => {});
      }
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  stall(stalled: boolean): void {
    this.#stalled = stalled;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
