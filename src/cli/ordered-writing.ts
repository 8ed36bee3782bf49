/** Writes that wait for their turn before someone should be slowed down. */
const MAX_WAITING = 256;

/** Runs writes one after the other, and tells whoever causes them when to wait. */
export class OrderedWriting {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  add(write: () => Promise<void>): void {
    this.#waiting++;
    this.#last = this.#last.then(write).then(() => {
      this.#waiting--;
    });
    // Whoever waits for room or for the end hears of it.
    this.#last.catch(() => {});
  }

  /** Resolves when few enough writes wait. Rejects when one has failed. */
  async room(): Promise<void> {
    if (this.#waiting > MAX_WAITING) await this.#last;
  }

  /** Resolves when everything is written. Rejects when a write has failed. */
  done(): Promise<void> {
    return this.#last;
  }
}
