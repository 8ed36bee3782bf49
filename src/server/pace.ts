/** A stream that was held up may catch up by so much before it counts as ahead. */
const CREDIT_MS = 10_000;
/** Packets come in lumps; so much more audio than time has passed is no hurry yet. */
const SLACK_MS = 500;

/** Whether a stream sends its audio faster than it was spoken: a recording, which may wait for those that are live. */
export class Pace {
  #paidUntilMs: number | undefined;

  /** Takes note of audio. */
  advance(audioMs: number, nowMs: number): void {
    this.#paidUntilMs = Math.max(this.#paidUntilMs ?? nowMs, nowMs - CREDIT_MS) + audioMs;
  }

  ahead(nowMs: number): boolean {
    return this.#paidUntilMs !== undefined && this.#paidUntilMs - nowMs > SLACK_MS;
  }
}
