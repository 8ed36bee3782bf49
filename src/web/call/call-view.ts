import { computed, type ReadonlySignal, signal } from '@preact/signals';

/** The closest that one can look, ms. */
const CLOSEST_MS = 5_000;

/** What of a call is in sight, and where its cursor is. Shared by everything that is drawn on the time axis. */
export class CallView {
  readonly #durationMs: ReadonlySignal<number>;
  /** `undefined`: all of it. */
  readonly #range = signal<{ readonly fromMs: number; readonly toMs: number } | undefined>(undefined);
  /** Whether the end stays in sight while the call grows. */
  readonly following = signal(true);
  /** Where one points, or has gone by the keyboard; `undefined` for nowhere. */
  readonly cursorMs = signal<number | undefined>(undefined);
  readonly fromMs = computed(() => this.#range.value?.fromMs ?? 0);
  readonly toMs = computed(() => this.#range.value?.toMs ?? Math.max(CLOSEST_MS, this.#durationMs.value));
  readonly zoomed = computed(() => this.#range.value !== undefined);

  constructor(durationMs: ReadonlySignal<number>) {
    this.#durationMs = durationMs;
  }

  get spanMs(): number {
    return this.toMs.peek() - this.fromMs.peek();
  }

  /** Shows a stretch, within the call. */
  show(fromMs: number, toMs: number): void {
    const duration = Math.max(CLOSEST_MS, this.#durationMs.peek());
    const span = Math.min(duration, Math.max(CLOSEST_MS, toMs - fromMs));
    const from = Math.max(0, Math.min(duration - span, fromMs));
    this.#range.value = span >= duration ? undefined : { fromMs: from, toMs: from + span };
    this.following.value = this.#range.peek() === undefined;
  }

  showAll(): void {
    this.#range.value = undefined;
    this.following.value = true;
  }

  /** Closer by a factor above 1, further below, about a moment that stays where it is. */
  zoom(factor: number, aboutMs: number): void {
    const from = this.fromMs.peek();
    const to = this.toMs.peek();
    const span = (to - from) / factor;
    const share = (aboutMs - from) / (to - from);
    this.show(aboutMs - share * span, aboutMs + (1 - share) * span);
  }

  pan(byMs: number): void {
    this.show(this.fromMs.peek() + byMs, this.toMs.peek() + byMs);
  }

  /** Puts a moment in sight, in the middle where it is not yet. */
  reveal(atMs: number): void {
    const from = this.fromMs.peek();
    const to = this.toMs.peek();
    if (atMs >= from && atMs <= to) return;
    this.show(atMs - (to - from) / 2, atMs + (to - from) / 2);
  }

  /** The nearest moment of the call. */
  within(ms: number): number {
    return Math.max(0, Math.min(this.#durationMs.peek(), ms));
  }

  /** Moves the cursor, and keeps it in the call and in sight. */
  moveTo(atMs: number): void {
    const at = this.within(atMs);
    this.cursorMs.value = at;
    this.reveal(at);
  }

  /** While a call grows: moves what is in sight along, where it is to follow. */
  jumpToLive(): void {
    const duration = this.#durationMs.peek();
    if (this.#range.peek() !== undefined) {
      const span = this.spanMs;
      this.#range.value = { fromMs: Math.max(0, duration - span), toMs: duration };
    }
    this.following.value = true;
  }

  /** Pixels from the left of a moment, on something of a width. */
  x(ms: number, width: number): number {
    const from = this.fromMs.peek();
    return (width * (ms - from)) / (this.toMs.peek() - from);
  }

  ms(x: number, width: number): number {
    const from = this.fromMs.peek();
    return from + (x / Math.max(1, width)) * (this.toMs.peek() - from);
  }
}
