import type { Interval } from '../bootstrap.ts';
import type { ConditionMetrics } from '../summary.ts';
import {
  BLUE,
  CLASS_COLOURS,
  FAINT,
  figure,
  GREEN,
  GRID,
  HEADING,
  line,
  MARGIN,
  type MarkShape,
  mark,
  ORANGE,
  PANEL,
  percent,
  percent1,
  rect,
  scaleOf,
  text,
  widthOf,
} from './svg.ts';

const WIDTH = 760;
const LEFT = 150;
const RIGHT = WIDTH - 96;
const ROW = 58;

const FIGURES: readonly {
  readonly name: 'precision' | 'recall' | 'f1';
  readonly word: string;
  readonly shape: MarkShape;
  readonly colour: string;
}[] = [
  { name: 'precision', word: 'precision', shape: 'triangle', colour: ORANGE },
  { name: 'recall', word: 'recall', shape: 'square', colour: BLUE },
  { name: 'f1', word: 'F1', shape: 'circle', colour: GREEN },
];

/** Precision, recall and F1 of each class with their intervals, and what guessing would reach. */
export function perClassFigure(classes: ConditionMetrics['classes'], subtitle: string): string {
  const top = HEADING + 34;
  const bottom = top + classes.length * ROW;
  const x = scaleOf([0, 1], [LEFT, RIGHT]);
  const present = classes.filter(({ support }) => support > 0).length;
  let at = LEFT;
  const legend = FIGURES.map(({ word, shape, colour }) => {
    const entry = mark(shape, at + 6, HEADING + 12, 5, colour) + text(at + 18, HEADING + 16, word);
    at += 18 + widthOf(word) + 24;
    return entry;
  });
  return figure(
    {
      width: WIDTH,
      height: bottom + 62,
      title: 'Each class',
      subtitle,
      description: classes.map(({ label, f1 }) => `${label}: F1 ${percent1(f1.value)}`).join('; '),
    },
    [
      ...legend,
      text(at + 6, HEADING + 16, 'bars: 95 % over speakers', { fill: FAINT }),
      ...classes.map((_, index) =>
        index % 2 === 0 ? rect([MARGIN, top + index * ROW, WIDTH - 2 * MARGIN, ROW], PANEL) : '',
      ),
      ...[0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((share) => [
        line([x(share), top], [x(share), bottom], GRID),
        text(x(share), bottom + 19, percent(share), { anchor: 'middle', fill: FAINT, size: 12 }),
      ]),
      line([x(1 / present), top], [x(1 / present), bottom], FAINT, 1.5, '4 4'),
      text(x(1 / present), bottom + 39, 'chance', { anchor: 'middle', fill: FAINT, size: 12 }),
      ...classes.flatMap((of, index) => {
        const middle = top + index * ROW + ROW / 2;
        return [
          rect([MARGIN + 8, middle - 12, 4, 24], CLASS_COLOURS[of.label], { radius: 2 }),
          text(MARGIN + 20, middle, of.label, { weight: 600 }),
          text(MARGIN + 20, middle + 15, `${Math.round(of.support)} clips`, { fill: FAINT, size: 11 }),
          ...FIGURES.map(({ name, word, shape, colour }, row) =>
            whisker(of[name], middle + (row - 1) * 16, x, shape, colour, `${of.label}: ${word}`),
          ),
          text(WIDTH - MARGIN - 8, middle + 5, percent1(of.f1.value), { anchor: 'end', weight: 600 }),
        ];
      }),
      text(WIDTH - MARGIN - 8, HEADING + 16, 'F1', { anchor: 'end', fill: FAINT }),
    ],
  );
}

/** A mark with its interval, and what both are where the pointer rests on it. */
export function whisker(
  { value, low, high }: Interval,
  y: number,
  x: (share: number) => number,
  shape: MarkShape,
  colour: string,
  what: string,
): string {
  const tip = `${what} ${percent1(value)}, 95 % from ${percent1(low)} to ${percent1(high)}`;
  return [
    line([x(low), y], [x(high), y], colour, 2),
    line([x(low), y - 4], [x(low), y + 4], colour, 1.5),
    line([x(high), y - 4], [x(high), y + 4], colour, 1.5),
    mark(shape, x(value), y, 5.5, colour, tip),
  ].join('');
}
