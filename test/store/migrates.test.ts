import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/store/database/database.ts';
import { migrate } from '../../src/store/database/migrate.ts';
import { PostgresDatabase } from '../../src/store/database/postgres.ts';
import { migrations } from '../../src/store/database/schema.ts';
import { SqliteDatabase } from '../../src/store/database/sqlite.ts';
import { openStore } from '../../src/store/index.ts';
import { PostgresCluster } from './postgres.ts';
import { StreamScript } from './script.ts';

const folder = mkdtempSync(join(tmpdir(), 'undertone-migrations-'));
let cluster: PostgresCluster;
beforeAll(async () => {
  cluster = await PostgresCluster.start();
});
afterAll(async () => {
  await cluster.remove();
  rmSync(folder, { recursive: true, force: true });
});

let count = 0;

describe.each(['sqlite', 'postgres'] as const)('a store of an older version: %s', (kind) => {
  async function emptyUrl(): Promise<string> {
    count += 1;
    return kind === 'sqlite' ? join(folder, `${count}.db`) : cluster.database();
  }

  const openDatabase = async (url: string): Promise<Database> =>
    kind === 'sqlite' ? new SqliteDatabase(url) : PostgresDatabase.open(url);

  async function at<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
    const database = await openDatabase(url);
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  }

  const columns = (database: Database): Promise<readonly object[]> =>
    database.all(
      kind === 'sqlite'
        ? `SELECT m.name AS of, c.name, c.type, c."notnull", c.pk FROM sqlite_schema m, pragma_table_info(m.name) c
           WHERE m.type = 'table' ORDER BY 1, c.cid`
        : `SELECT table_name AS of, column_name AS name, data_type, is_nullable FROM information_schema.columns
           WHERE table_schema = 'undertone' ORDER BY 1, ordinal_position`,
    );

  it.each(migrations.map((_, version) => version))(
    'from version %i becomes what a new one is, and works',
    async (version) => {
      const fresh = await emptyUrl();
      await (await openStore(fresh)).close();
      const url = await emptyUrl();
      await at(url, (database) => migrate(database, version));
      const store = await openStore(url);
      const script = new StreamScript({ callId: 'call-1' }).window(0, 500).alert('a', 'raised', 500).ended(500);
      await store.write(script.take());
      await store.note({ at: '', by: 'Kim', action: 'a', subject: 's' });
      expect(await store.call('call-1')).toMatchObject({ allAlerts: [{ rule: 'a' }] });
      await store.close();
      expect(await at(url, columns)).toEqual(await at(fresh, columns));
      const numbers = await at(url, (database) => database.all('SELECT number FROM migrations ORDER BY number'));
      expect(numbers).toEqual(migrations.map((_, index) => ({ number: index + 1 })));
    },
  );

  it('keeps what is in it', async () => {
    const url = await emptyUrl();
    await at(url, async (database) => {
      await migrate(database, 1);
      const settings = JSON.stringify({
        model: { name: 'm', version: '1', hash: 'h', labels: ['anger'] },
        analysis: { windowMs: 3000, stepMs: 500, descriptors: [] },
        channels: [{ name: 'caller', role: 'customer' }],
        metadata: { caller: '1' },
      });
      await database.run(
        `INSERT INTO calls (call_key, call_id, folded_id, state, started_at_ms, ended_at_ms) VALUES (5, 'Old', 'old', 'ended', 1000, 2000)`,
      );
      await database.run(
        `INSERT INTO runs (run_key, run_id, call_key, stream_id, state, started_at_ms, ended_at_ms, end_reason, duration_ms, settings, missing_events)
         VALUES (7, 'r', 5, 's', 'ended', 1000, 2000, 'stop', 1000, ?, 0)`,
        [settings],
      );
    });
    const store = await openStore(url);
    expect(await store.call('Old')).toMatchObject({
      callId: 'Old',
      startedAt: '1970-01-01T00:00:01.000Z',
      metadata: { caller: '1' },
    });
    // New ones get keys of their own.
    await store.write(new StreamScript({ callId: 'new' }).window(0, 500).take());
    expect((await store.calls({})).calls.map(({ callId }) => callId)).toEqual(['new', 'Old']);
    await store.close();
  });

  it('is migrated whole or not at all', async () => {
    const url = await emptyUrl();
    await at(url, async (database) => {
      await migrate(database, 1);
      // Something is in the way of the last table of the second migration.
      await database.run('CREATE TABLE analysis_blocks (a TEXT)');
    });
    await expect(openStore(url)).rejects.toMatchObject({ code: 'internal' });
    await at(url, async (database) => {
      expect(await database.all('SELECT number FROM migrations')).toEqual([{ number: 1 }]);
      await expect(database.all('SELECT * FROM alerts')).rejects.toMatchObject({ code: 'internal' });
      await database.run('DROP TABLE analysis_blocks');
    });
    await (await openStore(url)).close();
  });

  it('of a newer version is left alone', async () => {
    const url = await emptyUrl();
    await (await openStore(url)).close();
    await at(url, (database) => database.run('INSERT INTO migrations (number, at) VALUES (?, ?)', [99, '']));
    await expect(openStore(url)).rejects.toMatchObject({
      code: 'store-newer',
      message: `The store has schema 99 and this version knows ${migrations.length}; use the version of Undertone that wrote it, or a newer one.`,
    });
    // And is free for who can read it.
    await at(url, (database) => database.run('DELETE FROM migrations WHERE number = ?', [99]));
    await (await openStore(url)).close();
  });

  it('that another serves from is refused in plain words, until that one closes it', async () => {
    const url = await emptyUrl();
    const store = await openStore(url);
    await expect(openStore(url)).rejects.toMatchObject({ code: 'store-in-use' });
    await store.write(new StreamScript({ callId: 'call-1' }).take());
    await store.close();
    const next = await openStore(url);
    expect((await next.calls({})).calls).toHaveLength(1);
    await next.close();
  });

  it('waits for one that is just being closed', async () => {
    const url = await emptyUrl();
    const store = await openStore(url);
    const closing = new Promise((resolve) => setTimeout(() => resolve(store.close()), 300));
    // SQLite waits in the thread of the store, which here is this one: nobody would close it meanwhile.
    if (kind === 'sqlite') await closing;
    const next = await openStore(url);
    await closing;
    await next.close();
  });
});

describe('what is no store', () => {
  const refused = async (url: string): Promise<{ code: string; message: string }> => {
    try {
      await (await openStore(url)).close();
      return { code: 'none', message: '' };
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return { code, message };
    }
  };

  it('is refused with what is wrong', async () => {
    const text = join(folder, 'text.db');
    writeFileSync(text, 'This is no database. '.repeat(1000));
    expect(await refused(text)).toEqual({
      code: 'store-unreadable',
      message: `The store cannot be opened: ${text} is no SQLite database.`,
    });
    expect(await refused(join(text, 'below.db'))).toMatchObject({ code: 'store-unreadable' });
    expect(await refused(folder)).toMatchObject({ code: 'store-unreadable' });
    for (const url of ['', 'mysql://localhost/a', 'http://localhost']) {
      expect(await refused(url)).toMatchObject({
        code: 'store-unreadable',
        message: expect.stringContaining('postgres://'),
      });
    }
  });

  it('is another program’s SQLite database, which stays as it is', async () => {
    const path = join(folder, 'other.db');
    const database = new SqliteDatabase(path);
    await database.run('CREATE TABLE calls (number TEXT)');
    await database.close();
    expect(await refused(path)).toMatchObject({
      code: 'store-unreadable',
      message: expect.stringContaining('another program'),
    });
    const again = new SqliteDatabase(path);
    expect(await again.all('SELECT name FROM sqlite_schema')).toEqual([{ name: 'calls' }]);
    await again.close();
  });

  it('is a PostgreSQL that is not there, without the password', async () => {
    const { code, message } = await refused('postgres://me:secret@127.0.0.1:1/db');
    expect(code).toBe('store-unavailable');
    expect(message).toContain('ECONNREFUSED');
    expect(message).not.toContain('secret');
    expect(await refused(cluster.url('nothing'))).toMatchObject({
      code: 'store-unavailable',
      message: 'The store does not answer: PostgreSQL has no such database (SQLSTATE 3D000). The live service goes on.',
    });
  });
});
