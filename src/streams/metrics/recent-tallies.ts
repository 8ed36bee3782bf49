import { accumulate, newTally, type Tally } from './tally.ts';

/** The shortest step is 100 ms; more rows than that never lie in 30 s. */
const MOST_ROWS = 301;

/** The rows of the last `spanMs`. They are added up when asked for, so that nothing drifts. */
export class RecentTallies {
  readonly #spanMs: number;
  readonly #rows: { readonly endMs: number; readonly row: Tally }[] = [];

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  push(endMs: number, row: Tally): void {
    this.#rows.push({ endMs, row: row.slice() });
    while (this.#rows.length > MOST_ROWS || this.#rows[0]!.endMs <= endMs - this.#spanMs) this.#rows.shift();
  }

  /** The sum of the rows that end in (nowMs − span, nowMs]. */
  sum(nowMs: number): Tally {
    const sum = newTally();
    for (const { endMs, row } of this.#rows) if (endMs > nowMs - this.#spanMs) accumulate(sum, row);
    return sum;
  }
}
