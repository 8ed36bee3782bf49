import type { Glance } from './glance.ts';

/** The floor shows a minute, a value every 2 s. */
export const SLOT_MS = 2_000;
export const SLOTS = 30;
export const RECENT_MS = SLOT_MS * SLOTS;

interface Slot {
  /** Which 2 s of the stream. */
  number: number;
  valence: number;
  anger: number;
  windows: number;
}

/** Valence and anger of one leg over the last minute, as means over the labelled windows of every 2 s. Windows may come in any order. */
export class RecentMood {
  readonly #slots: Slot[] = Array.from({ length: SLOTS }, () => ({ number: -1, valence: 0, anger: 0, windows: 0 }));

  add({ endMs, labelled, valence, anger }: Glance): void {
    if (!labelled) return;
    const number = slotOf(endMs);
    const slot = this.#slots[number % SLOTS]!;
    // What was there is a minute older, or this window is.
    if (slot.number > number) return;
    if (slot.number < number) Object.assign(slot, { number, valence: 0, anger: 0, windows: 0 });
    slot.valence += valence;
    slot.anger += anger;
    slot.windows += 1;
  }

  /** Valence, oldest first, up to the 2 s that `nowMs` lies in; `null` where there was no label. */
  valences(nowMs: number): (number | null)[] {
    const last = slotOf(nowMs);
    return Array.from({ length: SLOTS }, (_, index) => {
      const slot = this.#slot(last - SLOTS + 1 + index);
      return slot === undefined ? null : Math.round((100 * slot.valence) / slot.windows) / 100;
    });
  }

  /** Mean over the slots from `first` back to before `end`, where 0 is the one of `nowMs`; `null` where there was no label. */
  mean(figure: 'valence' | 'anger', nowMs: number, first: number, end: number): number | null {
    let [sum, windows] = [0, 0];
    for (let back = first; back < end; back += 1) {
      const slot = this.#slot(slotOf(nowMs) - back);
      sum += slot?.[figure] ?? 0;
      windows += slot?.windows ?? 0;
    }
    return windows === 0 ? null : sum / windows;
  }

  #slot(number: number): Slot | undefined {
    const slot = number < 0 ? undefined : this.#slots[number % SLOTS];
    return slot?.number === number ? slot : undefined;
  }
}

/** A window that ends at 2,000 ms is the last of the first 2 s. */
const slotOf = (ms: number): number => Math.max(0, Math.ceil(ms / SLOT_MS) - 1);
