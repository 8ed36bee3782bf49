import type { History, HistoryKeeper } from './history.ts';

/** How much of the longest history is left when room is needed. */
const KEEP_SHARE = 0.75;

/**
 * The bytes that all histories share. Over the limit finished streams are forgotten first, in the order in which they
 * finished; then the longest history is cut, as often as it takes.
 */
export class HistoryBudget implements HistoryKeeper {
  readonly #maxBytes: number;
  readonly #open = new Set<History>();
  /** With what forgets the stream and removes its history here. */
  readonly #finished = new Map<History, () => void>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(history: History): void {
    this.#open.add(history);
  }

  finish(history: History, forget: () => void): void {
    this.#open.delete(history);
    this.#finished.set(history, forget);
  }

  remove(history: History): void {
    this.#open.delete(history);
    this.#finished.delete(history);
    history.trim(0);
  }

  changed(bytes: number): void {
    this.#bytes += bytes;
    if (bytes <= 0) return;
    while (this.#bytes > this.#maxBytes) {
      const [forget] = this.#finished.values();
      if (forget !== undefined) forget();
      else this.#cutLongest();
    }
  }

  #cutLongest(): void {
    let longest: History | undefined;
    for (const history of this.#open) {
      if (longest === undefined || history.bytes > longest.bytes) longest = history;
    }
    longest?.trim(longest.bytes * KEEP_SHARE);
  }
}
