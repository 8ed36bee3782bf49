import type { AlertEvent, CallMetrics, EndReason, MarkEvent } from '../../protocol/index.ts';
import { type Database, folded, insertRows, lookupHash, parts } from '../database/database.ts';
import { packEvents } from './block.ts';
import type { Keys } from './keys.ts';
import type { LegFigures } from './leg-tally.ts';
import type { ParsedEvent } from './parsed-batch.ts';
import { type OpenedRun, settingsOf } from './runs.ts';

/** Events of one block at most. */
const MOST_EVENTS = 128;

interface RunEvents {
  readonly run: OpenedRun;
  readonly events: readonly ParsedEvent[];
}

export async function openRun(
  database: Database,
  { runKey, opening, call }: OpenedRun & { readonly call: { readonly callKey: number } },
): Promise<void> {
  const { callKey } = call;
  const { callId, startedAtMs } = opening;
  await database.run(
    `INSERT INTO calls (call_key, call_id, folded_id, state, started_at_ms) VALUES (?, ?, ?, 'live', ?)
     ON CONFLICT (call_id) DO NOTHING`,
    [callKey, callId, folded(callId), startedAtMs],
  );
  await database.run(
    `UPDATE calls SET state = 'live', ended_at_ms = NULL, metrics = NULL,
     started_at_ms = CASE WHEN started_at_ms > ? THEN ? ELSE started_at_ms END WHERE call_key = ?`,
    [startedAtMs, startedAtMs, callKey],
  );
  await database.run(
    `INSERT INTO runs (run_key, run_id, call_key, stream_id, state, started_at_ms, duration_ms, settings, missing_events)
     VALUES (?, ?, ?, ?, 'live', ?, 0, ?, 0)`,
    [runKey, opening.runId, callKey, opening.streamId, startedAtMs, settingsOf(opening)],
  );
  await insertRows(
    database,
    'INSERT INTO metadata (call_key, run_key, place, name, value, folded_value, lookup)',
    Object.entries(opening.metadata).map(([name, value], place) => {
      const text = String(value);
      return [callKey, runKey, place, name, text, folded(text), lookupHash(name, text)];
    }),
  );
}

export async function writeBlocks(database: Database, runs: readonly RunEvents[]): Promise<void> {
  const blocks = runs.flatMap(({ run, events }) =>
    parts(events, MOST_EVENTS).map((part) => {
      const { codec, body } = packEvents(part.map(({ bytes }) => bytes));
      const last = part.at(-1)!;
      return [run.runKey, last.event.cursor, Math.round(last.atMs), codec, body];
    }),
  );
  await insertRows(database, 'INSERT INTO blocks (run_key, last_cursor, at_ms, codec, body)', blocks);
}

export async function writeMarks(database: Database, runs: readonly RunEvents[]): Promise<void> {
  const marks = runs.flatMap(({ run, events }) =>
    events
      .map(({ event }) => event)
      .filter((event): event is MarkEvent => event.type === 'mark')
      .map(({ cursor, name, atMs }) => [run.runKey, cursor, name, atMs]),
  );
  await insertRows(database, 'INSERT INTO marks (run_key, cursor_at, name, position_ms)', marks);
}

export async function writeAlerts(database: Database, keys: Keys, runs: readonly RunEvents[]): Promise<void> {
  for (const { run, events } of runs) {
    for (const { event, atMs } of events) {
      if (event.type !== 'alert') continue;
      if (event.state === 'raised') await raiseAlert(database, keys.next('alerts'), run, event, atMs);
      else await clearAlert(database, run, event);
    }
  }
}

async function raiseAlert(
  database: Database,
  alertKey: number,
  { runKey, opening }: OpenedRun,
  alert: AlertEvent,
  atMs: number,
): Promise<void> {
  const alertId = `${opening.streamId}:${alert.cursor}`;
  // A stream id that comes again takes the name; the alert before gets one that says which it is.
  await database.run(`UPDATE alerts SET alert_id = alert_id || ':' || CAST(alert_key AS TEXT) WHERE alert_id = ?`, [
    alertId,
  ]);
  await database.run(
    `INSERT INTO alerts (alert_key, alert_id, run_key, rule, severity, position_ms, since_ms, raised_at_ms, evidence)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      alertKey,
      alertId,
      runKey,
      alert.rule,
      alert.severity,
      alert.atMs,
      alert.sinceMs,
      Math.round(atMs),
      JSON.stringify(alert.evidence),
    ],
  );
}

async function clearAlert(database: Database, { runKey }: OpenedRun, alert: AlertEvent): Promise<void> {
  await database.run(
    `UPDATE alerts SET cleared_ms = ?, cause = ? WHERE alert_key =
     (SELECT MAX(alert_key) FROM alerts WHERE run_key = ? AND rule = ? AND cleared_ms IS NULL)`,
    [alert.atMs, alert.cause ?? null, runKey, alert.rule],
  );
}

export async function addMissing(database: Database, runKey: number, events: number): Promise<void> {
  await database.run('UPDATE runs SET missing_events = missing_events + ? WHERE run_key = ?', [events, runKey]);
}

export async function writeRecording(
  database: Database,
  runKey: number,
  { file, bytes }: { readonly file: string; readonly bytes: number },
): Promise<void> {
  await database.run(
    `INSERT INTO recordings (run_key, file, bytes) VALUES (?, ?, ?)
     ON CONFLICT (run_key) DO UPDATE SET file = excluded.file, bytes = excluded.bytes`,
    [runKey, file, bytes],
  );
}

/** Figures of legs as they stand. */
export async function writeLegs(
  database: Database,
  runs: readonly (OpenedRun & { figures(): readonly LegFigures[] })[],
): Promise<void> {
  const legs = runs.flatMap((run) => {
    const figures = run.figures();
    return run.opening.channels.map(({ role }, channel) => ({
      runKey: run.runKey,
      channel,
      role,
      figures: figures[channel]!,
    }));
  });
  await insertRows(
    database,
    'INSERT INTO legs (run_key, channel, role, figures)',
    legs.map(({ runKey, channel, role, figures }) => [runKey, channel, role, JSON.stringify(figures)]),
    'ON CONFLICT (run_key, channel) DO UPDATE SET figures = excluded.figures',
  );
  await insertRows(
    database,
    'INSERT INTO leg_emotions (run_key, channel, emotion, share, labelled_ms)',
    legs.flatMap(({ runKey, channel, figures: { shares, labelledMs } }) =>
      Object.entries(shares).map(([emotion, share]) => [
        runKey,
        channel,
        emotion,
        share,
        labelledMs[emotion as keyof typeof labelledMs] ?? 0,
      ]),
    ),
    'ON CONFLICT (run_key, channel, emotion) DO UPDATE SET share = excluded.share, labelled_ms = excluded.labelled_ms',
  );
}

export async function writeDuration(
  database: Database,
  { runKey, durationMs }: { readonly runKey: number; readonly durationMs: number },
): Promise<void> {
  await database.run('UPDATE runs SET duration_ms = ? WHERE run_key = ?', [durationMs, runKey]);
}

export async function closeRun(
  database: Database,
  { runKey, durationMs }: { readonly runKey: number; readonly durationMs: number },
  { reason, atMs }: { readonly reason: EndReason; readonly atMs: number },
): Promise<void> {
  await database.run(
    `UPDATE runs SET state = 'ended', end_reason = ?, ended_at_ms = ?, duration_ms = ? WHERE run_key = ?`,
    [reason, Math.round(atMs), durationMs, runKey],
  );
}

/** Streams that nobody ended, and their calls: they were over when the last was heard of them. */
export async function loseLiveRuns(database: Database): Promise<void> {
  await database.run(
    `UPDATE runs SET state = 'lost', ended_at_ms = COALESCE(
       (SELECT MAX(at_ms) FROM blocks WHERE blocks.run_key = runs.run_key), started_at_ms)
     WHERE state = 'live'`,
  );
  await database.run(
    `UPDATE calls SET state = 'lost', metrics = NULL,
       ended_at_ms = (SELECT MAX(ended_at_ms) FROM runs WHERE runs.call_key = calls.call_key)
     WHERE state = 'live'`,
  );
}

/** A call none of whose streams goes on. */
export async function closeCall(database: Database, callKey: number, metrics: CallMetrics | undefined): Promise<void> {
  await database.run(
    `UPDATE calls SET metrics = ?,
       ended_at_ms = (SELECT MAX(ended_at_ms) FROM runs WHERE runs.call_key = calls.call_key),
       state = CASE WHEN EXISTS (SELECT 1 FROM runs WHERE runs.call_key = calls.call_key AND state = 'lost')
         THEN 'lost' ELSE 'ended' END
     WHERE call_key = ?`,
    [metrics === undefined ? null : JSON.stringify(metrics), callKey],
  );
}
