import type { TimelineEvent } from '../../protocol/index.ts';
import type { Database } from '../database/database.ts';
import { unpackEvents } from './block.ts';
import { positionOf, StreamsMeter } from './call-meter.ts';
import { LegTally } from './leg-tally.ts';
import { callStartMs, eventsOf, type OpenedRun, runsOf } from './runs.ts';

/** A stream of a call, with what its kept events add up to. */
export interface ReplayedRun extends OpenedRun {
  readonly offsetMs: number;
  readonly tallies: readonly LegTally[];
  /** Of the last event that is kept; −1 where there is none. */
  readonly lastCursor: number;
  /** As far as its events go. */
  readonly durationMs: number;
}

export interface ReplayedCall {
  readonly startedAtMs: number;
  readonly runs: readonly ReplayedRun[];
  readonly meter: StreamsMeter;
}

interface Placed {
  readonly stream: number;
  readonly atMs: number;
  readonly event: TimelineEvent;
}

/**
 * Figures of a call from what is kept of it, its streams merged in order of time.
 *
 * @param opened streams of it that may not be kept yet
 */
export async function replayCall(
  database: Database,
  callKey: number,
  opened: readonly OpenedRun[] = [],
): Promise<ReplayedCall> {
  const kept = await runsOf(database, [callKey]);
  const waiting = opened.filter(({ runKey }) => kept.every((run) => run.runKey !== runKey));
  const runs = [...kept, ...waiting].sort(byStart);
  const startedAtMs = callStartMs(runs);
  const offsets = runs.map(({ opening }) => opening.startedAtMs - startedAtMs);
  const meter = new StreamsMeter(runs.map(({ opening }, stream) => ({ ...opening, offsetMs: offsets[stream]! })));
  // A long call has more events than a function takes arguments.
  let placed: readonly Placed[] = [];
  const replayed: ReplayedRun[] = [];
  for (const [stream, { runKey, opening }] of runs.entries()) {
    const events = await parsedEvents(database, runKey);
    placed = placed.concat(inTime(events, stream, offsets[stream]!));
    const tallies = opening.channels.map(() => new LegTally());
    for (const event of events) tally(tallies, event);
    const lastCursor = events.at(-1)?.cursor ?? -1;
    const durationMs = events.reduce((latest, event) => Math.max(latest, positionOf(event) ?? 0), 0);
    replayed.push({ runKey, opening, offsetMs: offsets[stream]!, tallies, lastCursor, durationMs });
  }
  // Stable: events of one stream stay in their order.
  const inOrder = runs.length > 1 ? [...placed].sort((a, b) => a.atMs - b.atMs) : placed;
  for (const { stream, event } of inOrder) meter.next(stream, event);
  return { startedAtMs, runs: replayed, meter };
}

const byStart = (a: OpenedRun, b: OpenedRun): number =>
  a.opening.startedAtMs - b.opening.startedAtMs || a.runKey - b.runKey;

/** Adds an event to the figures of its stream's legs. */
export function tally(tallies: readonly LegTally[], event: TimelineEvent): void {
  if (event.type === 'window') tallies[event.channel]?.window(event);
  else if (event.type === 'turn') tallies[event.channel]?.turn();
  else if (event.type === 'ended') for (const summary of event.channels) tallies[summary.channel]?.ended(summary);
}

async function parsedEvents(database: Database, runKey: number): Promise<readonly TimelineEvent[]> {
  const blocks = await eventsOf(database, runKey);
  return blocks.flatMap((block) => unpackEvents(block).map((text): TimelineEvent => JSON.parse(text)));
}

/** An event is not before the one that it follows. */
function inTime(events: readonly TimelineEvent[], stream: number, offsetMs: number): readonly Placed[] {
  let atMs = offsetMs;
  return events.map((event) => {
    atMs = Math.max(atMs, offsetMs + (positionOf(event) ?? 0));
    return { stream, atMs, event };
  });
}
