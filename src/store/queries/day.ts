import type { Emotion } from '../../emotions.ts';
import { type DayHeat, ROLES, type Role } from '../../protocol/index.ts';
import { type Database, list } from '../database/database.ts';
import { invalid } from './call-filter.ts';

const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;
const HOURS = 24;
/** The furthest that clocks are from Greenwich, minutes. */
const MOST_OFFSET = 14 * 60;

interface HourRow {
  readonly hour: number;
  readonly amount: number;
}

/**
 * A day by the hour in which calls started.
 *
 * @param date `YYYY-MM-DD`
 * @param utcOffsetMinutes east of Greenwich
 * @param roles the shares are of legs of these
 * @throws UndertoneError `invalid-query`
 */
export async function dayOf(
  database: Database,
  date: string,
  utcOffsetMinutes: number,
  roles: readonly Role[] = ROLES,
): Promise<DayHeat> {
  const fromMs = beginningOf(date, utcOffsetMinutes);
  const values = [fromMs, fromMs, fromMs + HOURS * MS_PER_HOUR];
  const hourOf = `(c.started_at_ms - CAST(? AS BIGINT)) / ${MS_PER_HOUR}`;
  const started = 'c.started_at_ms >= ? AND c.started_at_ms < ?';
  const among = list(roles);
  const calls = await database.all<HourRow>(
    `SELECT ${hourOf} AS hour, COUNT(*) AS amount FROM calls c WHERE ${started} GROUP BY 1`,
    values,
  );
  const alerts = await database.all<HourRow>(
    `SELECT ${hourOf} AS hour, COUNT(*) AS amount FROM calls c JOIN runs r ON r.call_key = c.call_key
     JOIN alerts a ON a.run_key = r.run_key WHERE ${started} GROUP BY 1`,
    values,
  );
  const labelled = await database.all<HourRow & { emotion: Emotion }>(
    `SELECT ${hourOf} AS hour, e.emotion, SUM(e.labelled_ms) AS amount FROM calls c JOIN runs r ON r.call_key = c.call_key
     JOIN legs l ON l.run_key = r.run_key
     JOIN leg_emotions e ON e.run_key = l.run_key AND e.channel = l.channel
     WHERE ${started} AND l.role IN ${among.sql} GROUP BY 1, 2 ORDER BY 2`,
    [...values, ...among.values],
  );
  const of = (rows: readonly HourRow[], hour: number): number => rows.find((row) => row.hour === hour)?.amount ?? 0;
  const hours = Array.from({ length: HOURS }, (_, hour) => {
    const felt = labelled.filter((row) => row.hour === hour && row.amount > 0);
    const labelledMs = felt.reduce((sum, { amount }) => sum + amount, 0);
    const shares = Object.fromEntries(felt.map(({ emotion, amount }) => [emotion, amount / labelledMs]));
    return { calls: of(calls, hour), alerts: of(alerts, hour), shares };
  });
  return { date, hours };
}

function beginningOf(date: string, utcOffsetMinutes: number): number {
  if (!(Math.abs(utcOffsetMinutes) <= MOST_OFFSET)) throw invalid('utcOffsetMinutes must be from -840 to 840');
  const utcMs = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(utcMs) || new Date(utcMs).toISOString().slice(0, 10) !== date) {
    throw invalid('date must be a day such as 2026-11-24');
  }
  return utcMs - Math.round(utcOffsetMinutes) * MS_PER_MINUTE;
}
