import type { Stretch } from '../../protocol/index.ts';
import { Floor, type Interval, MISSING } from './floor.ts';

/** Turns that wait for others that may begin before them. More than that, and the oldest no longer wait. */
const MOST_WAITING = 1024;

/**
 * The turns of all sides in order of their starts. A turn is told when it has ended, so a long one comes after short ones
 * of the others that began later; they wait until nothing earlier can come.
 */
export class Conversation {
  readonly #floor: Floor;
  readonly #waiting: Interval[] = [];

  constructor(channels: number) {
    this.#floor = new Floor(channels);
  }

  turn(channel: number, { startMs, endMs }: Stretch): void {
    this.#insert({ channel, startMs, endMs });
  }

  missing({ startMs, endMs }: Stretch): void {
    this.#insert({ channel: MISSING, startMs, endMs });
  }

  /** No turn that is still to come begins before `ms`. */
  settle(ms: number): void {
    const later = this.#waiting.findIndex(({ startMs }) => startMs >= ms);
    this.#take(later < 0 ? this.#waiting.length : later);
  }

  /** The floor at `nowMs`, with what waits and the turns that are open; the walk itself stays where it is. */
  at(nowMs: number, open: readonly Interval[]): Floor {
    const floor = this.#floor.copy();
    for (const interval of [...this.#waiting, ...open].sort(byStart)) floor.begin(interval);
    floor.close(nowMs);
    return floor;
  }

  #insert(interval: Interval): void {
    let place = this.#waiting.length;
    while (place > 0 && byStart(this.#waiting[place - 1]!, interval) > 0) place -= 1;
    this.#waiting.splice(place, 0, interval);
    if (this.#waiting.length > MOST_WAITING) this.#take(MOST_WAITING / 2);
  }

  #take(count: number): void {
    for (const interval of this.#waiting.splice(0, count)) this.#floor.begin(interval);
  }
}

const byStart = (a: Interval, b: Interval): number => a.startMs - b.startMs || a.channel - b.channel;
