import { UndertoneError } from '../../errors.ts';
import type { AlertAction, AlertEvidence, AlertHandling, AlertSeverity, CallAlert } from '../../protocol/index.ts';
import { type Database, grouped, list, parts } from '../database/database.ts';

/** How an alert stands after what was done with it. */
export type HandledAlert = Pick<CallAlert, 'takenBy' | 'acknowledged' | 'wrong' | 'snoozedUntil'>;

export const UNHANDLED: HandledAlert = { takenBy: null, acknowledged: false, wrong: false, snoozedUntil: null };

/**
 * What one action does: whoever takes an alert has it until it is released or another takes it; `reopen` undoes
 * acknowledging, snoozing and marking as wrong.
 */
export function handled(alert: HandledAlert, { action, by, until }: AlertHandling): HandledAlert {
  const { takenBy, acknowledged, wrong, snoozedUntil } = alert;
  const now = { takenBy, acknowledged, wrong, snoozedUntil };
  const changes: Readonly<Record<AlertAction, Partial<HandledAlert>>> = {
    acknowledge: { acknowledged: true },
    snooze: { snoozedUntil: until ?? null },
    take: { takenBy: by },
    release: { takenBy: null },
    'mark-wrong': { wrong: true },
    reopen: { acknowledged: false, wrong: false, snoozedUntil: null },
  };
  return { ...now, ...changes[action] };
}

interface AlertRow {
  readonly alert_key: number;
  readonly alert_id: string;
  readonly run_key: number;
  readonly stream_id: string;
  readonly call_id: string;
  readonly rule: string;
  readonly severity: AlertSeverity;
  readonly position_ms: number;
  readonly since_ms: number;
  readonly raised_at_ms: number;
  readonly cleared_ms: number | null;
  readonly cause: CallAlert['cause'] | null;
  readonly evidence: string;
  readonly offset_ms: number;
}

interface HandlingRow {
  readonly alert_key: number;
  readonly action: AlertAction;
  readonly by_name: string;
  readonly at: string;
  readonly until: string | null;
  readonly note: string | null;
}

/** Positions are moved to the call's time: by what the stream started later than the first one. */
const SELECT = `SELECT a.*, r.stream_id, c.call_id,
  r.started_at_ms - (SELECT MIN(f.started_at_ms) FROM runs f WHERE f.call_key = r.call_key) AS offset_ms
  FROM alerts a JOIN runs r ON r.run_key = a.run_key JOIN calls c ON c.call_key = r.call_key`;

/** Of a call, in the order in which they were raised. */
export async function alertsOf(database: Database, callKey: number): Promise<readonly CallAlert[]> {
  const rows = await database.all<AlertRow>(`${SELECT} WHERE r.call_key = ?`, [callKey]);
  const alerts = await withHandling(database, rows);
  return [...alerts].sort((a, b) => a.atMs - b.atMs);
}

export async function findAlert(database: Database, alertId: string): Promise<CallAlert | undefined> {
  const rows = await database.all<AlertRow>(`${SELECT} WHERE a.alert_id = ?`, [alertId]);
  const [alert] = await withHandling(database, rows);
  return alert;
}

/** Tells, too, whether it had been done already. @throws UndertoneError `not-found` */
export async function handleAlert(
  database: Database,
  alertId: string,
  handling: AlertHandling,
): Promise<{ readonly alert: CallAlert; readonly again: boolean }> {
  const [row] = await database.all<AlertRow>(`${SELECT} WHERE a.alert_id = ?`, [alertId]);
  if (row === undefined) throw new UndertoneError('not-found', { path: `/v1/alerts/${alertId}` });
  const [last] = await database.all<HandlingRow & { readonly place: number }>(
    'SELECT * FROM handling WHERE alert_key = ? ORDER BY place DESC LIMIT 1',
    [row.alert_key],
  );
  const { action, by, at, until, note } = handling;
  const again = last?.action === action && last.by_name === by && last.at === at;
  if (!again) {
    await database.run(
      'INSERT INTO handling (alert_key, place, action, by_name, at, until, note) VALUES (?, ?, ?, ?, ?, ?, ?)',
      [row.alert_key, (last?.place ?? 0) + 1, action, by, at, until ?? null, note ?? null],
    );
  }
  const [alert] = await withHandling(database, [row]);
  return { alert: alert!, again };
}

async function withHandling(database: Database, rows: readonly AlertRow[]): Promise<readonly CallAlert[]> {
  const handling: HandlingRow[] = [];
  for (const part of parts(rows)) {
    const keys = list(part.map(({ alert_key }) => alert_key));
    handling.push(
      ...(await database.all<HandlingRow>(
        `SELECT * FROM handling WHERE alert_key IN ${keys.sql} ORDER BY alert_key, place`,
        keys.values,
      )),
    );
  }
  const byAlert = grouped(handling, ({ alert_key }) => alert_key);
  return rows.map((row) => alertOf(row, (byAlert.get(row.alert_key) ?? []).map(handlingOf)));
}

function alertOf(row: AlertRow, handling: readonly AlertHandling[]): CallAlert {
  const evidence: readonly AlertEvidence[] = JSON.parse(row.evidence);
  return {
    alertId: row.alert_id,
    callId: row.call_id,
    streamId: row.stream_id,
    rule: row.rule,
    severity: row.severity,
    atMs: row.position_ms + row.offset_ms,
    sinceMs: row.since_ms + row.offset_ms,
    raisedAt: new Date(row.raised_at_ms).toISOString(),
    clearedMs: row.cleared_ms === null ? null : row.cleared_ms + row.offset_ms,
    ...(row.cause !== null && row.cause !== undefined && { cause: row.cause }),
    evidence,
    handling,
    ...handling.reduce(handled, UNHANDLED),
  };
}

const handlingOf = ({ action, by_name, at, until, note }: HandlingRow): AlertHandling => ({
  action,
  by: by_name,
  at,
  ...(until !== null && { until }),
  ...(note !== null && { note }),
});
