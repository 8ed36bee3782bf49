import type { AuditEntry } from '../../protocol/index.ts';
import { type Database, list, type Value } from '../database/database.ts';
import type { Keys } from '../intake/keys.ts';

/** Stands in the place of what an entry was about, when that has been erased. */
export const ERASED = 'erased';

export async function auditEntries(database: Database, limit: number): Promise<readonly AuditEntry[]> {
  const rows = await database.all<{ at: string; by_name: string; action: string; subject: string }>(
    'SELECT at, by_name, action, subject FROM audit ORDER BY audit_key DESC LIMIT ?',
    [Math.max(0, Math.trunc(limit))],
  );
  return rows.map(({ at, by_name, action, subject }) => ({ at, by: by_name, action, subject }));
}

/** @param callId of the call that it is about */
export async function insertAudit(
  database: Database,
  keys: Keys,
  { at, by, action, subject }: AuditEntry,
  callId: string | null = null,
): Promise<void> {
  await database.run('INSERT INTO audit (audit_key, at, by_name, action, subject, call_id) VALUES (?, ?, ?, ?, ?, ?)', [
    keys.next('audit'),
    at,
    by,
    action,
    subject,
    callId,
  ]);
}

/** Entries about calls say that something was done, and no longer with which call. Tells how many there were. */
export async function eraseSubjects(database: Database, callIds: readonly Value[]): Promise<number> {
  const { sql, values } = list(callIds);
  return database.run(
    `UPDATE audit SET subject = '${ERASED}', call_id = NULL WHERE call_id IN ${sql} OR subject IN ${sql}`,
    [...values, ...values],
  );
}
