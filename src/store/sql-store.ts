import { UndertoneError } from '../errors.ts';
import type {
  AlertHandling,
  AuditEntry,
  CallAlert,
  CallDetail,
  CallFilter,
  CallPage,
  CallSummary,
  Correction,
  DayHeat,
  KeptAnalysis,
  Role,
  TimelinePoints,
} from '../protocol/index.ts';
import type { Database } from './database/database.ts';
import { migrate } from './database/migrate.ts';
import { Intake } from './intake/intake.ts';
import { Keys } from './intake/keys.ts';
import { findAlert, handleAlert } from './queries/alerts.ts';
import { finishAnalysis, insertAnalysis } from './queries/analyses.ts';
import { auditEntries, ERASED, insertAudit } from './queries/audit.ts';
import { cursorOf, limitOf, whereOf } from './queries/call-filter.ts';
import { correctionsOf, deleteCorrection, insertCorrection } from './queries/corrections.ts';
import { dayOf } from './queries/day.ts';
import { readDeliveries, readSetting, removeDelivery, writeDelivery, writeSetting } from './queries/desk-rows.ts';
import { detailOf } from './queries/details.ts';
import { before, Eraser, type Erasure, ofCall, ofCaller } from './queries/erase.ts';
import { pointsOf } from './queries/points.ts';
import { recordingsOf } from './queries/recordings.ts';
import { type CallRow, summariesOf } from './queries/summaries.ts';
import { timelinesOf } from './queries/timelines.ts';
import type {
  AnalysisResult,
  ErasedCalls,
  KeptDelivery,
  KeptRecording,
  KeptTimeline,
  Store,
  StoreItem,
} from './store.ts';
import { giveWay, Turns } from './turns.ts';

/** Figures of calls that go on are brought to where filters look at most this often, ms. */
const FIGURES_EVERY_MS = 1_000;
const MOST_DELIVERIES = 10_000;

/** The store, over either database. It asks the database one thing at a time. */
export class SqlStore implements Store {
  readonly #database: Database;
  readonly #keys: Keys;
  readonly #intake: Intake;
  readonly #turns = new Turns();
  readonly #erasures = new Turns();
  readonly #eraser: Eraser;
  #figuresAtMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** Brings the schema up to date, and finds the calls that a process which died has left. @throws UndertoneError `store-newer` */
  static async open(database: Database): Promise<SqlStore> {
    await migrate(database);
    const store = new SqlStore(database, await Keys.load(database));
    await store.#intake.recover();
    // As long as they may take: who opens the store need not wait. What fails goes on at the next opening.
    void store.#erasures.run(() => store.#eraser.resume()).catch(() => {});
    void store.#figureLostCalls().catch(() => {});
    return store;
  }

  private constructor(database: Database, keys: Keys) {
    this.#database = database;
    this.#keys = keys;
    this.#intake = new Intake(database, keys);
    this.#eraser = new Eraser(database, keys, this.#intake, this.#turns);
  }

  get kind(): Store['kind'] {
    return this.#database.kind;
  }

  write(items: readonly StoreItem[]): Promise<void> {
    return this.#turn(() => this.#intake.write(items));
  }

  calls(filter: CallFilter, roles?: readonly Role[]): Promise<CallPage> {
    return this.#turn(async () => {
      const { sql, values } = whereOf(filter, roles);
      const limit = limitOf(filter);
      await this.#writeFigures();
      const rows = await this.#database.all<CallRow>(
        `SELECT * FROM calls c WHERE ${sql} ORDER BY c.started_at_ms DESC, c.call_key DESC LIMIT ?`,
        [...values, limit + 1],
      );
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const next =
        rows.length > limit && last !== undefined
          ? cursorOf({ startedAtMs: last.started_at_ms, callKey: last.call_key })
          : null;
      return { calls: await this.#summaries(page), next };
    });
  }

  call(callId: string): Promise<CallDetail | undefined> {
    return this.#turn(async () => {
      const row = await this.#row(callId);
      const [summary] = row === undefined ? [] : await this.#summaries([row]);
      if (row === undefined || summary === undefined) return undefined;
      return detailOf(this.#database, row, summary, this.#intake.live(callId));
    });
  }

  summary(callId: string): Promise<CallSummary | undefined> {
    return this.#turn(async () => {
      const row = await this.#row(callId);
      return row === undefined ? undefined : (await this.#summaries([row]))[0];
    });
  }

  timeline(callId: string, analysisId?: string): Promise<readonly KeptTimeline[]> {
    return this.#turn(async () => {
      const row = await this.#row(callId);
      return row === undefined ? [] : timelinesOf(this.#database, row.call_key, analysisId);
    });
  }

  async points(callId: string, analysisId?: string): Promise<TimelinePoints | undefined> {
    const timelines = await this.timeline(callId, analysisId);
    return timelines.length === 0 ? undefined : pointsOf(callId, timelines);
  }

  day(date: string, utcOffsetMinutes: number, roles?: readonly Role[]): Promise<DayHeat> {
    return this.#turn(async () => {
      await this.#writeFigures();
      return dayOf(this.#database, date, utcOffsetMinutes, roles);
    });
  }

  recordings(callId?: string): Promise<readonly KeptRecording[]> {
    return this.#turn(() => recordingsOf(this.#database, callId));
  }

  alert(alertId: string): Promise<CallAlert | undefined> {
    return this.#turn(() => findAlert(this.#database, alertId));
  }

  handleAlert(alertId: string, handling: AlertHandling): Promise<CallAlert> {
    return this.#change(async () => {
      const { alert, again } = await handleAlert(this.#database, alertId, handling);
      const { at, by, action } = handling;
      if (!again) await this.#log({ at, by, action: `alert-${action}`, subject: alertId }, alert.callId);
      return alert;
    });
  }

  correct(correction: Correction): Promise<void> {
    return this.#change(async () => {
      const { callId, correctionId, at, by } = correction;
      await insertCorrection(this.#database, this.#keys, await this.#key(callId), correction);
      await this.#log({ at, by, action: 'correct', subject: correctionId }, callId);
    });
  }

  removeCorrection(correctionId: string, by: string): Promise<boolean> {
    return this.#change(async () => {
      const callId = await deleteCorrection(this.#database, correctionId);
      if (callId === undefined) return false;
      const at = new Date().toISOString();
      await this.#log({ at, by, action: 'remove-correction', subject: correctionId }, callId);
      return true;
    });
  }

  corrections(callId?: string): Promise<readonly Correction[]> {
    return this.#turn(() => correctionsOf(this.#database, callId));
  }

  addAnalysis(callId: string, analysis: KeptAnalysis): Promise<void> {
    return this.#change(async () => insertAnalysis(this.#database, this.#keys, await this.#key(callId), analysis));
  }

  finishAnalysis(analysisId: string, result: AnalysisResult): Promise<void> {
    return this.#change(() => finishAnalysis(this.#database, analysisId, result));
  }

  eraseCall(callId: string, by: string): Promise<ErasedCalls> {
    return this.#erase(ofCall(callId, by, Date.now()));
  }

  eraseCaller(key: string, value: string, by: string): Promise<ErasedCalls> {
    return this.#erase(ofCaller(key, value, by, Date.now()));
  }

  eraseBefore(endedBeforeMs: number): Promise<ErasedCalls> {
    return this.#erase(before(endedBeforeMs));
  }

  audit(limit: number): Promise<readonly AuditEntry[]> {
    return this.#turn(() => auditEntries(this.#database, limit));
  }

  note(entry: AuditEntry, callId?: string): Promise<void> {
    return this.#turn(() => {
      const gone = callId !== undefined && this.#intake.wasErased(callId, Date.parse(entry.at));
      return insertAudit(
        this.#database,
        this.#keys,
        gone ? { ...entry, subject: ERASED } : entry,
        gone ? null : callId,
      );
    });
  }

  setting(key: string): Promise<string | undefined> {
    return this.#turn(() => readSetting(this.#database, key));
  }

  setSetting(key: string, value: string): Promise<void> {
    return this.#turn(() => writeSetting(this.#database, key, value));
  }

  keepDelivery(delivery: KeptDelivery): Promise<void> {
    return this.#turn(async () => {
      const { callId, createdAtMs } = delivery;
      if (callId !== null && this.#intake.wasErased(callId, createdAtMs)) return;
      await writeDelivery(this.#database, delivery);
    });
  }

  deliveries(state: 'waiting' | 'dead', limit = MOST_DELIVERIES): Promise<readonly KeptDelivery[]> {
    return this.#turn(() => readDeliveries(this.#database, state, limit));
  }

  removeDelivery(deliveryId: string): Promise<void> {
    return this.#turn(() => removeDelivery(this.#database, deliveryId));
  }

  /** After what has been asked for before. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#eraser.stop();
    await this.#erasures.run(() => this.#turns.run(() => this.#database.close()));
  }

  async #turn<T>(work: () => Promise<T>): Promise<T> {
    this.#open();
    return this.#turns.run(work);
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    return this.#turn(() => this.#database.transaction(work));
  }

  async #erase(erasure: Erasure): Promise<ErasedCalls> {
    this.#open();
    return this.#erasures.run(() => this.#eraser.erase(erasure));
  }

  #open(): void {
    if (this.#closed) throw new UndertoneError('store-unavailable', { detail: 'it is closed' });
  }

  #log(entry: AuditEntry, callId: string): Promise<void> {
    return insertAudit(this.#database, this.#keys, entry, callId);
  }

  async #row(callId: string): Promise<CallRow | undefined> {
    const [row] = await this.#database.all<CallRow>('SELECT * FROM calls WHERE call_id = ?', [callId]);
    return row;
  }

  async #key(callId: string): Promise<number> {
    const row = await this.#row(callId);
    if (row === undefined) throw new UndertoneError('not-found', { path: `/v1/calls/${callId}` });
    return row.call_key;
  }

  /** One after the other, each in a turn of its own; one that is damaged is left as it is. */
  async #figureLostCalls(): Promise<void> {
    let next: number | undefined = Number.MAX_SAFE_INTEGER;
    while (next !== undefined && !this.#closed) {
      const before: number = next;
      next = await this.#turns.run(async () => {
        const callKey = await this.#intake.nextUnfigured(before);
        if (callKey !== undefined) await this.#intake.figure(callKey).catch(() => {});
        return callKey;
      });
      await giveWay();
    }
  }

  /** A disk that takes nothing is no reason not to answer: then a call that was lost has no figures yet. */
  async #summaries(rows: readonly CallRow[]): Promise<readonly CallSummary[]> {
    for (const { call_key, state, metrics } of rows) {
      if (state !== 'live' && metrics === null) await this.#intake.figure(call_key).catch(() => {});
    }
    return summariesOf(this.#database, rows, (callId) => this.#intake.live(callId));
  }

  /** A disk that takes nothing is no reason not to answer: the filters then see figures that are a little older. */
  async #writeFigures(): Promise<void> {
    const now = performance.now();
    if (now - this.#figuresAtMs < FIGURES_EVERY_MS) return;
    this.#figuresAtMs = now;
    await this.#intake.writeFigures().catch(() => {});
  }
}
