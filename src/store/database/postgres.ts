import postgres from 'postgres';
import { UndertoneError } from '../../errors.ts';
import { bindable, type Database, type Value } from './database.ts';
import { postgresError } from './postgres-error.ts';

/** The store has a schema of its own, beside whatever else is in the database. */
const SCHEMA = 'undertone';
/** Held for as long as a process serves from the database: 'unde' in ASCII. */
const LOCK = 0x75_6e_64_65;
/** How long the opening waits for a process that is just ending, ms. */
const LOCK_WAIT_MS = 2_000;
const CONNECT_SECONDS = 10;
/** A statement or a transaction without an answer for so long, and the connection counts as lost, ms. */
const DEADLINE_MS = 30_000;
/** 64-bit whole numbers come as text; ours fit in a number. */
const INT8 = 20;

type Sql = postgres.Sql<{ bigint: number }>;
type Session = Sql | postgres.TransactionSql<{ bigint: number }>;

export interface PostgresOptions {
  readonly deadlineMs?: number;
}

/**
 * PostgreSQL, over one connection, which is made again when it is lost. An advisory lock of its session keeps other
 * processes from serving from the same database.
 */
export class PostgresDatabase implements Database {
  readonly kind = 'postgres';
  readonly types = { key: 'BIGINT PRIMARY KEY', bytes: 'BYTEA' };
  readonly #url: string;
  readonly #deadlineMs: number;
  #sql: Sql;
  #transaction: Session | undefined;
  /** Whether the connection that there is now holds the lock. */
  #locked = false;

  /** @throws UndertoneError `store-in-use`, `store-unavailable` */
  static async open(url: string, options: PostgresOptions = {}): Promise<PostgresDatabase> {
    const database = new PostgresDatabase(url, options);
    try {
      const schemas = await database.all('SELECT 1 AS found FROM pg_namespace WHERE nspname = ?', [SCHEMA]);
      // Who may not make one may use one that an administrator has made.
      if (schemas.length === 0) await database.run(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
      for (const until = Date.now() + LOCK_WAIT_MS; ; ) {
        try {
          await database.transaction(async () => {});
          break;
        } catch (error) {
          const inUse = error instanceof UndertoneError && error.code === 'store-in-use';
          if (!inUse || Date.now() > until) throw error;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    } catch (error) {
      await database.close();
      throw error;
    }
    return database;
  }

  private constructor(url: string, { deadlineMs = DEADLINE_MS }: PostgresOptions) {
    this.#url = url;
    this.#deadlineMs = deadlineMs;
    this.#sql = this.#connect();
  }

  async all<Row>(sql: string, values: readonly Value[] = []): Promise<readonly Row[]> {
    return this.#query<Row>(sql, values);
  }

  async run(sql: string, values: readonly Value[] = []): Promise<number> {
    const result = await this.#query(sql, values);
    return result.count;
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    // The type of the library unwraps promises in the result, of which there are none.
    return this.#within(
      this.#deadlineMs,
      this.#sql.begin(async (transaction) => {
        this.#transaction = transaction;
        try {
          await this.#lock(transaction);
          return { result: await work() };
        } finally {
          // One that was given up may end after the next has begun.
          if (this.#transaction === transaction) this.#transaction = undefined;
        }
      }) as Promise<{ result: T }>,
    ).then(({ result }) => result);
  }

  /** It has a schema of its own. */
  async isForeign(): Promise<boolean> {
    return false;
  }

  /** ANALYZE would copy values of the columns to where no erasure finds them: of texts and bytes it keeps nothing. */
  async migrated(): Promise<void> {
    const columns = await this.all<{ name: string; column: string }>(
      `SELECT table_name AS name, column_name AS column FROM information_schema.columns
       WHERE table_schema = current_schema() AND (data_type IN ('text', 'bytea') OR column_name = 'lookup')`,
    );
    for (const { name, column } of columns) {
      await this.run(`ALTER TABLE ${name} ALTER COLUMN ${column} SET STATISTICS 0`);
    }
  }

  /** Deleted rows stay in the files of their tables until those are written anew. */
  async eraseRemains(pause: () => Promise<void>, tables?: readonly string[]): Promise<void> {
    const all = await this.all<{ name: string }>(
      'SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename',
    );
    for (const { name } of all) {
      if (tables?.includes(name) === false) continue;
      await pause();
      // As long as it takes.
      await this.#tried(this.#sql.unsafe(`VACUUM (FULL) ${name}`));
    }
  }

  async close(): Promise<void> {
    await this.#sql.end({ timeout: 5 });
  }

  #connect(): Sql {
    const sql: Sql = postgres(this.#url, {
      max: 1,
      // The lock is one of the session: it ends when the store is closed.
      max_lifetime: null,
      idle_timeout: undefined,
      connect_timeout: CONNECT_SECONDS,
      keep_alive: 15,
      // Who asks keeps pauses between attempts.
      backoff: () => 0,
      fetch_types: false,
      onnotice: () => {},
      onclose: () => {
        if (sql === this.#sql) this.#locked = false;
      },
      connection: { application_name: 'undertone', search_path: SCHEMA, client_min_messages: 'error' },
      types: { bigint: { to: INT8, from: [INT8], parse: Number, serialize: String } },
    });
    return sql;
  }

  /** Makes sure that the session of this transaction has the lock: it may be on a new connection. */
  async #lock(transaction: Session): Promise<void> {
    if (this.#locked) return;
    const [row] = await transaction.unsafe<{ locked: boolean }[]>(`SELECT pg_try_advisory_lock(${LOCK}) AS locked`);
    if (row?.locked !== true) throw new UndertoneError('store-in-use');
    this.#locked = true;
  }

  #query<Row>(sql: string, values: readonly Value[]): Promise<postgres.RowList<(Row & Iterable<Row>)[]>> {
    const session: Session = this.#transaction ?? this.#sql;
    const query = session.unsafe<(Row & Iterable<Row>)[]>(numbered(sql), values.map(bindable) as never[], {
      prepare: true,
    });
    // A transaction has a deadline of its own.
    return this.#transaction === undefined ? this.#within(this.#deadlineMs, query) : this.#tried(query);
  }

  async #within<T>(limitMs: number, work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new UndertoneError('store-unavailable', { detail: 'PostgreSQL gives no answer' }));
        this.#reconnect();
      }, limitMs);
    });
    try {
      return await this.#tried(Promise.race([work, late]));
    } finally {
      clearTimeout(timer);
    }
  }

  async #tried<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw postgresError(error);
    }
  }

  /** Lets a connection go that says nothing. */
  #reconnect(): void {
    const silent = this.#sql;
    this.#sql = this.#connect();
    this.#locked = false;
    this.#transaction = undefined;
    silent.end({ timeout: 0 }).catch(() => {});
  }
}

/** `?` → `$1`, `$2` …; no text in our SQL holds a question mark. */
function numbered(sql: string): string {
  let number = 0;
  return sql.replace(/\?/g, () => {
    number += 1;
    return `$${number}`;
  });
}
