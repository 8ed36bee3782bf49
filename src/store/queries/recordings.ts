import type { Database } from '../database/database.ts';
import type { KeptRecording } from '../store.ts';

/** Of one call, or all that there are. */
export async function recordingsOf(database: Database, callId?: string): Promise<readonly KeptRecording[]> {
  const rows = await database.all<{ run_id: string; stream_id: string; file: string; bytes: number }>(
    `SELECT r.run_id, r.stream_id, f.file, f.bytes FROM recordings f
     JOIN runs r ON r.run_key = f.run_key JOIN calls c ON c.call_key = r.call_key
     WHERE ${callId === undefined ? '1 = 1' : 'c.call_id = ?'} ORDER BY r.started_at_ms, r.run_key`,
    callId === undefined ? [] : [callId],
  );
  return rows.map(({ run_id, stream_id, file, bytes }) => ({ runId: run_id, streamId: stream_id, file, bytes }));
}
