import type { Emotion } from '../../emotions.ts';
import type { Correction, TimelinePoint } from '../../protocol/index.ts';
import type { Surface } from '../components/index.ts';
import { EMOTION_LOOKS, emotionColour, type Label, LOW_CONFIDENCE } from '../emotions.ts';
import type { GrowingLeg } from './call-model.ts';
import type { CallView } from './call-view.ts';

export type ChartKind = 'emotions' | 'mood' | 'voice';

const CHART = 104;
const BAND = 20;
const TURNS = 6;
const WAVE = 26;
const BAND_TOP = CHART + 6;
const TURNS_TOP = BAND_TOP + BAND + 4;

/** How a side is divided, px from its top. */
export const LEG_LAYOUT = {
  chart: CHART,
  bandTop: BAND_TOP,
  band: BAND,
  turnsTop: TURNS_TOP,
  turns: TURNS,
  waveTop: TURNS_TOP + TURNS + 4,
  wave: WAVE,
} as const;

/** Of a side with its recording, and with the labels of another model beside. */
export const legHeight = (recorded: boolean, compared: boolean): number =>
  TURNS_TOP + TURNS + 2 + (recorded ? WAVE + 4 : 0) + (compared ? BAND + 4 : 0);

const INK = { light: '29 29 27', dark: '236 234 230' } as const;
const PAPER = { light: '#ffffff', dark: '#17181a' } as const;

/** The first point that ends at or after a moment. */
export function firstFrom(points: readonly TimelinePoint[], ms: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle]!.endMs < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Points that end on one pixel: from and to (exclusive) among those of the side, and what of the width they fill. */
interface Column {
  from: number;
  to: number;
  left: number;
  right: number;
}

/**
 * The points in sight by the pixel they end on: in an hour there are several on each. The same object every time, for there
 * are as many as pixels.
 */
function* columnsInSight(points: readonly TimelinePoint[], view: CallView, width: number): Generator<Readonly<Column>> {
  const until = view.toMs.peek();
  const first = Math.max(0, firstFrom(points, view.fromMs.peek()) - 1);
  const column: Column = { from: first, to: first, left: 0, right: 0 };
  column.left = Math.round(view.x(first === 0 ? 0 : points[first - 1]!.endMs, width));
  for (let n = first; n < points.length; n += 1) {
    column.right = Math.round(view.x(points[n]!.endMs, width));
    column.to = n + 1;
    const next = points[n + 1];
    if (next !== undefined && Math.round(view.x(next.endMs, width)) === column.right) continue;
    yield column;
    column.from = n + 1;
    column.left = column.right;
    if (points[n]!.endMs > until) return;
  }
}

/** Not sure is not loud; silence is hardly seen. */
function opacityOf({ label, reason, confidence }: TimelinePoint): number {
  if (label === 'unknown') return reason === 'low-confidence' ? 0.28 : 0.07;
  return confidence < LOW_CONFIDENCE ? 0.55 : 0.92;
}

/** Probabilities of the emotions one on the other; where several windows share a pixel, the mean of them. */
export function paintEmotions(surface: Surface, leg: GrowingLeg, labels: readonly Emotion[], view: CallView): void {
  const { context, width, dark } = surface;
  const colours = labels.map((label) => emotionColour(label, dark));
  const shares = new Float64Array(labels.length);
  for (const { from, to, left, right } of columnsInSight(leg.points, view, width)) {
    shares.fill(0);
    let opacity = 0;
    for (let n = from; n < to; n += 1) {
      const point = leg.points[n]!;
      const weight = opacityOf(point);
      opacity += weight;
      for (let at = 0; at < shares.length; at += 1) shares[at]! += weight * (point.probabilities[at] ?? 0);
    }
    context.globalAlpha = opacity / (to - from);
    let top = 0;
    for (let at = 0; at < shares.length; at += 1) {
      const height = (shares[at]! / opacity) * LEG_LAYOUT.chart;
      if (height <= 0) continue;
      context.fillStyle = colours[at]!;
      context.fillRect(left, top, right - left, height);
      top += height;
    }
  }
  context.globalAlpha = 1;
}

/** Where emotions would be, were they not withheld. */
export function paintWithheld({ context, width, dark }: Surface): void {
  const ink = dark ? INK.dark : INK.light;
  context.fillStyle = `rgb(${ink} / 4%)`;
  context.fillRect(0, 0, width, LEG_LAYOUT.chart);
  context.fillStyle = `rgb(${ink} / 66%)`;
  context.font = '13px system-ui, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText('By policy the emotions of this side are not shown', width / 2, LEG_LAYOUT.chart / 2);
}

interface Line {
  readonly value: (point: TimelinePoint) => number | null;
  /** What lies at the top and at the bottom. */
  readonly high: number;
  readonly low: number;
  readonly width: number;
  readonly dash: readonly number[];
}

/** Valence as a full line, arousal as a dashed one, −1 to 1 about the middle. */
export const MOOD_LINES: readonly Line[] = [
  { value: ({ label, arousal }) => (label === 'unknown' ? null : arousal), high: 1, low: -1, width: 1.2, dash: [4, 3] },
  { value: ({ label, valence }) => (label === 'unknown' ? null : valence), high: 1, low: -1, width: 1.8, dash: [] },
];

/** Level in dB as a full line, pitch in semitones as a dashed one. */
export const VOICE_LINES: readonly Line[] = [
  { value: ({ pitchSemitones }) => pitchSemitones, high: 50, low: 15, width: 1.2, dash: [4, 3] },
  { value: ({ levelDb, speechRatio }) => (speechRatio > 0 ? levelDb : null), high: 0, low: -60, width: 1.8, dash: [] },
];

export function paintLines(surface: Surface, leg: GrowingLeg, lines: readonly Line[], view: CallView): void {
  const { context, width, dark } = surface;
  const ink = dark ? INK.dark : INK.light;
  const height = LEG_LAYOUT.chart;
  context.strokeStyle = `rgb(${ink} / 14%)`;
  context.lineWidth = 1;
  for (const at of [0.5, height / 2, height - 0.5]) {
    context.beginPath();
    context.moveTo(0, Math.round(at) + 0.5);
    context.lineTo(width, Math.round(at) + 0.5);
    context.stroke();
  }
  for (const line of lines) {
    context.strokeStyle = `rgb(${ink} / ${line.dash.length > 0 ? 58 : 88}%)`;
    context.lineWidth = line.width;
    context.lineJoin = 'round';
    context.setLineDash([...line.dash]);
    context.beginPath();
    let open = false;
    for (const { from, to, right } of columnsInSight(leg.points, view, width)) {
      const [most, least] = extremesOf(leg.points, from, to, line);
      if (most >= least) {
        if (open) context.lineTo(right, heightOf(line, most));
        else context.moveTo(right, heightOf(line, most));
        if (heightOf(line, least) - heightOf(line, most) > 1) context.lineTo(right, heightOf(line, least));
      }
      open = most >= least;
    }
    context.stroke();
  }
  context.setLineDash([]);
}

const heightOf = ({ high, low }: Line, value: number): number =>
  2 + Math.max(0, Math.min(1, (high - value) / (high - low))) * (LEG_LAYOUT.chart - 4);

/** Of several on one pixel the highest and the lowest, so that no peak is lost; the other way round where there is none. */
function extremesOf(points: readonly TimelinePoint[], from: number, to: number, line: Line): readonly [number, number] {
  let [most, least] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let n = from; n < to; n += 1) {
    const value = line.value(points[n]!);
    if (value === null || !Number.isFinite(value)) continue;
    most = Math.max(most, value);
    least = Math.min(least, value);
  }
  return [most, least];
}

/** The labels in force as blocks, each with its letter. */
export function paintLabels(surface: Surface, points: readonly TimelinePoint[], view: CallView, top: number): void {
  const { context, width } = surface;
  context.font = '600 11px system-ui, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const until = view.toMs.peek();
  let from = Math.max(0, firstFrom(points, view.fromMs.peek()) - 1);
  // To the beginning of the block that is cut by the left edge.
  while (from > 0 && points[from - 1]!.label === points[from]?.label) from -= 1;
  for (let n = from + 1; n <= points.length; n += 1) {
    const first = points[from]!;
    if (n < points.length && points[n]!.label === first.label) continue;
    const left = view.x(from === 0 ? 0 : points[from - 1]!.endMs, width);
    const right = view.x(points[n - 1]!.endMs, width);
    paintBlock(surface, first.label, left, right, top, averageOf(points, from, n) < LOW_CONFIDENCE);
    from = n;
    if (points[n - 1]!.endMs > until) return;
  }
}

function averageOf(points: readonly TimelinePoint[], from: number, to: number): number {
  let sum = 0;
  for (let n = from; n < to; n += 1) sum += points[n]!.confidence;
  return sum / Math.max(1, to - from);
}

function paintBlock(surface: Surface, label: Label, left: number, right: number, top: number, unsure: boolean): void {
  if (label === 'unknown') return;
  const { context, dark, width } = surface;
  context.globalAlpha = unsure ? 0.55 : 1;
  context.fillStyle = emotionColour(label, dark);
  context.beginPath();
  context.roundRect(left + 0.5, top, Math.max(1, right - left - 1), LEG_LAYOUT.band, 4);
  context.fill();
  context.globalAlpha = 1;
  const [seenLeft, seenRight] = [Math.max(0, left), Math.min(width, right)];
  if (seenRight - seenLeft < 14) return;
  context.fillStyle = dark ? PAPER.dark : PAPER.light;
  const { letter, word } = EMOTION_LOOKS[label];
  const text = seenRight - seenLeft > 90 ? `${word}${unsure ? '?' : ''}` : letter;
  context.fillText(text, (seenLeft + seenRight) / 2, top + LEG_LAYOUT.band / 2 + 0.5);
}

/** Where the side speaks; darker where another does, too. */
export function paintTurns(surface: Surface, leg: GrowingLeg, others: readonly GrowingLeg[], view: CallView): void {
  const { context, width, dark } = surface;
  const ink = dark ? INK.dark : INK.light;
  const top = LEG_LAYOUT.turnsTop;
  context.fillStyle = `rgb(${ink} / 34%)`;
  for (const { startMs, endMs } of leg.turns) {
    const [left, right] = [view.x(startMs, width), view.x(endMs, width)];
    if (right < 0 || left > width) continue;
    context.fillRect(left, top, Math.max(1, right - left), LEG_LAYOUT.turns);
  }
  context.fillStyle = `rgb(${ink} / 88%)`;
  for (const { turns } of others) {
    for (const [startMs, endMs] of overlaps(leg.turns, turns)) {
      const [left, right] = [view.x(startMs, width), view.x(endMs, width)];
      if (right < 0 || left > width) continue;
      context.fillRect(left, top, Math.max(1, right - left), LEG_LAYOUT.turns);
    }
  }
}

/** Where two sides speak at once; both in order of time. */
export function* overlaps(a: GrowingLeg['turns'], b: GrowingLeg['turns']): Generator<readonly [number, number]> {
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const start = Math.max(a[i]!.startMs, b[j]!.startMs);
    const end = Math.min(a[i]!.endMs, b[j]!.endMs);
    if (end > start) yield [start, end];
    if (a[i]!.endMs < b[j]!.endMs) i += 1;
    else j += 1;
  }
}

/** Corrected stretches: hatched over the labels, with the letter of what they are. */
export function paintCorrections(surface: Surface, corrections: readonly Correction[], view: CallView): void {
  const { context, width, dark } = surface;
  const top = LEG_LAYOUT.bandTop;
  for (const { startMs, endMs, label } of corrections) {
    const [left, right] = [view.x(startMs, width), view.x(endMs, width)];
    if (right < 0 || left > width) continue;
    paintBlock(surface, label, left, right, top, false);
    context.save();
    context.beginPath();
    context.rect(left, top, right - left, LEG_LAYOUT.band);
    context.clip();
    context.strokeStyle = dark ? PAPER.dark : PAPER.light;
    context.globalAlpha = 0.55;
    context.lineWidth = 1.5;
    for (let x = left - LEG_LAYOUT.band; x < right; x += 6) {
      context.beginPath();
      context.moveTo(x, top + LEG_LAYOUT.band);
      context.lineTo(x + LEG_LAYOUT.band, top);
      context.stroke();
    }
    context.restore();
  }
}
