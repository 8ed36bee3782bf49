import { UndertoneError } from '../../errors.ts';
import type { Database } from './database.ts';
import { migrations } from './schema.ts';

/**
 * Brings the schema up to date, one migration at a time, each whole or not at all.
 *
 * @param upTo leaves it at an older version; for tests
 * @throws UndertoneError `store-newer` where a newer version of the code has been here, `store-unreadable` where another
 *   program has
 */
export async function migrate(database: Database, upTo = migrations.length): Promise<void> {
  if (await database.isForeign()) {
    throw new UndertoneError('store-unreadable', { detail: 'it is the database of another program' });
  }
  await database.run('CREATE TABLE IF NOT EXISTS migrations (number BIGINT NOT NULL PRIMARY KEY, at TEXT NOT NULL)');
  const [row] = await database.all<{ found: number | null }>('SELECT MAX(number) AS found FROM migrations');
  const found = row?.found ?? 0;
  if (found > migrations.length) throw new UndertoneError('store-newer', { found, known: migrations.length });
  for (let number = found + 1; number <= upTo; number += 1) {
    await database.transaction(async () => {
      for (const statement of migrations[number - 1] ?? []) await database.run(typed(statement, database));
      await database.migrated();
      const at = new Date().toISOString();
      await database.run('INSERT INTO migrations (number, at) VALUES (?, ?)', [number, at]);
    });
  }
}

const typed = (statement: string, { types }: Database): string =>
  statement.replaceAll('{key}', types.key).replaceAll('{bytes}', types.bytes);
