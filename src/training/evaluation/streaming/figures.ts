import type { StreamingMetrics } from '../../streaming-metrics.ts';
import type { NamedFigure } from '../figures/all-figures.ts';
import {
  axes,
  BLUE,
  FAINT,
  figure,
  GREEN,
  HEADING,
  line,
  MARGIN,
  mark,
  ORANGE,
  type PlotArea,
  path,
  percent,
  rect,
  scaleOf,
  text,
  ticksOf,
} from '../figures/svg.ts';
import type { StreamingSummary } from './streaming-summary.ts';
import type { Knob, Trial } from './sweep.ts';

/** What is drawn of a timeline. */
interface Quantity {
  readonly name: string;
  readonly of: (metrics: StreamingMetrics) => number;
  readonly format: (value: number) => string;
  /** What it must reach, and whether more or less is better. */
  readonly bar?: { readonly value: number; readonly better: 'above' | 'below' };
  /** The axis ends here at the latest. */
  readonly most: number;
}

const seconds = (value: number): string => `${value} s`;

function quantities({ bars }: StreamingSummary): readonly Quantity[] {
  return [
    {
      name: 'changes followed',
      of: ({ followed }) => followed,
      format: percent,
      bar: { value: bars.followed, better: 'above' },
      most: 1,
    },
    {
      name: 'median delay',
      of: ({ medianDelayMs }) => medianDelayMs / 1000,
      format: seconds,
      bar: { value: bars.medianDelayMs / 1000, better: 'below' },
      most: 12,
    },
    {
      name: 'flips a minute',
      of: ({ flipsPerMinute }) => flipsPerMinute,
      format: String,
      bar: { value: bars.flipsPerMinute, better: 'below' },
      most: 60,
    },
    { name: 'right, of the labelled', of: ({ accuracy }) => accuracy, format: percent, most: 1 },
    { name: 'abstained', of: ({ coverage }) => 1 - coverage, format: percent, most: 1 },
  ];
}

const KNOBS: Readonly<
  Record<Knob | 'windowMs', { readonly title: string; readonly label: string; readonly scale: number }>
> = {
  windowMs: { title: 'Length of the window', label: 'window, s', scale: 1 / 1000 },
  stepMs: { title: 'Step', label: 'step, s', scale: 1 / 1000 },
  timeConstantMs: { title: 'Smoothing', label: 'time constant, s', scale: 1 / 1000 },
  hysteresis: { title: 'Hysteresis', label: 'lead of a new label', scale: 1 },
  threshold: { title: 'Threshold', label: 'least probability of a label', scale: 1 },
  minSpeechRatio: { title: 'Speech that a label takes', label: 'share of the window', scale: 1 },
  keepSpeechRatio: { title: 'Speech that keeps a label', label: 'share of the window to keep it', scale: 1 },
};

/** A figure for each knob, and one of what can be had at all. */
export function streamingFigureSet(summary: StreamingSummary): readonly NamedFigure[] {
  const knobs = Object.keys(KNOBS) as (Knob | 'windowMs')[];
  return [
    ...knobs.map((knob) => ({ name: `streaming-${NAMES[knob]}`, svg: knobFigure(summary, knob) })),
    { name: 'streaming-frontier', svg: frontierFigure(summary) },
  ];
}

const NAMES: Readonly<Record<Knob | 'windowMs', string>> = {
  windowMs: 'window',
  stepMs: 'step',
  timeConstantMs: 'smoothing',
  hysteresis: 'hysteresis',
  threshold: 'threshold',
  minSpeechRatio: 'speech-ratio',
  keepSpeechRatio: 'kept-speech-ratio',
};

const PANEL_WIDTH = 218;
const PANEL_HEIGHT = 200;
const GAP = 84;

/** How everything changes as one knob is turned, the others staying where they are. */
function knobFigure(summary: StreamingSummary, knob: Knob | 'windowMs'): string {
  const { title, label, scale } = KNOBS[knob];
  const trials = summary.curves[knob];
  const settings = (summary.chosen ?? summary.present).settings;
  const panels = quantities(summary);
  const columns = 3;
  const top = HEADING + 26;
  const height = top + 2 * (PANEL_HEIGHT + 92) - 26;
  const others = (Object.keys(KNOBS) as (Knob | 'windowMs')[])
    .filter((other) => other !== knob)
    .map((other) => `${KNOBS[other].label} ${Number((settings[other] * KNOBS[other].scale).toFixed(3))}`);
  return figure(
    {
      width: MARGIN + columns * (PANEL_WIDTH + GAP) + MARGIN,
      height,
      title: `${title}: what it does to a live timeline`,
      subtitle: others.join(' · '),
      description: trials
        .map(
          ({ settings: of, metrics }) =>
            `${label} ${of[knob] * scale}: ${percent(metrics.followed)} followed, ${metrics.flipsPerMinute.toFixed(1)} flips a minute`,
        )
        .join('; '),
    },
    [
      ...panels.flatMap((quantity, index) => {
        const left = MARGIN + (index % columns) * (PANEL_WIDTH + GAP) + 62;
        const y = top + Math.floor(index / columns) * (PANEL_HEIGHT + 92);
        return panel(
          quantity,
          trials,
          knob,
          { left, right: left + PANEL_WIDTH, top: y, bottom: y + PANEL_HEIGHT },
          settings[knob],
        );
      }),
      ...legend(MARGIN + 2 * (PANEL_WIDTH + GAP) + 62, top + PANEL_HEIGHT + 92 + 20, summary),
    ],
  );
}

function panel(
  { name, of, format, bar, most }: Quantity,
  trials: readonly Trial[],
  knob: Knob | 'windowMs',
  area: PlotArea,
  chosen: number,
): string[] {
  const { label, scale } = KNOBS[knob];
  const points = trials.map(({ settings, metrics }) => ({ x: settings[knob] * scale, y: of(metrics) }));
  const finite = points.map(({ y }) => y).filter((y) => Number.isFinite(y) && y <= most);
  const high = Math.min(most, 1.12 * Math.max(...finite, bar?.value ?? 0, 1e-3));
  const xs = points.map(({ x }) => x);
  const room = 0.05 * (Math.max(...xs) - Math.min(...xs) || 1);
  const x = scaleOf([Math.min(...xs) - room, Math.max(...xs) + room], [area.left, area.right]);
  const y = scaleOf([0, high], [area.bottom, area.top]);
  const shown = points.filter((point) => Number.isFinite(point.y) && point.y <= high);
  const lost = points.filter((point) => !(Number.isFinite(point.y) && point.y <= high));
  const good = bar && (bar.better === 'above' ? [area.top, y(bar.value)] : [y(bar.value), area.bottom]);
  return [
    text(area.left, area.top - 10, name, { weight: 600 }),
    ...axes(
      area,
      { scale: x, ticks: ticksOf(Math.min(...xs), Math.max(...xs), 4), label },
      { scale: y, ticks: ticksOf(0, high, 4), label: '', format: (value) => format(Number(value.toFixed(6))) },
    ),
    good === undefined ? '' : rect([area.left, good[0]!, area.right - area.left, good[1]! - good[0]!], '#DDF1EA'),
    bar === undefined ? '' : line([area.left, y(bar.value)], [area.right, y(bar.value)], GREEN, 1.5, '5 3'),
    path(
      shown.map((point) => [x(point.x), y(point.y)]),
      BLUE,
    ),
    ...shown.map((point) =>
      point.x === chosen * scale
        ? mark('diamond', x(point.x), y(point.y), 6, ORANGE, `${label} ${point.x}: ${format(round(point.y))}`)
        : mark('circle', x(point.x), y(point.y), 4, BLUE, `${label} ${point.x}: ${format(round(point.y))}`),
    ),
    ...lost.map((point) =>
      mark(
        'triangle',
        x(point.x),
        area.top + 7,
        4.5,
        point.x === chosen * scale ? ORANGE : BLUE,
        `${label} ${point.x}: above`,
      ),
    ),
  ].filter((one) => one !== '');
}

const round = (value: number): number => Number(value.toFixed(3));

function legend(x: number, y: number, { chosen }: StreamingSummary): string[] {
  const rows: readonly (readonly [string, string])[] = [
    [mark('diamond', x + 8, y, 6, ORANGE), chosen === null ? 'as it is' : 'chosen'],
    [mark('circle', x + 8, y + 24, 4, BLUE), 'tried'],
    [mark('triangle', x + 8, y + 48, 4.5, BLUE), 'above the figure, or never'],
    [rect([x, y + 66, 16, 12], '#DDF1EA') + line([x, y + 66], [x + 16, y + 66], GREEN, 1.5, '5 3'), 'the bar is met'],
  ];
  return [
    ...rows.map(([shape, words], index) => shape + text(x + 26, y + 4 + 24 * index, words)),
    text(x, y + 112, chosen === null ? 'on streams of test speakers' : 'on streams of held-out', {
      fill: FAINT,
      size: 12,
    }),
    text(x, y + 128, chosen === null ? '' : 'training speakers', { fill: FAINT, size: 12 }),
  ];
}

const WIDTH = 760;
const AREA: PlotArea = { left: 84, right: WIDTH - 40, top: HEADING + 40, bottom: HEADING + 400 };

/** Delay against flips: what can be had for what, and how far the bars are. */
function frontierFigure(summary: StreamingSummary): string {
  const { bars, chosen, present } = summary;
  const shown = summary.frontier.filter(({ metrics }) => Number.isFinite(metrics.medianDelayMs));
  const flips = shown.map(({ metrics }) => metrics.flipsPerMinute);
  const delays = shown.map(({ metrics }) => metrics.medianDelayMs / 1000);
  const [mostFlips, mostDelay] = [
    Math.max(bars.flipsPerMinute * 2, ...flips),
    Math.max(bars.medianDelayMs / 500, ...delays),
  ];
  const x = scaleOf([0, 1.05 * mostFlips], [AREA.left, AREA.right]);
  const y = scaleOf([0, 1.08 * mostDelay], [AREA.bottom, AREA.top]);
  const point = ({ metrics }: Pick<Trial, 'metrics'>): readonly [number, number] => [
    x(metrics.flipsPerMinute),
    y(metrics.medianDelayMs / 1000),
  ];
  const words = ({ flipsPerMinute, medianDelayMs, followed }: StreamingMetrics): string =>
    `${flipsPerMinute.toFixed(1)} flips a minute, ${Number.isFinite(medianDelayMs) ? `${medianDelayMs / 1000} s` : 'mostly never'}, ${percent(followed)} followed`;
  const special: readonly (readonly [string, StreamingMetrics | null | undefined])[] = [
    ['chosen', chosen?.validation],
    ['present', present.validation],
  ];
  const box: readonly [number, number, number, number] = [
    AREA.left,
    y(bars.medianDelayMs / 1000),
    x(bars.flipsPerMinute) - AREA.left,
    AREA.bottom - y(bars.medianDelayMs / 1000),
  ];
  return figure(
    {
      width: WIDTH,
      height: AREA.bottom + 60,
      title: 'Quick or steady: what this classifier can give',
      subtitle: 'settings that no other beats by changes followed, delay and flips',
      description: shown.map(({ metrics }) => words(metrics)).join('; '),
    },
    [
      mark('circle', AREA.left + 6, HEADING + 16, 4.5, BLUE),
      text(AREA.left + 16, HEADING + 20, `at least ${percent(bars.followed)} followed`),
      mark('square', AREA.left + 206, HEADING + 16, 4, '#B9C4D0'),
      text(AREA.left + 216, HEADING + 20, 'less'),
      mark('diamond', AREA.left + 276, HEADING + 16, 6, ORANGE),
      text(AREA.left + 288, HEADING + 20, 'chosen, present'),
      ...axes(
        AREA,
        { scale: x, ticks: ticksOf(0, mostFlips, 6), label: 'flips a minute within one emotion' },
        { scale: y, ticks: ticksOf(0, mostDelay, 6), label: 'median delay', format: seconds },
      ),
      rect(box, '#DDF1EA'),
      text(box[0] + 6, box[1] + 16, 'both bars met', { fill: '#00684C', size: 12 }),
      ...shown.map((trial) => {
        const [px, py] = point(trial);
        return trial.metrics.followed >= bars.followed
          ? mark('circle', px, py, 4.5, BLUE, words(trial.metrics))
          : mark('square', px, py, 3.5, '#B9C4D0', words(trial.metrics));
      }),
      ...special.flatMap(([name, metrics]) => {
        if (metrics === null || metrics === undefined || !Number.isFinite(metrics.medianDelayMs)) return [];
        const [px, py] = point({ metrics });
        const outside = metrics.flipsPerMinute > 1.05 * mostFlips || metrics.medianDelayMs / 1000 > 1.08 * mostDelay;
        if (outside) return [];
        return [
          mark('diamond', px, py, 7, ORANGE, `${name}: ${words(metrics)}`),
          text(px + 11, py + 4, name, { weight: 600 }),
        ];
      }),
    ],
  );
}
