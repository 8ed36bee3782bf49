import { effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { FloorCall } from '../../protocol/index.ts';
import type { CallEntry, FloorCalls } from './floor-calls.ts';
import { type FloorFilter, matches } from './floor-filter.ts';

/** Between two sortings at least. */
export const RESORT_MS = 4_000;
/** The order is held for so long after the pointer has moved over the calls or a key was pressed on one. */
export const HOLD_MS = 20_000;
/** Steps of urgency that count: smaller differences move nothing. */
const STEPS = 20;

/** The most urgent first; of equals the longest call. */
export function byUrgency(a: FloorCall, b: FloorCall): number {
  const difference = Math.round(STEPS * b.urgency) - Math.round(STEPS * a.urgency);
  if (difference !== 0) return difference;
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? -1 : 1;
  return a.callId < b.callId ? -1 : 1;
}

/**
 * Which calls are shown, and in which order. It changes every few seconds at most and never under the pointer; a new call
 * waits at the end, an ended one in its place. A change of the filter holds at once.
 */
export class FloorOrder {
  readonly #calls: FloorCalls;
  readonly #filter: ReadonlySignal<FloorFilter>;
  readonly #order = signal<readonly CallEntry[]>([]);
  readonly #held = signal(false);
  readonly #ends: (() => void)[] = [];
  #sortedMs = Number.NEGATIVE_INFINITY;
  #touchedMs = Number.NEGATIVE_INFINITY;
  #pinned = false;

  constructor(calls: FloorCalls, filter: ReadonlySignal<FloorFilter>) {
    this.#calls = calls;
    this.#filter = filter;
    this.#ends.push(
      effect(() => {
        // Read so that a change of the filter, or the first calls, sort at once.
        filter.value;
        calls.loaded.value;
        untracked(() => this.#sort());
      }),
      effect(() => {
        calls.version.value;
        untracked(() => this.#append());
      }),
    );
    const timer = setInterval(() => this.#tick(), 500);
    this.#ends.push(() => clearInterval(timer));
  }

  get order(): ReadonlySignal<readonly CallEntry[]> {
    return this.#order;
  }

  /** Whether the order waits for the pointer. */
  get held(): ReadonlySignal<boolean> {
    return this.#held;
  }

  /** The pointer has moved over the calls, or a key was pressed on one. */
  touch(): void {
    this.#touchedMs = performance.now();
  }

  /** The pointer has left. */
  release(): void {
    this.#touchedMs = Number.NEGATIVE_INFINITY;
  }

  /** Holds it as long as something is open that belongs to a call. */
  pin(pinned: boolean): void {
    this.#pinned = pinned;
  }

  close(): void {
    for (const end of this.#ends) end();
  }

  #tick(): void {
    const now = performance.now();
    const due = now - this.#sortedMs >= RESORT_MS;
    const held = this.#pinned || now - this.#touchedMs < HOLD_MS;
    if (due && !held) this.#sort();
    else this.#held.value = due && held && this.#differs();
  }

  #wanted(): readonly CallEntry[] {
    const [filter, nowMs] = [this.#filter.value, Date.now()];
    return [...this.#calls.entries.values()]
      .filter(({ state }) => !state.peek().ended && matches(state.peek().call, filter, nowMs))
      .sort((a, b) => byUrgency(a.state.peek().call, b.state.peek().call));
  }

  #differs(): boolean {
    const [wanted, shown] = [this.#wanted(), this.#order.peek()];
    return wanted.length !== shown.length || wanted.some((entry, at) => entry !== shown[at]);
  }

  #sort(): void {
    this.#sortedMs = performance.now();
    this.#held.value = false;
    if (this.#differs()) this.#order.value = this.#wanted();
    this.#calls.forgetEnded();
  }

  #append(): void {
    const shown = new Set(this.#order.peek());
    const [filter, nowMs] = [this.#filter.peek(), Date.now()];
    const fresh = [...this.#calls.entries.values()].filter(
      (entry) => !shown.has(entry) && !entry.state.peek().ended && matches(entry.state.peek().call, filter, nowMs),
    );
    if (fresh.length > 0) this.#order.value = [...this.#order.peek(), ...fresh];
  }
}
