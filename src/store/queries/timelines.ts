import type { Database } from '../database/database.ts';
import { unpackEvents } from '../intake/block.ts';
import { callStartMs, eventsOf, runsOf } from '../intake/runs.ts';
import type { KeptTimeline } from '../store.ts';
import { analysedEvents } from './analyses.ts';

/** Streams of a call in the order of their start; those that another analysis has, with its model. */
export async function timelinesOf(
  database: Database,
  callKey: number,
  analysisId?: string,
): Promise<readonly KeptTimeline[]> {
  const runs = await runsOf(database, [callKey]);
  const analysis = analysisId === undefined ? undefined : await analysedEvents(database, callKey, analysisId);
  if (analysisId !== undefined && analysis === undefined) return [];
  const startMs = callStartMs(runs);
  const timelines: KeptTimeline[] = [];
  for (const { runKey, opening } of runs) {
    const offsetMs = opening.startedAtMs - startMs;
    if (analysis === undefined) {
      const blocks = await eventsOf(database, runKey);
      timelines.push({ stream: opening, offsetMs, events: blocks.flatMap(unpackEvents) });
      continue;
    }
    const events = analysis.streams.get(opening.streamId);
    if (events !== undefined) timelines.push({ stream: { ...opening, model: analysis.model }, offsetMs, events });
  }
  return timelines;
}
