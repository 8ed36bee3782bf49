import type { CallDetail, CallMetrics, CallStream, CallSummary } from '../../protocol/index.ts';
import type { Database } from '../database/database.ts';
import type { LiveCall } from '../intake/live-calls.ts';
import { replayCall } from '../intake/replay.ts';
import { callStartMs, type Run, runsOf } from '../intake/runs.ts';
import { alertsOf } from './alerts.ts';
import { analysesOf } from './analyses.ts';
import { correctionsOf } from './corrections.ts';
import type { CallRow } from './summaries.ts';

/** Everything that is kept of a call but its timeline. */
export async function detailOf(
  database: Database,
  call: CallRow,
  summary: CallSummary,
  live: LiveCall | undefined,
): Promise<CallDetail> {
  const runs = await runsOf(database, [call.call_key]);
  const startMs = callStartMs(runs);
  return {
    ...summary,
    streams: runs.map((run) => streamOf(run, startMs, live)),
    metrics: await metricsOf(database, call, live),
    allAlerts: await alertsOf(database, call.call_key),
    marks: await marksOf(database, runs, startMs),
    corrections: await correctionsOf(database, call.call_id),
    analyses: await analysesOf(database, call.call_key),
  };
}

async function metricsOf(database: Database, call: CallRow, live: LiveCall | undefined): Promise<CallMetrics> {
  await live?.complete(database);
  const now = live?.metrics();
  if (now !== undefined) return now;
  if (call.metrics !== null) return JSON.parse(call.metrics);
  const { meter } = await replayCall(database, call.call_key);
  return meter.metrics();
}

function streamOf(run: Run, startMs: number, live: LiveCall | undefined): CallStream {
  const { streamId, startedAtMs, model, analysis, channels } = run.opening;
  const liveRun = [...(live?.runs ?? [])].find(({ runKey }) => runKey === run.runKey);
  return {
    streamId,
    startedAt: new Date(startedAtMs).toISOString(),
    offsetMs: startedAtMs - startMs,
    durationMs: liveRun?.durationMs ?? run.durationMs,
    endReason: run.endReason,
    model,
    analysis,
    channels,
  };
}

async function marksOf(database: Database, runs: readonly Run[], startMs: number): Promise<CallDetail['marks']> {
  const marks: { readonly name: string; readonly atMs: number }[] = [];
  for (const { runKey, opening } of runs) {
    const rows = await database.all<{ name: string; position_ms: number }>(
      'SELECT name, position_ms FROM marks WHERE run_key = ? ORDER BY cursor_at',
      [runKey],
    );
    const offsetMs = opening.startedAtMs - startMs;
    marks.push(...rows.map(({ name, position_ms }) => ({ name, atMs: position_ms + offsetMs })));
  }
  return marks.sort((a, b) => a.atMs - b.atMs);
}
