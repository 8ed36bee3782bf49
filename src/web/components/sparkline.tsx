import { useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { emotionColour, type Label } from '../emotions.ts';
import { dark } from '../theme.ts';

export interface SparkSeries {
  /** −1 to 1, oldest first; `null` where there is none, which leaves a hole. */
  readonly values: readonly (number | null)[];
  /** The side that matters most is drawn strong, the others fine. */
  readonly strong: boolean;
  /** Gives the last point the colour of what it is now. */
  readonly label?: Label;
}

export interface SparklineProps {
  readonly series: readonly SparkSeries[];
  /** How many values the width stands for; a shorter series begins further right. */
  readonly length: number;
}

const INK = { light: '29 29 27', dark: '236 234 230' } as const;

/** Everything that waits to be drawn, once a frame. */
const waiting = new Set<() => void>();

function drawSoon(draw: () => void): void {
  if (waiting.size === 0) {
    requestAnimationFrame(() => {
      const draws = [...waiting];
      waiting.clear();
      for (const each of draws) each();
    });
  }
  waiting.add(draw);
}

/** Sizes come from one observer, so that drawing never makes the browser lay out. */
const sized = new WeakMap<Element, (width: number, height: number) => void>();
const sizes =
  typeof ResizeObserver === 'undefined'
    ? undefined
    : new ResizeObserver((entries) => {
        for (const { target, contentRect } of entries) sized.get(target)?.(contentRect.width, contentRect.height);
      });

const same = (a: readonly SparkSeries[], b: readonly SparkSeries[]): boolean =>
  a.length === b.length &&
  a.every((series, at) => {
    const other = b[at]!;
    return (
      series.strong === other.strong &&
      series.label === other.label &&
      series.values.length === other.values.length &&
      series.values.every((value, n) => value === other.values[n])
    );
  });

/** Lines about a middle of 0 on one canvas, drawn only when they have changed. It says nothing to screen readers. */
export function Sparkline({ series, length }: SparklineProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useRef({ width: 0, height: 0 });
  const drawn = useRef<readonly SparkSeries[]>([]);
  const draw = useRef(() => {
    if (canvas.current !== null) paint(canvas.current, size.current, drawn.current, length);
  });
  useEffect(() => {
    const element = canvas.current;
    const parent = element?.parentElement;
    if (parent === null || parent === undefined) return;
    sized.set(parent, (width, height) => {
      size.current = { width, height };
      drawSoon(draw.current);
    });
    sizes?.observe(parent);
    const later = draw.current;
    return () => {
      sizes?.unobserve(parent);
      waiting.delete(later);
    };
  }, []);
  useEffect(() => {
    if (same(drawn.current, series)) return;
    drawn.current = series;
    drawSoon(draw.current);
  });
  useSignalEffect(() => {
    // Read so that a change of the theme draws it again.
    dark.value;
    drawSoon(draw.current);
  });
  return (
    <span class="sparkline" aria-hidden="true">
      <canvas ref={canvas} />
    </span>
  );
}

/** What reaches the edge: means of valence hardly come near 1. */
const FULL = 0.85;
/** Room for the round ends of lines, px. */
const MARGIN = 4;

interface Size {
  readonly width: number;
  readonly height: number;
}

function paint(canvas: HTMLCanvasElement, size: Size, all: readonly SparkSeries[], length: number): void {
  const { width, height } = size;
  const context = canvas.getContext('2d');
  if (width === 0 || height === 0 || context === null) return;
  const scale = globalThis.devicePixelRatio;
  const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
  }
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  context.lineJoin = 'round';
  context.lineCap = 'round';
  const middle = Math.round(height / 2) + 0.5;
  context.strokeStyle = `rgb(${dark.value ? INK.dark : INK.light} / 16%)`;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(MARGIN, middle);
  context.lineTo(width - MARGIN, middle);
  context.stroke();
  for (const series of all) if (!series.strong) paintSeries(context, size, middle, series, length);
  for (const series of all) if (series.strong) paintSeries(context, size, middle, series, length);
}

function paintSeries(
  context: CanvasRenderingContext2D,
  { width, height }: Size,
  middle: number,
  { values, strong, label }: SparkSeries,
  length: number,
): void {
  const ink = dark.value ? INK.dark : INK.light;
  const step = (width - 2 * MARGIN) / Math.max(1, length - 1);
  const x = (n: number): number => MARGIN + (length - values.length + n) * step;
  const y = (value: number): number => middle - Math.max(-1, Math.min(1, value / FULL)) * (height / 2 - MARGIN);
  const known = values.flatMap((value, n) => (value === null ? [] : [{ n, x: x(n), y: y(value) }]));
  if (strong && known.length > 1) {
    context.fillStyle = `rgb(${ink} / 7%)`;
    context.beginPath();
    trace(context, known);
    context.lineTo(known.at(-1)!.x, middle);
    context.lineTo(known[0]!.x, middle);
    context.closePath();
    context.fill();
  }
  context.strokeStyle = `rgb(${ink} / ${strong ? 86 : 38}%)`;
  context.lineWidth = strong ? 1.6 : 1.1;
  let gaps: readonly (readonly [Point, Point])[] = [];
  for (let from = 0; from < known.length; ) {
    let to = from + 1;
    while (to < known.length && known[to]!.n === known[to - 1]!.n + 1) to += 1;
    context.beginPath();
    trace(context, known.slice(from, to));
    context.stroke();
    if (to < known.length) gaps = [...gaps, [known[to - 1]!, known[to]!]];
    from = to;
  }
  // Over what is not known, only a hint of where it goes on.
  context.strokeStyle = `rgb(${ink} / ${strong ? 26 : 14}%)`;
  context.lineWidth = 1;
  for (const [left, right] of gaps) {
    context.beginPath();
    context.moveTo(left.x, left.y);
    context.lineTo(right.x, right.y);
    context.stroke();
  }
  const last = values.at(-1);
  if (!strong || label === undefined || label === 'unknown' || last === null || last === undefined) return;
  context.fillStyle = emotionColour(label, dark.value);
  context.beginPath();
  context.arc(x(values.length - 1), y(last), 3, 0, 2 * Math.PI);
  context.fill();
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * A curve through the points that goes above none of two neighbours nor below: cubic Hermite with the slopes of Fritsch and
 * Carlson 1980, "Monotone piecewise cubic interpolation", in the harmonic form of Fritsch and Butland 1984.
 */
function trace(context: CanvasRenderingContext2D, points: readonly Point[]): void {
  const first = points[0]!;
  context.moveTo(first.x, first.y);
  // A single value is a point: a line of almost no length with round ends.
  if (points.length === 1) context.lineTo(first.x + 0.01, first.y);
  const slope = (n: number): number => (points[n + 1]!.y - points[n]!.y) / (points[n + 1]!.x - points[n]!.x);
  let before = points.length > 1 ? slope(0) : 0;
  for (let n = 0; n + 1 < points.length; n += 1) {
    const [a, b, chord] = [points[n]!, points[n + 1]!, slope(n)];
    const next = n + 2 < points.length ? slope(n + 1) : chord;
    const after = chord * next <= 0 ? 0 : (2 * chord * next) / (chord + next);
    const third = (b.x - a.x) / 3;
    context.bezierCurveTo(a.x + third, a.y + before * third, b.x - third, b.y - after * third, b.x, b.y);
    before = after;
  }
}
