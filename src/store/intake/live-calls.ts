import type { CallMetrics, TimelineEvent } from '../../protocol/index.ts';
import type { Database } from '../database/database.ts';
import type { StreamOpening } from '../store.ts';
import { positionOf, StreamsMeter } from './call-meter.ts';
import { type LegFigures, LegTally } from './leg-tally.ts';
import { replayCall, tally } from './replay.ts';
import type { OpenedRun } from './runs.ts';

/** A stream that goes on. */
export class LiveRun implements OpenedRun {
  readonly runKey: number;
  readonly opening: StreamOpening;
  readonly call: LiveCall;
  tallies: readonly LegTally[];
  durationMs = 0;
  /** Of the last event that is in the figures, and of the last that is in the database. */
  meteredCursor = -1;
  writtenCursor = -1;
  /** Whether its row is in the database. */
  stored = false;
  /** Whether its figures have changed since they were last written. */
  changed = false;

  constructor(runKey: number, opening: StreamOpening, call: LiveCall) {
    this.runKey = runKey;
    this.opening = opening;
    this.call = call;
    this.tallies = opening.channels.map(() => new LegTally());
  }

  figures(): readonly LegFigures[] {
    return this.tallies.map((leg) => leg.figures());
  }
}

/** A call with at least one stream that goes on. */
export class LiveCall {
  readonly callKey: number;
  readonly callId: string;
  /** Whether its row is in the database. */
  stored: boolean;
  readonly runs = new Set<LiveRun>();
  /** Nothing until its figures have been added up. */
  #meter: StreamsMeter | undefined;
  /** Numbers of the streams in the meter, by run key. */
  #streams: ReadonlyMap<number, number> = new Map();

  constructor(callKey: number, callId: string, stored: boolean) {
    this.callKey = callKey;
    this.callId = callId;
    this.stored = stored;
  }

  metrics(): CallMetrics | undefined {
    return this.#meter?.metrics();
  }

  /** Streams in the figures, those that have ended included. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Another stream joins it: its figures begin anew. */
  join(run: LiveRun): void {
    const alone = !this.stored && this.runs.size === 0;
    this.runs.add(run);
    this.#meter = alone ? new StreamsMeter([{ ...run.opening, offsetMs: 0 }]) : undefined;
    this.#streams = new Map(alone ? [[run.runKey, 0]] : []);
  }

  /** Adds up what is kept, where that has not been done. */
  async complete(database: Database): Promise<void> {
    if (this.#meter !== undefined) return;
    const { runs, meter } = await replayCall(database, this.callKey, [...this.runs]);
    this.#meter = meter;
    this.#streams = new Map(runs.map(({ runKey }, stream) => [runKey, stream]));
    for (const run of this.runs) {
      const { tallies, lastCursor, durationMs } = runs.find(({ runKey }) => runKey === run.runKey)!;
      Object.assign(run, { tallies, durationMs, meteredCursor: lastCursor, writtenCursor: lastCursor });
    }
  }

  /** Adds an event of one of its streams to the figures; one that is in them already changes nothing. */
  next(run: LiveRun, event: TimelineEvent): void {
    if (event.cursor <= run.meteredCursor) return;
    run.meteredCursor = event.cursor;
    run.changed = true;
    run.durationMs = Math.max(run.durationMs, positionOf(event) ?? 0);
    const stream = this.#streams.get(run.runKey);
    if ('channel' in event && event.channel !== undefined && event.channel >= run.opening.channels.length) return;
    if (stream !== undefined) this.#meter?.next(stream, event);
    tally(run.tallies, event);
  }
}
