import { createHash } from 'node:crypto';

export type Value = string | number | null | Uint8Array;

/**
 * What the store needs of a database. SQL is what SQLite and PostgreSQL have in common, with `?` for values; whole numbers
 * come back as numbers, bytes as `Uint8Array`. One caller at a time. Everything rejects with an error of the table:
 * `store-unavailable` where a later attempt may succeed, `internal` where the same statement will fail again.
 */
export interface Database {
  readonly kind: 'sqlite' | 'postgres';
  /** The caller says what its columns are. */
  all<Row>(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /** Rows that changed. */
  run(sql: string, values?: readonly Value[]): Promise<number>;
  /** Done whole, or not at all. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Whether there are tables, and none of them is of a store. */
  isForeign(): Promise<boolean>;
  /** Called in the transaction of a migration, after its statements. */
  migrated(): Promise<void>;
  /**
   * Takes what deleted rows have left out of the files. `pause` is awaited between pieces of long work, and may write in
   * between, but may not delete.
   *
   * @param tables where there is something; default: all
   */
  eraseRemains(pause: () => Promise<void>, tables?: readonly string[]): Promise<void>;
  /** How types are called where the databases differ. */
  readonly types: { readonly key: string; readonly bytes: string };
  close(): Promise<void>;
}

/** Rows of one statement at most. */
const MOST_ROWS = 64;

/**
 * Inserts many rows with few statements, in few sizes, so that the databases keep their plans.
 *
 * @param into `INSERT INTO table (a, b)`
 * @param after what follows the values, such as `ON CONFLICT DO NOTHING`
 */
export async function insertRows(
  database: Database,
  into: string,
  rows: readonly (readonly Value[])[],
  after = '',
): Promise<void> {
  let done = 0;
  for (let size = MOST_ROWS; size >= 1; size >>= 1) {
    for (; rows.length - done >= size; done += size) {
      const chunk = rows.slice(done, done + size);
      const row = `(${chunk[0]!.map(() => '?').join(', ')})`;
      await database.run(`${into} VALUES ${chunk.map(() => row).join(', ')} ${after}`, chunk.flat());
    }
  }
}

/** Values of one list at most. */
export const MOST_LISTED = 256;

/**
 * `(?, ?, …)` for a list of values. It is filled up to a power of two with its last value, for the same reason.
 * No value is listed where there are none: the condition is never true.
 */
export function list(values: readonly Value[]): { readonly sql: string; readonly values: readonly Value[] } {
  const last = values.at(-1);
  if (last === undefined) return { sql: '(NULL)', values: [] };
  let size = 1;
  while (size < values.length) size *= 2;
  const filled = Array.from({ length: size }, (_, index) => values[index] ?? last);
  return { sql: `(${filled.map(() => '?').join(', ')})`, values: filled };
}

/** A list in parts that are short enough for one statement. */
export function parts<T>(values: readonly T[], size = MOST_LISTED): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, part) =>
    values.slice(part * size, (part + 1) * size),
  );
}

/** No database keeps NUL in a text, nor half a surrogate pair: each becomes U+FFFD. */
export function bindable(value: Value): Value {
  return typeof value === 'string' ? value.replace(/\0|\p{Surrogate}/gu, '\ufffd') : value;
}

/** 48 bits of a hash, to look up texts of any length in an index. */
export function lookupHash(...texts: readonly string[]): number {
  return createHash('sha256').update(JSON.stringify(texts)).digest().readUIntBE(0, 6);
}

/** As texts are compared whatever their case. */
export const folded = (text: string): string => text.normalize('NFC').toLowerCase();

/** Rows by what they belong to, in their order. */
export function grouped<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): ReadonlyMap<Key, readonly Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}
