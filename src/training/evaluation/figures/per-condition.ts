import type { ConditionName } from '../../conditions.ts';
import type { ConditionMetrics } from '../summary.ts';
import { whisker } from './per-class.ts';
import {
  BLUE,
  FAINT,
  figure,
  GRID,
  HEADING,
  line,
  MARGIN,
  ORANGE,
  PANEL,
  percent,
  percent1,
  rect,
  scaleOf,
  text,
} from './svg.ts';

const WIDTH = 760;
const LEFT = 210;
const RIGHT = WIDTH - 150;
const ROW = 46;

const WORDS: Readonly<Record<ConditionName, readonly [name: string, what: string]>> = {
  clean: ['clean', 'as recorded'],
  phone: ['phone', '300–3400 Hz, 8 kHz, μ-law'],
  'noise-20': ['noise-20', 'office noise, 20 dB below'],
  'noise-10': ['noise-10', 'office noise, 10 dB below'],
  'noise-5': ['noise-5', 'office noise, 5 dB below'],
  room: ['room', 'recorded rooms'],
  varied: ['varied', 'speed, gain, place'],
  'varied-noise': ['varied-noise', 'with noise'],
  'varied-phone': ['varied-phone', 'over the telephone'],
};

/** UA and accuracy in each condition with their intervals, what guessing would reach, and what is lost against clean. */
export function perConditionFigure(
  conditions: Readonly<Partial<Record<ConditionName, ConditionMetrics>>>,
  classes: number,
  subtitle: string,
): string {
  const rows = Object.entries(conditions) as [ConditionName, ConditionMetrics][];
  const top = HEADING + 34;
  const bottom = top + rows.length * ROW;
  const x = scaleOf([0, 1], [LEFT, RIGHT]);
  const clean = conditions.clean?.ua.value;
  return figure(
    {
      width: WIDTH,
      height: bottom + 62,
      title: 'Under each condition',
      subtitle,
      description: rows.map(([name, { ua }]) => `${name}: UA ${percent1(ua.value)}`).join('; '),
    },
    [
      text(LEFT, HEADING + 16, '■ UA', { fill: BLUE, weight: 600 }),
      text(LEFT + 54, HEADING + 16, '▲ accuracy', { fill: ORANGE, weight: 600 }),
      text(LEFT + 142, HEADING + 16, 'bars: 95 % over speakers', { fill: FAINT }),
      text(WIDTH - MARGIN - 66, HEADING + 16, 'UA', { anchor: 'end', fill: FAINT }),
      text(WIDTH - MARGIN - 6, HEADING + 16, '± clean', { anchor: 'end', fill: FAINT }),
      ...rows.map((_, index) =>
        index % 2 === 0 ? rect([MARGIN, top + index * ROW, WIDTH - 2 * MARGIN, ROW], PANEL) : '',
      ),
      ...[0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((share) => [
        line([x(share), top], [x(share), bottom], GRID),
        text(x(share), bottom + 19, percent(share), { anchor: 'middle', fill: FAINT, size: 12 }),
      ]),
      line([x(1 / classes), top], [x(1 / classes), bottom], FAINT, 1.5, '4 4'),
      text(x(1 / classes), bottom + 39, 'chance', { anchor: 'middle', fill: FAINT, size: 12 }),
      ...rows.flatMap(([name, { ua, pooled }], index) => {
        const middle = top + index * ROW + ROW / 2;
        const change = clean === undefined || name === 'clean' ? '' : signed(100 * (ua.value - clean));
        return [
          text(MARGIN + 8, middle - 1, WORDS[name][0], { weight: 600 }),
          text(MARGIN + 8, middle + 14, WORDS[name][1], { fill: FAINT, size: 11 }),
          whisker(ua, middle - 8, x, 'square', BLUE, `${name}: UA`),
          whisker(pooled.accuracy, middle + 10, x, 'triangle', ORANGE, `${name}: accuracy`),
          text(WIDTH - MARGIN - 66, middle + 5, percent1(ua.value), { anchor: 'end', weight: 600 }),
          text(WIDTH - MARGIN - 6, middle + 5, change, { anchor: 'end', fill: FAINT }),
        ];
      }),
    ],
  );
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
