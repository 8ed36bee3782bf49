import type { Surface } from '../components/index.ts';
import type { CallView } from './call-view.ts';

const INK = { light: '29 29 27', dark: '236 234 230' } as const;

/** The lowest and the highest sample of equal stretches, as a lane; as high as the loudest needs. */
export function paintWaveform(
  { context, width, dark }: Surface,
  peaks: readonly (readonly [number, number])[],
  durationMs: number,
  view: CallView,
  top: number,
  height: number,
): void {
  const middle = height / 2;
  const loudest = peaks.reduce((most, [low, high]) => Math.max(most, -low, high), 0.05);
  context.fillStyle = `rgb(${dark ? INK.dark : INK.light} / 46%)`;
  const stepMs = durationMs / peaks.length;
  const first = Math.max(0, Math.floor(view.fromMs.peek() / stepMs));
  const last = Math.min(peaks.length, Math.ceil(view.toMs.peek() / stepMs) + 1);
  for (let n = first; n < last; n += 1) {
    const [low, high] = peaks[n]!;
    const left = view.x(n * stepMs, width);
    const right = view.x((n + 1) * stepMs, width);
    context.fillRect(
      left,
      top + middle - (high / loudest) * middle,
      Math.max(0.6, right - left),
      Math.max(0.6, ((high - low) / loudest) * middle),
    );
  }
}
