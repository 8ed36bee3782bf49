import { EMOTION_COLOURS, escapeXml } from '../../../exports/index.ts';
import type { ClassLabel } from '../../labels.ts';

// Small functions that write SVG, and the one look of all figures: light paper, dark ink, colours that stay apart in the common kinds
// of colour blindness (Okabe and Ito, https://jfly.uni-koeln.de/color/), and a word or a shape beside every colour.

export const INK = '#1F2933';
export const FAINT = '#52606D';
export const GRID = '#D9E0E8';
export const PANEL = '#F7F9FB';
export const BLUE = '#0072B2';
export const ORANGE = '#D55E00';
export const GREEN = '#009E73';
export const PURPLE = '#9B4F84';
/** For one series after the other, with the dash that goes with each. */
export const SERIES = [
  { colour: BLUE, dash: '' },
  { colour: ORANGE, dash: '7 3' },
  { colour: GREEN, dash: '2 3' },
  { colour: PURPLE, dash: '9 3 2 3' },
  { colour: '#7A6A00', dash: '4 2' },
  { colour: INK, dash: '1 2' },
] as const;

export const CLASS_COLOURS: Readonly<Record<ClassLabel, string>> = {
  ...EMOTION_COLOURS,
  calm: '#E69F00',
  boredom: '#5B6470',
};

const FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

export interface FigureFrame {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** A line under the title. */
  readonly subtitle?: string;
  /** What a reader who does not see the figure is told. */
  readonly description: string;
}

/** Where the part under the heading begins. */
export const HEADING = 74;
export const MARGIN = 24;

/** A whole figure: paper, heading, and the body. */
export function figure({ width, height, title, subtitle, description }: FigureFrame, body: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="${FONT}" font-size="13" fill="${INK}">`,
    `<title>${escapeXml(title)}</title>`,
    `<desc>${escapeXml(description)}</desc>`,
    `<rect width="${width}" height="${height}" fill="#FFFFFF"/>`,
    text(MARGIN, 34, title, { size: 18, weight: 600 }),
    subtitle === undefined ? '' : text(MARGIN, 55, subtitle, { fill: FAINT }),
    ...body,
    '</svg>',
    '',
  ]
    .filter((line, index, lines) => line !== '' || index === lines.length - 1)
    .join('\n');
}

export interface TextStyle {
  readonly size?: number;
  readonly weight?: number;
  readonly fill?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Degrees, about the text's own place. */
  readonly rotate?: number;
}

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size, weight, fill, anchor, rotate } = style;
  const attributes = [
    `x="${n(x)}" y="${n(y)}"`,
    ...(size === undefined ? [] : [`font-size="${size}"`]),
    ...(weight === undefined ? [] : [`font-weight="${weight}"`]),
    ...(fill === undefined ? [] : [`fill="${fill}"`]),
    ...(anchor === undefined ? [] : [`text-anchor="${anchor}"`]),
    ...(rotate === undefined ? [] : [`transform="rotate(${rotate} ${n(x)} ${n(y)})"`]),
  ];
  return `<text ${attributes.join(' ')}>${escapeXml(content)}</text>`;
}

export function line(
  from: readonly [x: number, y: number],
  to: readonly [x: number, y: number],
  stroke: string,
  width = 1,
  dash = '',
): string {
  return `<line x1="${n(from[0])}" y1="${n(from[1])}" x2="${n(to[0])}" y2="${n(to[1])}" stroke="${stroke}" stroke-width="${width}"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}/>`;
}

/** @param tip what is shown of it where the pointer rests on it. */
export function rect(
  [x, y, width, height]: readonly [x: number, y: number, width: number, height: number],
  fill: string,
  { radius = 0, stroke, tip }: { readonly radius?: number; readonly stroke?: string; readonly tip?: string } = {},
): string {
  const attributes = `x="${n(x)}" y="${n(y)}" width="${n(Math.max(0, width))}" height="${n(Math.max(0, height))}" fill="${fill}"`;
  const rest = `${radius > 0 ? ` rx="${radius}"` : ''}${stroke === undefined ? '' : ` stroke="${stroke}"`}`;
  return tip === undefined ? `<rect ${attributes}${rest}/>` : `<rect ${attributes}${rest}>${title(tip)}</rect>`;
}

/** Marks that are told apart without their colour, too. */
export type MarkShape = 'circle' | 'square' | 'triangle' | 'diamond';
export const MARK_SHAPES: readonly MarkShape[] = ['circle', 'square', 'triangle', 'diamond'];

const OUTLINES: Readonly<Record<Exclude<MarkShape, 'circle'>, readonly (readonly [dx: number, dy: number])[]>> = {
  square: [
    [-0.9, -0.9],
    [0.9, -0.9],
    [0.9, 0.9],
    [-0.9, 0.9],
  ],
  triangle: [
    [0, -1.15],
    [1.1, 0.85],
    [-1.1, 0.85],
  ],
  diamond: [
    [0, -1.25],
    [1.25, 0],
    [0, 1.25],
    [-1.25, 0],
  ],
};

export function mark(shape: MarkShape, x: number, y: number, size: number, fill: string, tip?: string): string {
  const inside = tip === undefined ? '' : title(tip);
  const style = `fill="${fill}" stroke="#FFFFFF" stroke-width="1"`;
  if (shape === 'circle') return `<circle cx="${n(x)}" cy="${n(y)}" r="${size}" ${style}>${inside}</circle>`;
  const points = OUTLINES[shape].map(([dx, dy]) => `${n(x + dx * size)},${n(y + dy * size)}`).join(' ');
  return `<polygon points="${points}" ${style}>${inside}</polygon>`;
}

export function path(
  points: readonly (readonly [x: number, y: number])[],
  stroke: string,
  width = 2,
  dash = '',
): string {
  if (points.length === 0) return '';
  const d = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${n(x)} ${n(y)}`).join('');
  return `<path d="${d}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linejoin="round"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}/>`;
}

const title = (tip: string): string => `<title>${escapeXml(tip)}</title>`;

export type Scale = (value: number) => number;

/** Linear from a range of values to one of pixels. */
export const scaleOf =
  ([low, high]: readonly [number, number], [from, to]: readonly [number, number]): Scale =>
  (value) =>
    from + ((value - low) / (high - low || 1)) * (to - from);

/** Round values that cover a range, about `count` of them. */
export function ticksOf(low: number, high: number, count = 5): number[] {
  const raw = (high - low) / count;
  if (!(raw > 0)) return [low];
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * magnitude).find((size) => size >= raw * 0.999)!;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

export interface PlotArea {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Panel, grid lines and words of a horizontal and a vertical axis. */
export function axes(
  { left, right, top, bottom }: PlotArea,
  x: {
    readonly scale: Scale;
    readonly ticks: readonly number[];
    readonly label: string;
    readonly format?: (value: number) => string;
  },
  y: {
    readonly scale: Scale;
    readonly ticks: readonly number[];
    readonly label: string;
    readonly format?: (value: number) => string;
  },
): string[] {
  const plain = (value: number): string => String(value);
  return [
    rect([left, top, right - left, bottom - top], PANEL),
    ...y.ticks.flatMap((value) => [
      line([left, y.scale(value)], [right, y.scale(value)], GRID),
      text(left - 8, y.scale(value) + 4, (y.format ?? plain)(value), { fill: FAINT, anchor: 'end', size: 12 }),
    ]),
    ...x.ticks.flatMap((value) => [
      line([x.scale(value), bottom], [x.scale(value), bottom + 5], FAINT),
      text(x.scale(value), bottom + 19, (x.format ?? plain)(value), { fill: FAINT, anchor: 'middle', size: 12 }),
    ]),
    line([left, bottom], [right, bottom], FAINT),
    text((left + right) / 2, bottom + 39, x.label, { fill: FAINT, anchor: 'middle' }),
    text(left - 46, (top + bottom) / 2, y.label, { fill: FAINT, anchor: 'middle', rotate: -90 }),
  ];
}

export const percent = (share: number): string => `${Math.round(100 * share)} %`;
export const percent1 = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** About how wide a text is, px. */
export const widthOf = (content: string, size = 13): number => content.length * size * 0.55;

/** To a tenth of a pixel. */
export function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}
