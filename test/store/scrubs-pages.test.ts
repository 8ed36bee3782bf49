import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { SqliteDatabase } from '../../src/store/database/sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'undertone-scrub-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const nextFile = (): string => {
  files += 1;
  return join(folder, `${files}.db`);
};

const nothing = async (): Promise<void> => {};

/** A text of a row that is nobody else's: its mark every 16 bytes. */
const textOf = (row: number, bytes: number): string =>
  markOf(row)
    .repeat(Math.ceil(bytes / 16))
    .slice(0, Math.max(16, bytes));
const markOf = (row: number): string => `<mark-${String(row).padStart(8, '0')}>`;

interface Step {
  readonly kind: 'insert' | 'update' | 'delete';
  readonly row: number;
  readonly bytes: number;
}

/** Rows as they come and go, in a table that is called as one of ours, with an index over the text. */
async function play(database: SqliteDatabase, steps: readonly Step[]): Promise<ReadonlySet<number>> {
  await database.run('CREATE TABLE t (k INTEGER PRIMARY KEY, a TEXT, b BLOB)');
  await database.run('CREATE INDEX t_by_a ON t (a)');
  await database.run('CREATE TABLE blocks (k INTEGER PRIMARY KEY, a TEXT)');
  const there = new Set<number>();
  const gone = new Set<number>();
  let next = 0;
  for (const { kind, row, bytes } of steps) {
    if (kind === 'insert') {
      // Not in the order of their keys: pages split in the middle.
      const key = (next * 7919) % 100_003;
      next += 1;
      await database.run('INSERT INTO t VALUES (?, ?, ?)', [
        key,
        textOf(key, bytes),
        Buffer.from(textOf(key, bytes / 2)),
      ]);
      await database.run('INSERT INTO blocks VALUES (?, ?)', [next, textOf(key, bytes)]);
      there.add(key);
      continue;
    }
    const key = [...there][row % Math.max(1, there.size)];
    if (key === undefined) continue;
    if (kind === 'update') await database.run('UPDATE t SET b = ? WHERE k = ?', [Buffer.from(textOf(key, bytes)), key]);
    else {
      await database.run('DELETE FROM t WHERE k = ?', [key]);
      await database.run('DELETE FROM blocks WHERE a LIKE ?', [`${markOf(key)}%`]);
      there.delete(key);
      gone.add(key);
    }
  }
  return gone;
}

function remains(path: string, gone: ReadonlySet<number>): number[] {
  const bytes = Buffer.concat([readFileSync(path), readFileSync(`${path}-wal`)]);
  return [...gone].filter((key) => bytes.includes(markOf(key)));
}

const step = fc.record<Step>({
  kind: fc.oneof(
    { weight: 5, arbitrary: fc.constant('insert' as const) },
    { weight: 2, arbitrary: fc.constant('update' as const) },
    { weight: 3, arbitrary: fc.constant('delete' as const) },
  ),
  row: fc.nat(100_000),
  // Overflow pages, too.
  bytes: fc.oneof(fc.integer({ min: 16, max: 700 }), fc.integer({ min: 700, max: 9000 })),
});

describe('what deleted rows leave in the pages', () => {
  it('is gone, and the rest is what it was, whatever came and went', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 50, maxLength: 400, size: 'max' }), async (steps) => {
        const path = nextFile();
        const database = new SqliteDatabase(path);
        const gone = await play(database, steps);
        const before = await database.all('SELECT * FROM t ORDER BY k');
        await database.eraseRemains(nothing);
        expect(remains(path, gone)).toEqual([]);
        expect(await database.all('SELECT * FROM t ORDER BY k')).toEqual(before);
        expect(await database.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
        // The file as it is on the disk, not as it is in memory.
        await database.close();
        const again = new SqliteDatabase(path);
        expect(await again.all('SELECT * FROM t ORDER BY k')).toEqual(before);
        await again.run('INSERT INTO t VALUES (100004, ?, NULL)', [textOf(100_004, 5000)]);
        expect(await again.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
        await again.close();
      }),
      { numRuns: 12 },
    );
  });

  it('would be there without it, though SQLite overwrites what it deletes', async () => {
    // Rows of growing size split pages, and those that go make neighbours move together.
    const steps = Array.from({ length: 900 }, (_, index): Step => {
      const kind = index < 600 ? 'insert' : 'delete';
      return { kind, row: (index * 31) % 600, bytes: 40 + ((index * 37) % 400) };
    });
    const path = nextFile();
    const database = new SqliteDatabase(path);
    const gone = await play(database, steps);
    await database.all('PRAGMA wal_checkpoint(TRUNCATE)');
    expect(remains(path, gone)).not.toEqual([]);
    await database.eraseRemains(nothing);
    expect(remains(path, gone)).toEqual([]);
    await database.close();
  });

  it('of a large tree goes in pieces, between which rows are added', async () => {
    const path = nextFile();
    const database = new SqliteDatabase(path);
    await database.run('CREATE TABLE blocks (k INTEGER PRIMARY KEY, a TEXT)');
    const add = async (from: number, to: number): Promise<void> => {
      await database.transaction(async () => {
        for (let key = from; key < to; key += 1)
          await database.run('INSERT INTO blocks VALUES (?, ?)', [key, textOf(key, 900)]);
      });
    };
    await add(0, 20_000);
    await database.run('DELETE FROM blocks WHERE k % 3 = 0');
    let pieces = 0;
    await database.eraseRemains(async () => {
      await add(20_000 + 40 * pieces, 20_000 + 40 * (pieces + 1));
      pieces += 1;
    });
    expect(pieces).toBeGreaterThanOrEqual(3);
    expect(await database.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    const [count] = await database.all<{ n: number }>('SELECT COUNT(*) AS n FROM blocks');
    expect(count?.n).toBe(Math.floor((20_000 * 2) / 3) + 40 * pieces);
    const bytes = Buffer.concat([readFileSync(path), readFileSync(`${path}-wal`)]).toString('latin1');
    const found = new Set([...bytes.matchAll(/<mark-(\d{8})>/g)].map((match) => Number(match[1])));
    expect([...found].filter((key) => key < 20_000 && key % 3 === 0)).toEqual([]);
    await database.close();
  });
});
