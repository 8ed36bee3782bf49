import {
  ALERT_SEVERITIES,
  type AlertSeverity,
  type CallState,
  type CallSummary,
  type LegSummary,
  type Metadata,
} from '../../protocol/index.ts';
import { type Database, grouped, list, parts } from '../database/database.ts';
import type { LegFigures } from '../intake/leg-tally.ts';
import type { LiveCall } from '../intake/live-calls.ts';
import { callStartMs, type Run, runsOf } from '../intake/runs.ts';

export interface CallRow {
  readonly call_key: number;
  readonly call_id: string;
  readonly state: CallState;
  readonly started_at_ms: number;
  readonly ended_at_ms: number | null;
  readonly metrics: string | null;
}

interface LegRow {
  readonly run_key: number;
  readonly channel: number;
  readonly figures: string;
}

interface AlertRow {
  readonly call_key: number;
  readonly rule: string;
  readonly severity: AlertSeverity;
  readonly cleared_ms: number | null;
}

/** How calls stand, in the order of their rows; those that go on with the figures of this moment. */
export async function summariesOf(
  database: Database,
  calls: readonly CallRow[],
  liveCall: (callId: string) => LiveCall | undefined,
): Promise<readonly CallSummary[]> {
  const keys = calls.map(({ call_key }) => call_key);
  const runs = grouped(await runsOf(database, keys), ({ callKey }) => callKey);
  const legs = grouped(
    await perCall<LegRow>(
      database,
      keys,
      (of) =>
        `SELECT l.run_key, l.channel, l.figures FROM legs l JOIN runs r ON r.run_key = l.run_key
         WHERE r.call_key IN ${of} ORDER BY l.run_key, l.channel`,
    ),
    ({ run_key }) => run_key,
  );
  const alerts = grouped(
    await perCall<AlertRow>(
      database,
      keys,
      (of) =>
        `SELECT r.call_key, a.rule, a.severity, a.cleared_ms FROM alerts a JOIN runs r ON r.run_key = a.run_key
         WHERE r.call_key IN ${of} ORDER BY a.alert_key`,
    ),
    ({ call_key }) => call_key,
  );
  const recorded = new Set(
    (
      await perCall<{ call_key: number }>(
        database,
        keys,
        (of) =>
          `SELECT DISTINCT r.call_key FROM recordings f JOIN runs r ON r.run_key = f.run_key WHERE r.call_key IN ${of}`,
      )
    ).map(({ call_key }) => call_key),
  );
  return calls.map((call) =>
    summaryOf(call, {
      runs: runs.get(call.call_key) ?? [],
      legs,
      alerts: alerts.get(call.call_key) ?? [],
      recorded: recorded.has(call.call_key),
      live: liveCall(call.call_id),
    }),
  );
}

/** Rows of so many calls that their keys do not fit in one statement. */
async function perCall<Row>(
  database: Database,
  callKeys: readonly number[],
  sql: (keys: string) => string,
): Promise<readonly Row[]> {
  const rows: (readonly Row[])[] = [];
  for (const part of parts(callKeys)) {
    const keys = list(part);
    rows.push(await database.all<Row>(sql(keys.sql), keys.values));
  }
  return rows.flat();
}

interface Related {
  readonly runs: readonly Run[];
  /** By run key. */
  readonly legs: ReadonlyMap<number, readonly LegRow[]>;
  readonly alerts: readonly AlertRow[];
  readonly recorded: boolean;
  readonly live: LiveCall | undefined;
}

function summaryOf(call: CallRow, { runs, legs, alerts, recorded, live }: Related): CallSummary {
  const startMs = callStartMs(runs);
  const liveRuns = new Map([...(live?.runs ?? [])].map((run) => [run.runKey, run]));
  const summaries = runs.flatMap((run) => {
    const kept = (legs.get(run.runKey) ?? []).map(({ figures }): LegFigures => JSON.parse(figures));
    const figures = liveRuns.get(run.runKey)?.figures() ?? kept;
    return run.opening.channels.flatMap((_, channel) => {
      const of = figures[channel];
      return of === undefined ? [] : [legOf(run, channel, of, run.opening.startedAtMs - startMs)];
    });
  });
  return {
    callId: call.call_id,
    state: call.state,
    startedAt: new Date(startMs).toISOString(),
    endedAt: call.ended_at_ms === null ? null : new Date(call.ended_at_ms).toISOString(),
    durationMs: Math.max(
      0,
      ...runs.map(
        (run) => run.opening.startedAtMs - startMs + (liveRuns.get(run.runKey)?.durationMs ?? run.durationMs),
      ),
    ),
    legs: summaries,
    alerts: {
      raised: alerts.length,
      // An alert of a call that was lost is never cleared, and yet nobody can see to it.
      open: call.state === 'live' ? alerts.filter(({ cleared_ms }) => cleared_ms === null).length : 0,
      highest: ALERT_SEVERITIES.findLast((severity) => alerts.some((alert) => alert.severity === severity)) ?? null,
      rules: [...new Set(alerts.map(({ rule }) => rule))],
    },
    metadata: metadataOf(runs),
    recorded,
    missingEvents: runs.reduce((sum, { missingEvents }) => sum + missingEvents, 0),
  };
}

function legOf(run: Run, channel: number, figures: LegFigures, offsetMs: number): LegSummary {
  const { speechMs, turns, shares, coverage, arousal, valence, lowest } = figures;
  return {
    ...run.opening.channels[channel]!,
    streamId: run.opening.streamId,
    channel,
    speechMs,
    turns,
    shares,
    coverage,
    arousal,
    valence,
    lowest: lowest && { ...lowest, startMs: lowest.startMs + offsetMs },
  };
}

/** Of all streams; where they differ, what the first of them said. */
const metadataOf = (runs: readonly Run[]): Metadata =>
  Object.assign({}, ...[...runs].reverse().map(({ opening }) => opening.metadata));
