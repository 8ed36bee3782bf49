import type { Database } from '../database/database.ts';
import type { KeptDelivery } from '../store.ts';

export async function readSetting(database: Database, name: string): Promise<string | undefined> {
  const [row] = await database.all<{ value: string }>('SELECT value FROM settings WHERE name = ?', [name]);
  return row?.value;
}

export async function writeSetting(database: Database, name: string, value: string): Promise<void> {
  await database.run(
    'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    [name, value],
  );
}

export async function removeSetting(database: Database, name: string): Promise<void> {
  await database.run('DELETE FROM settings WHERE name = ?', [name]);
}

export async function writeDelivery(database: Database, delivery: KeptDelivery): Promise<void> {
  const { deliveryId, endpoint, callId, body, createdAtMs, attempts, nextAttemptAtMs, lastError } = delivery;
  await database.run(
    `INSERT INTO deliveries
     (delivery_id, endpoint, call_id, body, created_at_ms, attempts, next_attempt_at_ms, last_error)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (delivery_id) DO UPDATE SET endpoint = excluded.endpoint, call_id = excluded.call_id,
       body = excluded.body, created_at_ms = excluded.created_at_ms, attempts = excluded.attempts,
       next_attempt_at_ms = excluded.next_attempt_at_ms, last_error = excluded.last_error`,
    [deliveryId, endpoint, callId, body, createdAtMs, attempts, nextAttemptAtMs, lastError],
  );
}

interface DeliveryRow {
  readonly delivery_id: string;
  readonly endpoint: string;
  readonly call_id: string | null;
  readonly body: string;
  readonly created_at_ms: number;
  readonly attempts: number;
  readonly next_attempt_at_ms: number | null;
  readonly last_error: string | null;
}

export async function readDeliveries(
  database: Database,
  state: 'waiting' | 'dead',
  limit: number,
): Promise<readonly KeptDelivery[]> {
  const rows = await database.all<DeliveryRow>(
    state === 'waiting'
      ? 'SELECT * FROM deliveries WHERE next_attempt_at_ms IS NOT NULL ORDER BY next_attempt_at_ms, delivery_id LIMIT ?'
      : 'SELECT * FROM deliveries WHERE next_attempt_at_ms IS NULL ORDER BY created_at_ms DESC, delivery_id LIMIT ?',
    [limit],
  );
  return rows.map((row) => ({
    deliveryId: row.delivery_id,
    endpoint: row.endpoint,
    callId: row.call_id,
    body: row.body,
    createdAtMs: row.created_at_ms,
    attempts: row.attempts,
    nextAttemptAtMs: row.next_attempt_at_ms,
    lastError: row.last_error,
  }));
}

export async function removeDelivery(database: Database, deliveryId: string): Promise<void> {
  await database.run('DELETE FROM deliveries WHERE delivery_id = ?', [deliveryId]);
}
