import type { TimelineLeg } from '../../protocol/index.ts';
import type { Surface } from '../components/index.ts';
import { EMOTION_LOOKS, emotionColour, LOW_CONFIDENCE } from '../emotions.ts';

const BAND = 14;
const INK = { light: '29 29 27', dark: '236 234 230' } as const;

/** A side of a call in one line: its valence above, the labels in force below, each with its letter. */
export function paintStrip(surface: Surface, leg: TimelineLeg, spanMs: number): void {
  const { context, width, height, dark } = surface;
  if (spanMs <= 0) return;
  const ink = dark ? INK.dark : INK.light;
  const x = (ms: number): number => (width * ms) / spanMs;
  const middle = (height - BAND - 4) / 2;
  context.strokeStyle = `rgb(${ink} / 16%)`;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, middle + 0.5);
  context.lineTo(x(leg.points.at(-1)?.endMs ?? 0), middle + 0.5);
  context.stroke();
  context.strokeStyle = `rgb(${ink} / 80%)`;
  context.lineWidth = 1.4;
  context.lineJoin = 'round';
  context.beginPath();
  let open = false;
  let column = -1;
  for (const { endMs, label, valence } of leg.points) {
    if (label === 'unknown') open = false;
    else if (Math.floor(x(endMs)) !== column || !open) {
      column = Math.floor(x(endMs));
      const at = middle - valence * (middle - 2);
      if (open) context.lineTo(x(endMs), at);
      else context.moveTo(x(endMs), at);
      open = true;
    }
  }
  context.stroke();
  paintBand(surface, leg, x, height - BAND);
}

function paintBand({ context, dark }: Surface, { points }: TimelineLeg, x: (ms: number) => number, top: number): void {
  context.font = '600 10px system-ui, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  let from = 0;
  for (let n = 1; n <= points.length; n += 1) {
    const first = points[from]!;
    if (n < points.length && points[n]!.label === first.label) continue;
    const left = from === 0 ? 0 : x(points[from - 1]!.endMs);
    const right = x(points[n - 1]!.endMs);
    const sure = points.slice(from, n).some(({ confidence }) => confidence >= LOW_CONFIDENCE);
    from = n;
    if (first.label === 'unknown') continue;
    context.globalAlpha = sure ? 1 : 0.5;
    context.fillStyle = emotionColour(first.label, dark);
    context.fillRect(left, top, Math.max(1, right - left - 1), BAND);
    context.globalAlpha = 1;
    if (right - left < 12) continue;
    context.fillStyle = dark ? '#17181a' : '#ffffff';
    context.fillText(EMOTION_LOOKS[first.label].letter, (left + right) / 2, top + BAND / 2 + 0.5);
  }
}
