import type {
  AnalysisSettings,
  ChannelDescription,
  EndReason,
  Metadata,
  ModelDescription,
} from '../../protocol/index.ts';
import { type Database, list, parts } from '../database/database.ts';
import type { StreamOpening } from '../store.ts';

/** A stream from its opening to its end; a stream's id may come again, a run's does not. */
export interface OpenedRun {
  readonly runKey: number;
  readonly opening: StreamOpening;
}

/** What is kept of it. */
export interface Run extends OpenedRun {
  readonly callKey: number;
  readonly callId: string;
  readonly state: 'live' | 'ended' | 'lost';
  readonly endedAtMs: number | null;
  readonly endReason: EndReason | null;
  readonly durationMs: number;
  readonly missingEvents: number;
}

interface RunRow {
  readonly run_key: number;
  readonly run_id: string;
  readonly call_key: number;
  readonly call_id: string;
  readonly stream_id: string;
  readonly state: Run['state'];
  readonly started_at_ms: number;
  readonly ended_at_ms: number | null;
  readonly end_reason: EndReason | null;
  readonly duration_ms: number;
  readonly settings: string;
  readonly missing_events: number;
}

/** What of an opening is looked at as a whole only. */
interface Settings {
  readonly model: ModelDescription;
  readonly analysis: AnalysisSettings;
  readonly channels: readonly ChannelDescription[];
  readonly metadata: Metadata;
}

export const settingsOf = ({ model, analysis, channels, metadata }: StreamOpening): string =>
  JSON.stringify({ model, analysis, channels, metadata } satisfies Settings);

/** The streams of calls in the order of their starts. */
export async function runsOf(database: Database, callKeys: readonly number[]): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (const part of parts(callKeys)) {
    const keys = list(part);
    const rows = await database.all<RunRow>(
      `SELECT r.*, c.call_id FROM runs r JOIN calls c ON c.call_key = r.call_key
       WHERE r.call_key IN ${keys.sql} ORDER BY r.started_at_ms, r.run_key`,
      keys.values,
    );
    runs.push(...rows.map(runOf));
  }
  return runs;
}

function runOf(row: RunRow): Run {
  const settings: Settings = JSON.parse(row.settings);
  return {
    runKey: row.run_key,
    callKey: row.call_key,
    callId: row.call_id,
    opening: {
      runId: row.run_id,
      streamId: row.stream_id,
      callId: row.call_id,
      startedAtMs: row.started_at_ms,
      ...settings,
    },
    state: row.state,
    endedAtMs: row.ended_at_ms,
    endReason: row.end_reason,
    durationMs: row.duration_ms,
    missingEvents: row.missing_events,
  };
}

/** When a call begins: with the first of its streams. Their times are moved by what they start later. */
export const callStartMs = (runs: readonly OpenedRun[]): number =>
  Math.min(...runs.map(({ opening }) => opening.startedAtMs));

/** Events of a stream as they were sent, in order. */
export async function eventsOf(database: Database, runKey: number): Promise<readonly BlockRow[]> {
  return database.all<BlockRow>('SELECT codec, body FROM blocks WHERE run_key = ? ORDER BY last_cursor', [runKey]);
}

export interface BlockRow {
  readonly codec: number;
  readonly body: Uint8Array;
}
