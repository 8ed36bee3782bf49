import type { Stretch, TurnEvent } from '../../protocol/index.ts';
import type { MeteredWindow } from './metered-window.ts';
import { guessOpenTurn } from './open-turn.ts';

/** A pause that ends a turn: in a longer window without speech no turn can be open. */
const PAUSE_MS = 700;

/** Where one channel speaks, as far as its events tell. */
export class SpeechTracker {
  #open: Stretch | undefined;
  #lastTurnEndMs: number;
  #settledMs: number;

  /** @param startMs before it nothing is known. */
  constructor(startMs = 0) {
    this.#lastTurnEndMs = startMs;
    this.#settledMs = startMs;
  }

  /** The turn that is open now, up to its last speech so far. */
  get open(): Stretch | undefined {
    return this.#open;
  }

  /** The end of the last speech that is known; 0 before the first. */
  get lastSpeechMs(): number {
    return Math.max(this.#lastTurnEndMs, this.#open?.endMs ?? 0);
  }

  /** No turn that is still to come begins before this. */
  get settledMs(): number {
    return this.#settledMs;
  }

  window(window: MeteredWindow): void {
    const { startMs, endMs, speechRatio } = window;
    if (window.openTurn === undefined) {
      this.#open = guessOpenTurn(window, this.#lastTurnEndMs, this.#open);
    } else {
      this.#open = window.openTurn ?? undefined;
      if (this.#open !== undefined) this.#settle(this.#open.startMs);
    }
    if (speechRatio === 0 && endMs - startMs >= PAUSE_MS) this.#settle(endMs);
  }

  turn({ endMs }: TurnEvent): void {
    this.#open = undefined;
    this.#lastTurnEndMs = Math.max(this.#lastTurnEndMs, endMs);
    this.#settle(endMs);
  }

  #settle(ms: number): void {
    this.#settledMs = Math.max(this.#settledMs, ms);
  }
}
