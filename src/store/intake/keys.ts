import type { Database } from '../database/database.ts';

const COUNTED = {
  calls: 'call_key',
  runs: 'run_key',
  alerts: 'alert_key',
  corrections: 'correction_key',
  analyses: 'analysis_key',
  audit: 'audit_key',
} as const;
type Counted = keyof typeof COUNTED;

/** The next primary keys. The process that has the store open is the only one that counts. */
export class Keys {
  readonly #last: Record<Counted, number>;

  static async load(database: Database): Promise<Keys> {
    const last: Record<Counted, number> = { calls: 0, runs: 0, alerts: 0, corrections: 0, analyses: 0, audit: 0 };
    for (const [table, column] of Object.entries(COUNTED) as [Counted, string][]) {
      const [row] = await database.all<{ last: number | null }>(`SELECT MAX(${column}) AS last FROM ${table}`);
      last[table] = row?.last ?? 0;
    }
    return new Keys(last);
  }

  private constructor(last: Record<Counted, number>) {
    this.#last = last;
  }

  next(table: Counted): number {
    this.#last[table] += 1;
    return this.#last[table];
  }
}
