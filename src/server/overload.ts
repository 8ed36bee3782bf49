/** Looks over the budget in a row that raise the level, and below half of it that lower it. */
const RAISE_AFTER = 2;
const LOWER_AFTER = 10;
/** The highest level: every stream is stretched, and no new one is taken. */
export const REFUSING = 3;

/**
 * How overloaded a server is, from the lag that is measured at every look: 0 not at all; 1 half of the streams, the least
 * urgent, have a longer step; 2 all of them; 3 no new stream is taken. It rises while the lag is over its budget, and falls
 * by itself once the lag has stayed below half of it.
 */
export class Overload {
  readonly #budgetMs: number;
  #level = 0;
  #over = 0;
  #under = 0;

  /** @param budgetMs lag that is accepted */
  constructor(budgetMs: number) {
    this.#budgetMs = budgetMs;
  }

  get level(): number {
    return this.#level;
  }

  /** Takes the greatest lag since the last look; returns the level. */
  look(lagMs: number): number {
    this.#over = lagMs > this.#budgetMs ? this.#over + 1 : 0;
    this.#under = lagMs < this.#budgetMs / 2 ? this.#under + 1 : 0;
    if (this.#over >= RAISE_AFTER && this.#level < REFUSING) {
      this.#level += 1;
      this.#over = 0;
    } else if (this.#under >= LOWER_AFTER && this.#level > 0) {
      this.#level -= 1;
      this.#under = 0;
    }
    return this.#level;
  }
}

/** What decides who has to wait. */
export interface Urgency {
  /** Whether anybody but its producer follows it. */
  readonly followed: boolean;
  readonly stepMs: number;
}

/** The less urgent first: what nobody follows, then the shortest steps, which cost the most. */
export function byUrgency(a: Urgency, b: Urgency): number {
  if (a.followed !== b.followed) return a.followed ? 1 : -1;
  return a.stepMs - b.stepMs;
}

/** By how much the steps of the streams are lengthened at a level; the least urgent stream is the first. */
export function stretchOf(level: number, index: number, streams: number): number {
  if (level === 0) return 1;
  const first = index < streams / 2;
  if (level === 1) return first ? 2 : 1;
  return first ? 4 : 2;
}
