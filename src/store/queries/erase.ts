import { UndertoneError } from '../../errors.ts';
import { type Database, list, lookupHash, parts } from '../database/database.ts';
import type { ErasedCall, Intake } from '../intake/intake.ts';
import type { Keys } from '../intake/keys.ts';
import type { ErasedCalls } from '../store.ts';
import { giveWay, type Turns } from '../turns.ts';
import { eraseSubjects, insertAudit } from './audit.ts';
import { readSetting, removeSetting, writeSetting } from './desk-rows.ts';

/** Calls that are deleted in one transaction. */
const CALLS_AT_ONCE = 100;
/**
 * There while rows are deleted whose remains are still in the files: the recordings that were to go with them, for the next
 * erasure to name, as JSON.
 */
const PENDING = 'store.erasing';
/** When the tables of PostgreSQL were last written anew, ms since 1970. */
const REWRITTEN = 'store.rewritten';
const DAY_MS = 24 * 3_600_000;

/** Which calls are to go. */
export interface Erasure {
  readonly action: 'erase-call' | 'erase-caller' | 'retention';
  readonly by: string;
  /** Condition on `calls c`. */
  readonly sql: string;
  readonly values: readonly (string | number)[];
  /** Whatever is there of them, even where the call itself is not. */
  readonly callIds: readonly string[];
  /** Tells openings that still wait in a queue. */
  readonly matches: ErasedCall;
}

export const ofCall = (callId: string, by: string, nowMs: number): Erasure => ({
  action: 'erase-call',
  by,
  sql: 'c.call_id = ?',
  values: [callId],
  callIds: [callId],
  matches: (opening) => opening.callId === callId && opening.startedAtMs <= nowMs,
});

export const ofCaller = (name: string, value: string, by: string, nowMs: number): Erasure => ({
  action: 'erase-caller',
  by,
  sql: `EXISTS (SELECT 1 FROM metadata m WHERE m.call_key = c.call_key AND m.lookup = ? AND m.name = ? AND m.value = ?)`,
  values: [lookupHash(name, value), name, value],
  callIds: [],
  matches: ({ metadata, startedAtMs }) =>
    Object.hasOwn(metadata, name) && String(metadata[name]) === value && startedAtMs <= nowMs,
});

export const before = (endedBeforeMs: number): Erasure => ({
  action: 'retention',
  by: 'retention',
  sql: `c.state <> 'live' AND c.ended_at_ms < ?`,
  values: [endedBeforeMs],
  callIds: [],
  matches: () => false,
});

interface Finish {
  readonly naming: boolean;
  readonly daily: boolean;
}

/** Takes calls out of the database, and what they leave behind out of its files. */
export class Eraser {
  readonly #database: Database;
  readonly #keys: Keys;
  readonly #intake: Intake;
  readonly #turns: Turns;
  #stopped = false;

  constructor(database: Database, keys: Keys, intake: Intake, turns: Turns) {
    this.#database = database;
    this.#keys = keys;
    this.#intake = intake;
    this.#turns = turns;
  }

  /** What is written in the meantime is written between its parts. Not to be called again before it is done. */
  async erase(erasure: Erasure): Promise<ErasedCalls> {
    const callIds: string[] = [];
    let more = true;
    while (more) {
      const erased = await this.#turns.run(() => this.#delete(erasure));
      callIds.push(...erased);
      more = erased.length === CALLS_AT_ONCE;
      await giveWay();
    }
    await this.#turns.run(() => this.#log(erasure, callIds.length));
    return { callIds, recordings: await this.#finish({ naming: true, daily: erasure.action === 'retention' }) };
  }

  /** Finishes what a process that ended has begun. The recordings are named by the next erasure. */
  async resume(): Promise<void> {
    await this.#finish({ naming: false, daily: false });
  }

  /** Lets long work go at its next pause: the next erasure, or opening, goes on with it. */
  stop(): void {
    this.#stopped = true;
  }

  /**
   * @param naming the recordings are named to whoever asks, and then no longer kept
   * @param daily where that means to write whole tables anew, once a day is enough: it is pending until then
   */
  async #finish({ naming, daily }: Finish): Promise<readonly string[]> {
    const database = this.#database;
    let release = await this.#turns.take();
    try {
      const pending = await this.#pending();
      if (pending === undefined) return [];
      const pause = async (): Promise<void> => {
        if (this.#stopped) throw new UndertoneError('store-unavailable', { detail: 'it is closed' });
        release();
        await giveWay();
        release = await this.#turns.take();
      };
      const postponed = daily && database.kind === 'postgres' && (await this.#rewrittenToday());
      if (!postponed) await database.eraseRemains(pause);
      if (pending.length > 0 && !naming) return [];
      // Their names are remains, too.
      await writeSetting(database, PENDING, '[]');
      if (postponed) return pending;
      if (pending.length > 0) await database.eraseRemains(pause, ['settings']);
      await writeSetting(database, REWRITTEN, String(Date.now()));
      await removeSetting(database, PENDING);
      return pending;
    } finally {
      release();
    }
  }

  async #rewrittenToday(): Promise<boolean> {
    return Date.now() - Number((await readSetting(this.#database, REWRITTEN)) ?? 0) < DAY_MS;
  }

  async #pending(): Promise<readonly string[] | undefined> {
    const text = await readSetting(this.#database, PENDING);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** A part of them, and the note that their remains are there. */
  async #delete(erasure: Erasure): Promise<readonly string[]> {
    const database = this.#database;
    const erased = await database.transaction(async () => {
      const rows = await database.all<{ call_key: number; call_id: string }>(
        `SELECT c.call_key, c.call_id FROM calls c WHERE ${erasure.sql} ORDER BY c.call_key LIMIT ${CALLS_AT_ONCE}`,
        erasure.values,
      );
      const keys = list(rows.map(({ call_key }) => call_key));
      const recordings = await database.all<{ file: string }>(
        `SELECT f.file FROM recordings f JOIN runs r ON r.run_key = f.run_key WHERE r.call_key IN ${keys.sql}`,
        keys.values,
      );
      const callIds = [...new Set([...rows.map(({ call_id }) => call_id), ...erasure.callIds])];
      await database.run(`DELETE FROM calls WHERE call_key IN ${keys.sql}`, keys.values);
      let changed = rows.length;
      for (const part of parts(callIds)) {
        const ids = list(part);
        changed += await database.run(`DELETE FROM deliveries WHERE call_id IN ${ids.sql}`, ids.values);
        changed += await eraseSubjects(database, part);
      }
      if (changed > 0) {
        const files = [...((await this.#pending()) ?? []), ...recordings.map(({ file }) => file)];
        await writeSetting(database, PENDING, JSON.stringify(files));
      }
      return rows.map(({ call_id }) => call_id);
    });
    this.#intake.forget([...erased, ...erasure.callIds], erasure.matches);
    return erased;
  }

  async #log({ action, by }: Erasure, calls: number): Promise<void> {
    if (action === 'retention' && calls === 0) return;
    const subject = calls === 1 ? '1 call' : `${calls} calls`;
    await insertAudit(this.#database, this.#keys, { at: new Date().toISOString(), by, action, subject });
  }
}
