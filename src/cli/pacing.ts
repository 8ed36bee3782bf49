import { setTimeout as sleep } from 'node:timers/promises';

/** What pacing needs of the world, so that tests bring their own. */
export interface PacingClock {
  /** Milliseconds, monotonic. */
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: PacingClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
};

/**
 * Lets audio out at a multiple of the speed it was spoken at. Every wait is counted from the beginning and from the stream
 * position, so that late timers are caught up with and nothing drifts.
 */
export class Pace {
  readonly #speed: number;
  readonly #clock: PacingClock;
  readonly #beganAt: number;

  constructor(speed: number, clock: PacingClock = systemClock) {
    this.#speed = speed;
    this.#clock = clock;
    this.#beganAt = clock.now();
  }

  /** Resolves when audio up to this stream position may be sent: a live source has a packet when its last sample is spoken. */
  async until(positionMs: number, signal?: AbortSignal): Promise<void> {
    const waitMs = this.#beganAt + positionMs / this.#speed - this.#clock.now();
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
  }
}
