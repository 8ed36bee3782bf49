import type { Database } from '../database/database.ts';
import { list, parts } from '../database/database.ts';
import type { StoreItem, StreamOpening } from '../store.ts';
import type { Keys } from './keys.ts';
import { LiveCall, LiveRun } from './live-calls.ts';
import { parseBatch, type RunItems } from './parsed-batch.ts';
import { replayCall } from './replay.ts';
import * as rows from './write-rows.ts';

/** Whether an opening is one of a call that has been erased. */
export type ErasedCall = (opening: Pick<StreamOpening, 'callId' | 'metadata' | 'startedAtMs'>) => boolean;
/** Erasures that are remembered for openings that still wait in a queue. */
const MOST_ERASED = 10_000;

/** A batch of one stream whose row is there, or is about to be. */
interface RunBatch {
  readonly run: LiveRun;
  readonly items: RunItems;
}

/**
 * Takes what happens: writes it, and keeps the figures of calls that go on. The figures go ahead of the database: what could
 * not be written yet is in them, and is not added twice when it comes again.
 */
export class Intake {
  readonly #database: Database;
  readonly #keys: Keys;
  readonly #calls = new Map<string, LiveCall>();
  readonly #runs = new Map<string, LiveRun>();
  #erased: readonly ErasedCall[] = [];
  /** When calls were erased, by their ids; ms since 1970. */
  readonly #erasedAtMs = new Map<string, number>();
  /** After a failure nobody knows whether the last transaction was done. */
  #unsure = false;

  constructor(database: Database, keys: Keys) {
    this.#database = database;
    this.#keys = keys;
  }

  live(callId: string): LiveCall | undefined {
    const call = this.#calls.get(callId);
    return call?.stored ? call : undefined;
  }

  async write(items: readonly StoreItem[]): Promise<void> {
    const { openings, runs } = parseBatch(items);
    try {
      const opened = new Set<LiveRun>();
      for (const opening of openings) {
        const run = await this.#open(opening);
        if (run !== undefined && !run.stored) opened.add(run);
      }
      const batches = await this.#known(runs, opened);
      await this.#meter(batches);
      const late = await this.#late(runs);
      await this.#database.transaction(async () => {
        await this.#write(opened, batches);
        for (const { runKey, items } of late) await this.#writeBeside(runKey, items);
      });
      this.#done(opened, batches);
    } catch (error) {
      this.#unsure = true;
      throw error;
    }
  }

  /** Brings the figures of calls that go on into the database, where lists and filters look. */
  async writeFigures(): Promise<void> {
    const changed = [...this.#runs.values()].filter((run) => run.stored && run.changed);
    if (changed.length === 0) return;
    await this.#database.transaction(async () => {
      await rows.writeLegs(this.#database, changed);
      for (const run of changed) await rows.writeDuration(this.#database, run);
    });
    for (const run of changed) run.changed = false;
  }

  /** Streams that were live when the process before ended: they are lost. Their figures follow, call by call. */
  async recover(): Promise<void> {
    await this.#database.transaction(() => rows.loseLiveRuns(this.#database));
  }

  /** The newest call before that one that has ended and has no figures yet. */
  async nextUnfigured(beforeKey: number): Promise<number | undefined> {
    const [call] = await this.#database.all<{ call_key: number }>(
      `SELECT call_key FROM calls WHERE metrics IS NULL AND state <> 'live' AND call_key < ?
       ORDER BY call_key DESC LIMIT 1`,
      [beforeKey],
    );
    return call?.call_key;
  }

  /** Adds up what is kept of a call that was lost. */
  async figure(callKey: number): Promise<void> {
    const database = this.#database;
    const { runs, meter } = await replayCall(database, callKey);
    await database.transaction(async () => {
      await rows.writeLegs(
        database,
        runs.map(({ runKey, opening, tallies }) => ({
          runKey,
          opening,
          figures: () => tallies.map((leg) => leg.figures()),
        })),
      );
      for (const run of runs) await rows.writeDuration(database, run);
      await rows.closeCall(database, callKey, meter.metrics());
    });
  }

  /** Forgets calls that are erased; what still comes of them is passed over. */
  forget(callIds: readonly string[], erased: ErasedCall): void {
    this.#erased = [...this.#erased.slice(-MOST_ERASED), erased];
    for (const callId of callIds) {
      this.#erasedAtMs.delete(callId);
      this.#erasedAtMs.set(callId, Date.now());
      const call = this.#calls.get(callId);
      this.#calls.delete(callId);
      for (const run of call?.runs ?? []) this.#runs.delete(run.opening.runId);
    }
    for (const callId of this.#erasedAtMs.keys()) {
      if (this.#erasedAtMs.size <= MOST_ERASED) break;
      this.#erasedAtMs.delete(callId);
    }
  }

  /** Whether a call was erased after that moment, ms since 1970: nothing of before is to come back. */
  wasErased(callId: string, sinceMs: number): boolean {
    return (this.#erasedAtMs.get(callId) ?? Number.NEGATIVE_INFINITY) >= sinceMs;
  }

  async #open(opening: StreamOpening): Promise<LiveRun | undefined> {
    const known = this.#runs.get(opening.runId);
    if (known !== undefined) {
      if (this.#unsure) await this.#lookUp(known);
      return known;
    }
    if (this.#erased.some((erased) => erased(opening))) return undefined;
    const [kept] = await this.#database.all<{ run_key: number }>('SELECT run_key FROM runs WHERE run_id = ?', [
      opening.runId,
    ]);
    // It has ended.
    if (kept !== undefined) return undefined;
    const call = this.#calls.get(opening.callId) ?? (await this.#openCall(opening.callId));
    const run = new LiveRun(this.#keys.next('runs'), opening, call);
    call.join(run);
    this.#calls.set(opening.callId, call);
    this.#runs.set(opening.runId, run);
    return run;
  }

  async #openCall(callId: string): Promise<LiveCall> {
    const [kept] = await this.#database.all<{ call_key: number; state: string; metrics: string | null }>(
      'SELECT call_key, state, metrics FROM calls WHERE call_id = ?',
      [callId],
    );
    // Its figures begin anew; those of the streams that were lost do not.
    if (kept !== undefined && kept.state !== 'live' && kept.metrics === null) await this.figure(kept.call_key);
    return new LiveCall(kept?.call_key ?? this.#keys.next('calls'), callId, kept !== undefined);
  }

  /** Batches of streams that are open. One whose opening was never written is forgotten. */
  async #known(runs: ReadonlyMap<string, RunItems>, opened: ReadonlySet<LiveRun>): Promise<readonly RunBatch[]> {
    const batches: RunBatch[] = [];
    for (const [runId, items] of runs) {
      const run = this.#runs.get(runId);
      if (run === undefined) continue;
      if (!run.stored && !opened.has(run)) await this.#lookUp(run);
      if (run.stored || opened.has(run)) batches.push({ run, items });
      else this.#drop(run);
    }
    return batches;
  }

  /** A recording is there, and missing events are counted, when their stream may have ended. */
  async #late(runs: ReadonlyMap<string, RunItems>): Promise<readonly { runKey: number; items: RunItems }[]> {
    const late: { runKey: number; items: RunItems }[] = [];
    for (const [runId, items] of runs) {
      if (this.#runs.has(runId) || (items.missing === 0 && items.recorded === undefined)) continue;
      const [kept] = await this.#database.all<{ run_key: number }>('SELECT run_key FROM runs WHERE run_id = ?', [
        runId,
      ]);
      if (kept !== undefined) late.push({ runKey: kept.run_key, items });
    }
    return late;
  }

  /** Whether a stream was written after all. */
  async #lookUp(run: LiveRun): Promise<void> {
    if (run.stored) return;
    const [kept] = await this.#database.all<{ run_key: number }>('SELECT run_key FROM runs WHERE run_key = ?', [
      run.runKey,
    ]);
    run.stored = kept !== undefined;
    if (run.stored) run.call.stored = true;
  }

  async #meter(batches: readonly RunBatch[]): Promise<void> {
    for (const { run, items } of batches) {
      await run.call.complete(this.#database);
      for (const { event } of items.events) run.call.next(run, event);
    }
    if (!this.#unsure) return;
    for (const part of parts(batches)) {
      const keys = list(part.map(({ run }) => run.runKey));
      const written = await this.#database.all<{ run_key: number; cursor: number }>(
        `SELECT run_key, MAX(last_cursor) AS cursor FROM blocks WHERE run_key IN ${keys.sql} GROUP BY run_key`,
        keys.values,
      );
      for (const { run } of part) {
        run.writtenCursor = written.find(({ run_key }) => run_key === run.runKey)?.cursor ?? -1;
      }
    }
  }

  async #write(opened: ReadonlySet<LiveRun>, batches: readonly RunBatch[]): Promise<void> {
    const database = this.#database;
    for (const run of opened) await rows.openRun(database, run);
    const fresh = batches.map(({ run, items }) => ({
      run,
      events: items.events.filter(({ event }) => event.cursor > run.writtenCursor),
    }));
    await rows.writeBlocks(database, fresh);
    await rows.writeMarks(database, fresh);
    await rows.writeAlerts(database, this.#keys, fresh);
    for (const { run, items } of batches) await this.#writeBeside(run.runKey, items);
    await this.#close(opened, batches);
  }

  async #writeBeside(runKey: number, { missing, recorded }: RunItems): Promise<void> {
    if (missing > 0) await rows.addMissing(this.#database, runKey, missing);
    if (recorded !== undefined) await rows.writeRecording(this.#database, runKey, recorded);
  }

  async #close(opened: ReadonlySet<LiveRun>, batches: readonly RunBatch[]): Promise<void> {
    const database = this.#database;
    const closed = batches.filter(({ items }) => items.closed !== undefined);
    await rows.writeLegs(
      database,
      closed.map(({ run }) => run),
    );
    for (const { run, items } of closed) await rows.closeRun(database, run, items.closed!);
    const ended = new Set(closed.map(({ run }) => run));
    const goesOn = (run: LiveRun): boolean => !ended.has(run) && (run.stored || opened.has(run));
    for (const call of new Set(closed.map(({ run }) => run.call))) {
      if ([...call.runs].some(goesOn)) continue;
      const metrics = call.streams > 1 ? (await replayCall(database, call.callKey)).meter.metrics() : call.metrics();
      await rows.closeCall(database, call.callKey, metrics);
    }
  }

  #done(opened: ReadonlySet<LiveRun>, batches: readonly RunBatch[]): void {
    this.#unsure = false;
    for (const run of opened) {
      run.stored = true;
      run.call.stored = true;
    }
    for (const { run, items } of batches) {
      run.writtenCursor = Math.max(run.writtenCursor, items.events.at(-1)?.event.cursor ?? -1);
      if (items.closed !== undefined) this.#drop(run);
    }
  }

  #drop(run: LiveRun): void {
    this.#runs.delete(run.opening.runId);
    run.call.runs.delete(run);
    if (run.call.runs.size === 0) this.#calls.delete(run.call.callId);
  }
}
