/** Something with audio to analyse. */
export interface Task {
  /** Whether a turn would do something; whoever makes it so wakes the task. */
  readonly ready: boolean;
  /** Whether it has sent more audio than time has passed: it yields to those that have not. Left out: never. */
  readonly ahead?: boolean;
  /** Works on at most `maxMs` of audio; returns how many ms it took. */
  turn(maxMs: number): number;
}

export interface SchedulerOptions {
  /** Audio of one task per turn, ms. */
  readonly sliceMs: number;
  /** Slices between two looks at the sockets. Default 2. */
  readonly slicesPerRound?: number;
  /** Runs the next round after what else is due: sockets, timers, the model. Default `setImmediate`. */
  readonly defer?: (round: () => void) => void;
}

/**
 * Takes turns between the streams that have audio, so that neither a recording at full speed nor a message of a megabyte
 * holds up the live ones. Those that are ahead of real time are served from what the others leave of a round, a slice at most.
 */
export class Scheduler {
  readonly #sliceMs: number;
  readonly #slicesPerRound: number;
  readonly #defer: (round: () => void) => void;
  /** In the order of their turns. */
  readonly #waiting = new Set<Task>();
  #scheduled = false;

  constructor({ sliceMs, slicesPerRound = 2, defer = setImmediate }: SchedulerOptions) {
    this.#sliceMs = sliceMs;
    this.#slicesPerRound = slicesPerRound;
    this.#defer = defer;
  }

  wake(task: Task): void {
    this.#waiting.add(task);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#defer(() => this.#round());
  }

  /** Whether one waits that is not ahead of real time. */
  get urgent(): boolean {
    for (const task of this.#waiting) if (task.ahead !== true) return true;
    return false;
  }

  #round(): void {
    this.#scheduled = false;
    const leftMs = this.#serve(this.#slicesPerRound * this.#sliceMs, false);
    if (leftMs > 0) this.#serve(Math.min(leftMs, this.#sliceMs), true);
    const [next] = this.#waiting;
    if (next !== undefined) this.wake(next);
  }

  /** Returns what is left of the audio that may be analysed, ms. */
  #serve(budgetMs: number, ahead: boolean): number {
    let leftMs = budgetMs;
    for (const task of this.#waiting) {
      if ((task.ahead ?? false) !== ahead) continue;
      // One that is not done goes to the end of the queue, which this loop reaches too.
      this.#waiting.delete(task);
      leftMs -= task.turn(Math.min(leftMs, this.#sliceMs));
      if (task.ready) this.#waiting.add(task);
      if (leftMs <= 0) break;
    }
    return leftMs;
  }
}
