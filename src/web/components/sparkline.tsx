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
  const y = (value: number): number => middle - Math.max(-1, Math.min(1, value)) * (height / 2 - MARGIN);
  context.strokeStyle = `rgb(${ink} / ${strong ? 86 : 38}%)`;
  context.lineWidth = strong ? 1.6 : 1.1;
  context.fillStyle = `rgb(${ink} / 7%)`;
  for (const [from, to] of stretches(values)) {
    context.beginPath();
    for (let n = from; n < to; n += 1) context.lineTo(x(n), y(values[n]!));
    // A stretch of one value is a point: a line of almost no length with round ends.
    if (to - from === 1) context.lineTo(x(from) + 0.01, y(values[from]!));
    context.stroke();
    if (!strong || to - from === 1) continue;
    context.lineTo(x(to - 1), middle);
    context.lineTo(x(from), middle);
    context.closePath();
    context.fill();
  }
  const last = values.at(-1);
  if (!strong || label === undefined || label === 'unknown' || last === null || last === undefined) return;
  context.fillStyle = emotionColour(label, dark.value);
  context.beginPath();
  context.arc(x(values.length - 1), y(last), 3, 0, 2 * Math.PI);
  context.fill();
}

/** Where there are values without a hole: from, to (exclusive). */
function stretches(values: readonly (number | null)[]): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  let from = -1;
  for (let n = 0; n <= values.length; n += 1) {
    const there = n < values.length && values[n] !== null;
    if (there && from < 0) from = n;
    if (!there && from >= 0) {
      found.push([from, n]);
      from = -1;
    }
  }
  return found;
}
