import { accumulate, newTally, TALLY_LENGTH, type Tally } from './tally.ts';

/** Even, so that slots can merge in pairs; after a merge half of them cover the call, which gives the thirds their 1/120. */
const SLOTS = 240;
const FIRST_WIDTH_MS = 500;

/**
 * Sums of rows by when they were, in at most 240 slots of equal width, whatever the length of the call: when they are full,
 * neighbours merge and the width doubles.
 */
export class TimeSlots {
  readonly #sums = new Float64Array(SLOTS * TALLY_LENGTH);
  #widthMs = FIRST_WIDTH_MS;

  /** A row goes to the slot that the middle of its time lies in. */
  push(startMs: number, endMs: number, row: Tally): void {
    const middleMs = (startMs + endMs) / 2;
    while (middleMs >= SLOTS * this.#widthMs) this.#merge();
    accumulate(this.#slot(Math.floor(middleMs / this.#widthMs)), row);
  }

  /** The sum over [fromMs, toMs) of a call that is `nowMs` long; a slot that is cut counts by the share of its time. */
  sum(fromMs: number, toMs: number, nowMs: number): Tally {
    const sum = newTally();
    const last = Math.min(SLOTS - 1, Math.floor(toMs / this.#widthMs));
    for (let index = Math.floor(fromMs / this.#widthMs); index <= last; index += 1) {
      const startMs = index * this.#widthMs;
      const endMs = Math.min(startMs + this.#widthMs, Math.max(nowMs, startMs));
      const insideMs = Math.min(endMs, toMs) - Math.max(startMs, fromMs);
      if (insideMs > 0) accumulate(sum, this.#sums, insideMs / (endMs - startMs), index * TALLY_LENGTH);
    }
    return sum;
  }

  #slot(index: number): Tally {
    return this.#sums.subarray(index * TALLY_LENGTH, (index + 1) * TALLY_LENGTH);
  }

  #merge(): void {
    for (let index = 0; index < SLOTS / 2; index += 1) {
      const even = this.#slot(2 * index).slice();
      accumulate(even, this.#slot(2 * index + 1));
      this.#slot(index).set(even);
    }
    this.#sums.fill(0, (SLOTS / 2) * TALLY_LENGTH);
    this.#widthMs *= 2;
  }
}
