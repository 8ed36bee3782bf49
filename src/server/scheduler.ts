/** Something with audio to analyse. */
export interface Task {
  /** Whether a turn would do something; whoever makes it so wakes the task. */
  readonly ready: boolean;
  /** Works on at most `maxMs` of audio; returns how many ms it took. */
  turn(maxMs: number): number;
}

export interface SchedulerOptions {
  /** Audio of one task per turn, ms. */
  readonly sliceMs: number;
  /** Runs the next round after what else is due: sockets, timers, the model. Default `setImmediate`. */
  readonly defer?: (round: () => void) => void;
}

/** Audio that is analysed between two looks at the sockets, in slices. */
const SLICES_PER_ROUND = 2;

/**
 * Takes turns between the streams that have audio, so that neither a recording at full speed nor a message of a megabyte
 * holds up the live ones.
 */
export class Scheduler {
  readonly #sliceMs: number;
  readonly #defer: (round: () => void) => void;
  /** In the order of their turns. */
  readonly #waiting = new Set<Task>();
  #scheduled = false;

  constructor({ sliceMs, defer = setImmediate }: SchedulerOptions) {
    this.#sliceMs = sliceMs;
    this.#defer = defer;
  }

  wake(task: Task): void {
    this.#waiting.add(task);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#defer(() => this.#round());
  }

  #round(): void {
    this.#scheduled = false;
    let budgetMs = SLICES_PER_ROUND * this.#sliceMs;
    for (const task of this.#waiting) {
      // One that is not done goes to the end of the queue, which this loop reaches too.
      this.#waiting.delete(task);
      budgetMs -= task.turn(Math.min(budgetMs, this.#sliceMs));
      if (task.ready) this.#waiting.add(task);
      if (budgetMs <= 0) break;
    }
    const [next] = this.#waiting;
    if (next !== undefined) this.wake(next);
  }
}
