/**
 * Long work gives way here: what others ask comes as a message to this thread, and none is read until its task ends. SQLite
 * answers within the task, so that waiting for it ends none.
 */
export const giveWay = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One at a time, in the order in which they ask. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  async run<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.take();
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Waits for the turn; what it gives ends it. */
  async take(): Promise<() => void> {
    const before = this.#last;
    let release = (): void => {};
    this.#last = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }
}
