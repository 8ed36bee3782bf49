import type { Emotion } from '../../emotions.ts';
import type { Correction } from '../../protocol/index.ts';
import type { Database } from '../database/database.ts';
import type { Keys } from '../intake/keys.ts';

interface CorrectionRow {
  readonly correction_id: string;
  readonly call_id: string;
  readonly stream_id: string;
  readonly channel: number;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly label: Emotion;
  readonly by_name: string;
  readonly at: string;
}

/** Of one call, or of all, in the order in which they were made. */
export async function correctionsOf(database: Database, callId?: string): Promise<readonly Correction[]> {
  const rows = await database.all<CorrectionRow>(
    `SELECT n.*, c.call_id FROM corrections n JOIN calls c ON c.call_key = n.call_key
     WHERE ${callId === undefined ? '1 = 1' : 'c.call_id = ?'} ORDER BY n.correction_key`,
    callId === undefined ? [] : [callId],
  );
  return rows.map((row) => ({
    correctionId: row.correction_id,
    callId: row.call_id,
    streamId: row.stream_id,
    channel: row.channel,
    startMs: row.start_ms,
    endMs: row.end_ms,
    label: row.label,
    by: row.by_name,
    at: row.at,
  }));
}

export async function insertCorrection(
  database: Database,
  keys: Keys,
  callKey: number,
  { correctionId, streamId, channel, startMs, endMs, label, by, at }: Correction,
): Promise<void> {
  await database.run(
    `INSERT INTO corrections
     (correction_key, correction_id, call_key, stream_id, channel, start_ms, end_ms, label, by_name, at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [keys.next('corrections'), correctionId, callKey, streamId, channel, startMs, endMs, label, by, at],
  );
}

/** The call that it was of; `undefined` where there was none. */
export async function deleteCorrection(database: Database, correctionId: string): Promise<string | undefined> {
  const [row] = await database.all<{ call_id: string }>(
    `SELECT c.call_id FROM corrections n JOIN calls c ON c.call_key = n.call_key WHERE n.correction_id = ?`,
    [correctionId],
  );
  await database.run('DELETE FROM corrections WHERE correction_id = ?', [correctionId]);
  return row?.call_id;
}
