import { UndertoneError } from '../../errors.ts';

const RETRY_SECONDS = 5;

/** Lets so many pass at once; so many more may wait for their turn, and who comes after them is told to come back. */
export class Turnstile {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(atOnce: number, mostWaiting = 0) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws UndertoneError `overloaded`, and what the work throws */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside < this.#atOnce) this.#inside += 1;
    else if (this.#waiting.length < this.#mostWaiting) await new Promise<void>((go) => this.#waiting.push(go));
    else throw new UndertoneError('overloaded', { seconds: RETRY_SECONDS });
    try {
      return await work();
    } finally {
      // Whoever has waited longest takes over the place.
      const next = this.#waiting.shift();
      if (next === undefined) this.#inside -= 1;
      else next();
    }
  }
}
