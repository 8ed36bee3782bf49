import type { Emotion } from '../../emotions.ts';
import type { WindowEvent } from '../../protocol/index.ts';
import type { Surface } from '../components/index.ts';
import { EMOTION_LOOKS, emotionColour, LOW_CONFIDENCE } from '../emotions.ts';
import { clock } from '../format.ts';

const BAND = 22;
const AXIS = 18;
const GAP = 6;
/** The time that is shown from the start; then the timeline grows into itself. */
const LEAST_MS = 30_000;

/** How a timeline is divided: px for a position. */
interface Scale {
  readonly width: number;
  readonly spanMs: number;
}

const x = ({ width, spanMs }: Scale, ms: number): number => (width * ms) / spanMs;

/**
 * Probabilities of the emotions one on the other, which fill the height where there is a label and fade where there is none;
 * under them the labels in force, each with its letter; and the time.
 */
export function paintTimeline(surface: Surface, windows: readonly WindowEvent[], labels: readonly Emotion[]): void {
  const { context, width, height } = surface;
  const endMs = windows.at(-1)?.endMs ?? 0;
  const scale: Scale = { width, spanMs: Math.max(LEAST_MS, endMs) };
  const areaHeight = height - BAND - AXIS - 2 * GAP;
  paintProbabilities(surface, windows, labels, scale, areaHeight);
  paintLabels(surface, windows, scale, areaHeight + GAP);
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = surface.dark ? '#a8a7a3' : '#5c5a55';
  context.textBaseline = 'alphabetic';
  const stepMs = tickOf(scale.spanMs, width);
  for (let ms = 0; ms < scale.spanMs - stepMs / 4; ms += stepMs) {
    context.textAlign = ms === 0 ? 'left' : 'center';
    context.fillText(clock(ms), x(scale, ms), height - 4);
  }
}

function paintProbabilities(
  { context, dark }: Surface,
  windows: readonly WindowEvent[],
  labels: readonly Emotion[],
  scale: Scale,
  height: number,
): void {
  let left = 0;
  for (const [index, window] of windows.entries()) {
    const next = windows[index + 1];
    const right = Math.round(x(scale, window.endMs));
    // At most one a pixel: of those that fall on it the last one stands.
    if (next !== undefined && Math.round(x(scale, next.endMs)) === right) continue;
    context.globalAlpha = opacityOf(window);
    let top = 0;
    for (const label of labels) {
      const share = (window.probabilities[label] ?? 0) * height;
      context.fillStyle = emotionColour(label, dark);
      context.fillRect(left, top, right - left, share);
      top += share;
    }
    left = right;
  }
  context.globalAlpha = 1;
}

/** What is not sure is not loud. */
function opacityOf({ label, reason, confidence }: WindowEvent): number {
  if (label === 'unknown') return reason === 'low-confidence' ? 0.28 : 0.08;
  return confidence < LOW_CONFIDENCE ? 0.55 : 0.92;
}

function paintLabels({ context, dark }: Surface, windows: readonly WindowEvent[], scale: Scale, top: number): void {
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.font = '600 11px system-ui, sans-serif';
  let from = 0;
  for (let n = 1; n <= windows.length; n += 1) {
    const first = windows[from]!;
    if (n < windows.length && windows[n]!.label === first.label) continue;
    const left = from === 0 ? 0 : x(scale, windows[from - 1]!.endMs);
    const right = x(scale, windows[n - 1]!.endMs);
    from = n;
    if (first.label === 'unknown') continue;
    context.fillStyle = emotionColour(first.label, dark);
    context.beginPath();
    context.roundRect(left + 0.5, top, Math.max(1, right - left - 1), BAND, 4);
    context.fill();
    if (right - left < 14) continue;
    context.fillStyle = dark ? '#17181a' : '#ffffff';
    context.fillText(EMOTION_LOOKS[first.label].letter, (left + right) / 2, top + BAND / 2 + 0.5);
  }
}

const TICKS_MS = [5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000];

const tickOf = (spanMs: number, width: number): number =>
  TICKS_MS.find((ms) => (width * ms) / spanMs >= 64) ?? 3_600_000;
