import type { CallView } from './call-view.ts';

/** Less is a click, px. */
const LEAST_DRAG = 4;
/** Fingers that are closer than this say nothing of a zoom, px. */
const LEAST_PINCH = 12;

export interface Stroke {
  readonly fromX: number;
  readonly toX: number;
}

export interface GestureHandlers {
  /** What is being drawn over; `undefined` when it is over. */
  readonly onStroke: (stroke: Stroke | undefined) => void;
  readonly onDrawn: (stroke: Stroke, event: PointerEvent) => void;
  readonly onClick: (x: number) => void;
  /** Whether one finger draws; else it moves the cursor, as a mouse does without a button. */
  readonly draws: () => boolean;
}

/** Mouse, pen and fingers on the time axis: one draws or points, two look closer, further and elsewhere. */
export class Gestures {
  readonly #view: CallView;
  readonly #handlers: GestureHandlers;
  /** Where each pointer is that is down, px. */
  readonly #down = new Map<number, number>();
  #stroke: Stroke | undefined;
  /** The moments under two fingers. */
  #held: readonly [number, number] | undefined;

  constructor(view: CallView, handlers: GestureHandlers) {
    this.#view = view;
    this.#handlers = handlers;
  }

  down(event: PointerEvent, x: number, width: number): void {
    if (event.button !== 0) return;
    this.#down.set(event.pointerId, x);
    const [first, second] = [...this.#down.values()];
    if (second !== undefined) {
      this.#held = [this.#view.ms(first!, width), this.#view.ms(second, width)];
      this.#draw(undefined);
    } else this.#draw({ fromX: x, toX: x });
  }

  move(event: PointerEvent, x: number, width: number): void {
    if (this.#down.has(event.pointerId)) this.#down.set(event.pointerId, x);
    if (this.#held !== undefined) {
      this.#pinch(width);
      return;
    }
    this.#view.cursorMs.value = this.#view.within(this.#view.ms(x, width));
    if (this.#stroke !== undefined) this.#draw({ ...this.#stroke, toX: x }, event.pointerType);
  }

  up(event: PointerEvent, x: number): void {
    const known = this.#down.delete(event.pointerId);
    const stroke = this.#stroke;
    this.#draw(undefined);
    if (this.#held !== undefined) {
      // The finger that stays is not a stroke.
      if (this.#down.size === 0) this.#held = undefined;
      return;
    }
    if (!known || stroke === undefined) return;
    if (Math.abs(stroke.toX - stroke.fromX) < LEAST_DRAG) this.#handlers.onClick(x);
    else if (event.pointerType !== 'touch' || this.#handlers.draws()) this.#handlers.onDrawn(stroke, event);
  }

  cancel(event: PointerEvent): void {
    this.#down.delete(event.pointerId);
    if (this.#down.size === 0) this.#held = undefined;
    this.#draw(undefined);
  }

  leave({ pointerType }: PointerEvent): void {
    // A finger that was lifted has pointed, too.
    if (pointerType !== 'touch' && this.#stroke === undefined) this.#view.cursorMs.value = undefined;
  }

  #draw(stroke: Stroke | undefined, pointerType = ''): void {
    this.#stroke = stroke;
    const shown =
      stroke !== undefined &&
      Math.abs(stroke.toX - stroke.fromX) >= LEAST_DRAG &&
      (pointerType !== 'touch' || this.#handlers.draws());
    this.#handlers.onStroke(shown ? stroke : undefined);
  }

  /** Keeps each of two moments under its finger. */
  #pinch(width: number): void {
    const [first, second] = [...this.#down.values()];
    if (this.#held === undefined || second === undefined || Math.abs(second - first!) < LEAST_PINCH) return;
    const msPerPx = (this.#held[1] - this.#held[0]) / (second - first!);
    if (msPerPx <= 0) return;
    const fromMs = this.#held[0] - first! * msPerPx;
    this.#view.show(fromMs, fromMs + width * msPerPx);
  }
}
