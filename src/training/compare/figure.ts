import {
  BLUE,
  FAINT,
  figure,
  GRID,
  HEADING,
  line,
  MARGIN,
  mark,
  PANEL,
  percent,
  percent1,
  rect,
  scaleOf,
  text,
} from '../evaluation/figures/svg.ts';
import type { ProtocolComparison } from './comparison.ts';

const WIDTH = 760;
const LEFT = 212;
const RIGHT = WIDTH - 96;
const ROW = 40;

/** The UA of each classifier with its interval, best first, and what guessing would reach. */
export function comparisonFigure(comparison: ProtocolComparison): string {
  const { protocol, classifiers, labels } = comparison;
  const top = HEADING + 8;
  const bottom = top + classifiers.length * ROW;
  const x = scaleOf([0, 1], [LEFT, RIGHT]);
  const chance = 1 / labels.length;
  return figure(
    {
      width: WIDTH,
      height: bottom + 62,
      title: 'Classifiers compared',
      subtitle: `UA by ${protocol}; bars: 95 % over speakers`,
      description: classifiers.map(({ classifier, ua }) => `${classifier}: UA ${percent1(ua.value)}`).join('; '),
    },
    [
      ...classifiers.map((_, index) =>
        index % 2 === 0 ? rect([MARGIN, top + index * ROW, WIDTH - 2 * MARGIN, ROW], PANEL) : '',
      ),
      ...[0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((share) => [
        line([x(share), top], [x(share), bottom], GRID),
        text(x(share), bottom + 19, percent(share), { anchor: 'middle', fill: FAINT, size: 12 }),
      ]),
      line([x(chance), top], [x(chance), bottom], FAINT, 1.5, '4 4'),
      text(x(chance), bottom + 39, 'chance', { anchor: 'middle', fill: FAINT, size: 12 }),
      ...classifiers.flatMap(({ classifier, ua }, index) => {
        const middle = top + index * ROW + ROW / 2;
        const tip = `${classifier}: UA ${percent1(ua.value)}, 95 % from ${percent1(ua.low)} to ${percent1(ua.high)}`;
        return [
          text(MARGIN + 12, middle + 5, classifier, { weight: 600 }),
          line([x(ua.low), middle], [x(ua.high), middle], BLUE, 2),
          ...[ua.low, ua.high].map((end) => line([x(end), middle - 5], [x(end), middle + 5], BLUE, 1.5)),
          mark('circle', x(ua.value), middle, 6, BLUE, tip),
          text(WIDTH - MARGIN - 8, middle + 5, (100 * ua.value).toFixed(1), { anchor: 'end', weight: 600 }),
        ];
      }),
    ],
  );
}
