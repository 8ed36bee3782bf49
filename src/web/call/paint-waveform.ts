import type { Surface } from '../components/index.ts';
import type { CallView } from './call-view.ts';
import { LEG_LAYOUT } from './paint-leg.ts';

const INK = { light: '29 29 27', dark: '236 234 230' } as const;

/** The lowest and the highest sample of equal stretches, behind the lines of a side. */
export function paintWaveform(
  { context, width, dark }: Surface,
  peaks: readonly (readonly [number, number])[],
  durationMs: number,
  view: CallView,
): void {
  const middle = LEG_LAYOUT.chart / 2;
  context.fillStyle = `rgb(${dark ? INK.dark : INK.light} / 13%)`;
  const stepMs = durationMs / peaks.length;
  const first = Math.max(0, Math.floor(view.fromMs.peek() / stepMs));
  const last = Math.min(peaks.length, Math.ceil(view.toMs.peek() / stepMs) + 1);
  for (let n = first; n < last; n += 1) {
    const [low, high] = peaks[n]!;
    const left = view.x(n * stepMs, width);
    const right = view.x((n + 1) * stepMs, width);
    context.fillRect(left, middle - high * middle, Math.max(0.6, right - left), Math.max(0.6, (high - low) * middle));
  }
}
