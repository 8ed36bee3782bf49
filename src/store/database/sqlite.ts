import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import { UndertoneError } from '../../errors.ts';
import { bindable, type Database, type Value } from './database.ts';
import { type Pages, scrub } from './scrub.ts';
import { sqliteError } from './sqlite-error.ts';

/** How long the opening waits for a process that is just ending, ms. */
const BUSY_MS = 2_000;
/** Pages of the write-ahead log before they are brought home; 16 MB. */
const CHECKPOINT_PAGES = 4_000;
/** The log's file is cut to this after it has grown, bytes. */
const LOG_BYTES = 67_108_864;
const CACHE_KIB = 32_768;

type Statement = Libsql.Statement;

/**
 * SQLite, in the thread that it is made in, which waits for the disk. The file is locked for as long as it is open, so
 * that no other process serves from it; the lock goes with the process.
 */
export class SqliteDatabase implements Database {
  readonly kind = 'sqlite';
  readonly types = { key: 'INTEGER PRIMARY KEY', bytes: 'BLOB' };
  readonly #libsql: Libsql.Database;
  readonly #statements = new Map<string, Statement>();

  /** @throws UndertoneError `store-in-use`, `store-unreadable` */
  constructor(path: string) {
    this.#libsql = open(path);
  }

  async all<Row>(sql: string, values: readonly Value[] = []): Promise<readonly Row[]> {
    return this.#try(() => withBytes(this.#statement(sql).all(bound(values)) as Row[]));
  }

  async run(sql: string, values: readonly Value[] = []): Promise<number> {
    return this.#try(() => this.#statement(sql).run(bound(values)).changes);
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    this.#try(() => this.#libsql.exec('BEGIN IMMEDIATE'));
    try {
      const result = await work();
      this.#try(() => this.#libsql.exec('COMMIT'));
      return result;
    } catch (error) {
      // Some failures have rolled it back already.
      if (this.#libsql.inTransaction) this.#libsql.exec('ROLLBACK');
      throw error;
    }
  }

  async isForeign(): Promise<boolean> {
    const tables = await this.all<{ name: string }>('SELECT name FROM sqlite_schema');
    return tables.length > 0 && !tables.some(({ name }) => name === 'migrations');
  }

  async migrated(): Promise<void> {}

  /** `secure_delete` has overwritten the rows; what moving rows left behind in the pages goes here, and the log. */
  async eraseRemains(pause: () => Promise<void>, tables?: readonly string[]): Promise<void> {
    this.#truncateLog();
    await scrub(this.#pages(tables), ['blocks'], pause);
    this.#truncateLog();
  }

  async close(): Promise<void> {
    this.#statements.clear();
    try {
      // libsql closes the file when the last statement is collected as garbage. The lock is to be gone now; it cannot be
      // given back while there is a log.
      this.#libsql.pragma('journal_mode = DELETE');
      this.#libsql.pragma('locking_mode = NORMAL');
      this.#libsql.exec('SELECT COUNT(*) FROM sqlite_schema');
    } catch {
      // A disk that fails: then the lock goes with the process.
    }
    this.#libsql.close();
  }

  #truncateLog(): void {
    const [result] = this.#try(() => this.#libsql.pragma('wal_checkpoint(TRUNCATE)')) as { busy: number }[];
    if (result?.busy !== 0) throw new UndertoneError('store-unavailable', { detail: 'the log cannot be cut' });
  }

  #pages(tables: readonly string[] | undefined): Pages {
    const read = this.#libsql.prepare('SELECT data FROM sqlite_dbpage WHERE pgno = ?');
    const write = this.#libsql.prepare('UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?');
    const trees = this.#libsql.prepare(
      'SELECT name, tbl_name AS of, rootpage AS root FROM sqlite_schema WHERE rootpage > 0',
    );
    const first = (read.get([1]) as { data: Buffer }).data;
    return {
      trees: () =>
        (trees.all() as { name: string; of: string; root: number }[]).filter(({ of }) => tables?.includes(of) ?? true),
      reservedBytes: first[20]!,
      read: (page) => (read.get([page]) as { data: Buffer }).data,
      write: (page, bytes) => this.#try(() => write.run([bytes, page])),
    };
  }

  #statement(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#libsql.prepare(sql) as Statement;
    this.#statements.set(sql, statement);
    return statement;
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw sqliteError(error);
    }
  }
}

/** As one list: libsql takes bytes that stand alone for named values, and ends the process over them. */
const bound = (values: readonly Value[]): readonly Value[] => values.map(bindable);

function open(path: string): Libsql.Database {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // Voices are personal data: for the eyes of who runs the server.
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw new UndertoneError('store-unreadable', { detail: `${path} cannot be written (${codeOf(error)})` });
  }
  let libsql: Libsql.Database | undefined;
  try {
    libsql = new Libsql(path);
    libsql.pragma(`busy_timeout = ${BUSY_MS}`);
    libsql.pragma('locking_mode = EXCLUSIVE');
    libsql.pragma('journal_mode = WAL');
    // Takes the lock, and keeps it.
    libsql.exec('BEGIN IMMEDIATE; COMMIT');
    libsql.pragma('synchronous = NORMAL');
    libsql.pragma('foreign_keys = ON');
    libsql.pragma('secure_delete = ON');
    libsql.pragma('temp_store = MEMORY');
    libsql.pragma(`cache_size = -${CACHE_KIB}`);
    libsql.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    libsql.pragma(`journal_size_limit = ${LOG_BYTES}`);
    return libsql;
  } catch (error) {
    libsql?.close();
    const code = codeOf(error);
    if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) throw new UndertoneError('store-in-use');
    const detail = code === 'SQLITE_NOTADB' ? `${path} is no SQLite database` : `${path} fails (${code})`;
    throw new UndertoneError('store-unreadable', { detail });
  }
}

/** libsql gives bytes as `ArrayBuffer`. */
function withBytes<Row>(rows: Row[]): Row[] {
  const [first] = rows;
  const names = Object.entries(first ?? {}).flatMap(([name, value]) => (value instanceof ArrayBuffer ? [name] : []));
  if (names.length === 0) return rows;
  return rows.map((row) => {
    const bytes = names.map((name) => [name, new Uint8Array((row as Record<string, ArrayBuffer>)[name]!)]);
    return { ...row, ...Object.fromEntries(bytes) };
  });
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
