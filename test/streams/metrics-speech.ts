import type { Stretch } from '../../src/protocol/index.ts';
import type { MeteredEvent, MeteredWindow } from '../../src/streams/metrics/index.ts';
import { TurnDetector } from '../../src/streams/turns.ts';
import { turnAt, windowAt } from './metrics-events.ts';

const HOP_MS = 10;
export const STEP_MS = 500;
const WINDOW_HOPS = 300;

/** Events of one channel whose hops hold speech or not, as the pipeline would give them. */
export function eventsOfHops(channel: number, hops: readonly boolean[], withOpenTurn: boolean): MeteredEvent[] {
  const detector = new TurnDetector();
  const events: MeteredEvent[] = [];
  // What the detector knows inside: since when, how much, and until when.
  let open = { startMs: 0, speechMs: 0, endMs: 0 };
  hops.forEach((speech, hop) => {
    const endMs = (hop + 1) * HOP_MS;
    if (speech && !detector.open) open = { startMs: endMs - HOP_MS, speechMs: 0, endMs };
    if (speech) open = { ...open, speechMs: open.speechMs + HOP_MS, endMs };
    const turn = detector.push(speech, endMs);
    if (turn !== undefined) events.push(turnAt(channel, turn.startMs, turn.endMs));
    if (endMs % STEP_MS !== 0) return;
    const inWindow = hops.slice(Math.max(0, hop + 1 - WINDOW_HOPS), hop + 1);
    const isOpen = detector.open && open.speechMs >= 200;
    const change: Partial<MeteredWindow> = {
      // As the wire rounds it.
      speechRatio: Math.round((inWindow.filter(Boolean).length / inWindow.length) * 10_000) / 10_000,
      ...(withOpenTurn && { openTurn: isOpen ? { startMs: open.startMs, endMs: open.endMs } : null }),
    };
    events.push(windowAt(channel, endMs, 'neutral', change));
  });
  const last = detector.end();
  if (last !== undefined) events.push(turnAt(channel, last.startMs, last.endMs));
  return events;
}

/** Where an event stands in its stream: a turn is told 700 ms after its end. */
export const toldAtMs = (event: MeteredEvent, durationMs: number): number => {
  if (event.type === 'window') return event.endMs;
  return event.type === 'turn' ? Math.min(event.endMs + 700, durationMs) : durationMs;
};

/** The figures of a conversation from flags of 10 ms, one row per channel: the plain way. */
export function countByGrid(turns: readonly (readonly Stretch[])[], durationMs: number) {
  const cells = durationMs / HOP_MS;
  const speaks = turns.map((stretches) => {
    const row = new Array<boolean>(cells).fill(false);
    for (const { startMs, endMs } of stretches) row.fill(true, startMs / HOP_MS, endMs / HOP_MS);
    return row;
  });
  const at = (cell: number): number => speaks.filter((row) => row[cell]).length;
  const counts = Array.from({ length: cells }, (_, cell) => at(cell));
  return {
    talkMs: counts.filter((count) => count > 0).length * HOP_MS,
    overtalkMs: counts.filter((count) => count > 1).length * HOP_MS,
    overtalks: counts.filter((count, cell) => count > 1 && !((counts[cell - 1] ?? 0) > 1)).length,
    longestSilenceMs: longestRun(counts.map((count) => count === 0)) * HOP_MS,
    sides: speaks.map((row, index) => ({
      talkMs: row.filter(Boolean).length * HOP_MS,
      turns: turns[index]!.length,
      longestSilenceMs: longestRun(row.map((speech) => !speech)) * HOP_MS,
      ...overlapsOf(turns, index),
      answersMs: answersOf(turns, index),
    })),
  };
}

function longestRun(flags: readonly boolean[]): number {
  let longest = 0;
  let run = 0;
  for (const flag of flags) {
    run = flag ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

function overlapsOf(turns: readonly (readonly Stretch[])[], index: number) {
  let overlaps = 0;
  let interruptions = 0;
  for (const turn of turns[index]!) {
    const others = turns
      .filter((_, other) => other !== index)
      .flat()
      .filter((other) => other.startMs < turn.startMs && other.endMs > turn.startMs);
    if (others.length === 0) continue;
    overlaps += 1;
    const endMs = Math.max(...others.map((other) => other.endMs));
    if (turn.endMs > endMs && endMs - turn.startMs >= 500) interruptions += 1;
  }
  return { overlaps, interruptions };
}

/** For each turn that begins while nobody speaks: was the one before of another, and how long ago? */
function answersOf(turns: readonly (readonly Stretch[])[], index: number): number[] {
  const all = turns.flatMap((stretches, channel) => stretches.map((stretch) => ({ ...stretch, channel })));
  return turns[index]!.flatMap((turn) => {
    if (all.some((other) => other.startMs < turn.startMs && other.endMs > turn.startMs)) return [];
    const before = all.filter((other) => other.endMs <= turn.startMs);
    const endMs = Math.max(...before.map((other) => other.endMs));
    const last = before.filter((other) => other.endMs === endMs);
    return last.length > 0 && last.every(({ channel }) => channel !== index) ? [turn.startMs - endMs] : [];
  });
}
