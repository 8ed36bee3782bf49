import type { TimedMessage } from './simulator.ts';

/** Writes a platform's text messages, and counts them as several platforms do. */
export class Script {
  #sequence: number;

  /** @param before the number before the first */
  constructor(before = 0) {
    this.#sequence = before;
  }

  next(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  nextDigits(): string {
    return String(this.next());
  }

  json(atMs: number, message: object): TimedMessage {
    return { atMs, data: JSON.stringify(message) };
  }
}
