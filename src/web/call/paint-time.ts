import type { Surface } from '../components/index.ts';
import { emotionColour } from '../emotions.ts';
import { clock } from '../format.ts';
import type { GrowingLeg } from './call-model.ts';
import type { CallView } from './call-view.ts';

const TICKS_MS = [1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000];
const TICK_PX = 72;
const INK = { light: '#5c5a55', dark: '#a8a7a3' } as const;

/** The time, at round moments. */
export function paintAxis({ context, width, height, dark }: Surface, view: CallView): void {
  const from = view.fromMs.peek();
  const to = view.toMs.peek();
  const stepMs = TICKS_MS.find((ms) => (width * ms) / (to - from) >= TICK_PX) ?? 3_600_000;
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = dark ? INK.dark : INK.light;
  context.textBaseline = 'alphabetic';
  for (let ms = Math.ceil(from / stepMs) * stepMs; ms <= to; ms += stepMs) {
    const x = view.x(ms, width);
    context.textAlign = x < 14 ? 'left' : x > width - 20 ? 'right' : 'center';
    context.fillText(clock(ms), x < 14 ? 0 : x, height - 4);
  }
}

/** All sides of the whole call as thin bands of their labels. */
export function paintOverview(
  { context, width, height, dark }: Surface,
  legs: readonly GrowingLeg[],
  durationMs: number,
): void {
  const band = (height - 2 * (legs.length - 1)) / Math.max(1, legs.length);
  for (const [row, { points }] of legs.entries()) {
    const top = row * (band + 2);
    let from = 0;
    for (let n = 1; n <= points.length; n += 1) {
      const { label } = points[from]!;
      if (n < points.length && points[n]!.label === label) continue;
      const left = (width * (from === 0 ? 0 : points[from - 1]!.endMs)) / durationMs;
      const right = (width * points[n - 1]!.endMs) / durationMs;
      from = n;
      if (label === 'unknown') continue;
      context.fillStyle = emotionColour(label, dark);
      context.fillRect(left, top, Math.max(0.5, right - left), band);
    }
  }
}
