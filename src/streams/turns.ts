import { HOP_MS } from '../audio/index.ts';

/** A pause that ends a turn, and the least speech that makes one, ms. */
const PAUSE_MS = 700;
const LEAST_SPEECH_MS = 200;

/** Finds the turns of one channel from the speech decision of its hops. */
export class TurnDetector {
  #startMs = -1;
  #lastSpeechMs = 0;
  #speechMs = 0;

  /** True while a turn has begun and not ended. */
  get open(): boolean {
    return this.#startMs >= 0;
  }

  /** The turn that is open, up to its last speech; `null` until it holds enough. */
  get current(): { readonly startMs: number; readonly endMs: number } | null {
    return this.open && this.#speechMs >= LEAST_SPEECH_MS
      ? { startMs: this.#startMs, endMs: this.#lastSpeechMs }
      : null;
  }

  /**
   * @param endMs the end of the hop.
   * @returns the turn that a pause has just ended, else nothing.
   */
  push(speech: boolean, endMs: number): { readonly startMs: number; readonly endMs: number } | undefined {
    if (speech) {
      if (!this.open) {
        this.#startMs = endMs - HOP_MS;
        this.#speechMs = 0;
      }
      this.#lastSpeechMs = endMs;
      this.#speechMs += HOP_MS;
      return undefined;
    }
    return this.open && endMs - this.#lastSpeechMs >= PAUSE_MS ? this.end() : undefined;
  }

  /** Ends the turn that is open, if it holds enough speech. */
  end(): { readonly startMs: number; readonly endMs: number } | undefined {
    const turn = this.current;
    this.#startMs = -1;
    return turn ?? undefined;
  }
}
