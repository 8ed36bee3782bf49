import type { Interval } from '../bootstrap.ts';
import type { ConditionMetrics } from '../summary.ts';
import {
  axes,
  BLUE,
  FAINT,
  figure,
  GRID,
  HEADING,
  line,
  mark,
  ORANGE,
  type PlotArea,
  percent,
  rect,
  scaleOf,
  text,
} from './svg.ts';

const WIDTH = 620;
const AREA: PlotArea = { left: 84, right: WIDTH - 28, top: HEADING + 10, bottom: HEADING + 340 };
const COUNTS: PlotArea = { left: 84, right: WIDTH - 28, top: AREA.bottom + 66, bottom: AREA.bottom + 146 };
const TENTHS = Array.from({ length: 6 }, (_, step) => step / 5);

/** Of guesses that were called so likely, how many were right: on the line where the promise is kept. */
export function reliabilityFigure(bins: ConditionMetrics['reliability'], ece: Interval, subtitle: string): string {
  const x = scaleOf([0, 1], [AREA.left, AREA.right]);
  const y = scaleOf([0, 1], [AREA.bottom, AREA.top]);
  const most = Math.max(1, ...bins.map(({ clips }) => clips));
  const total = bins.reduce((sum, { clips }) => sum + clips, 0);
  const count = scaleOf([0, most], [COUNTS.bottom, COUNTS.top + 14]);
  const width = x(0.1) - x(0);
  const known = bins.filter(({ clips }) => clips > 0);
  return figure(
    {
      width: WIDTH,
      height: COUNTS.bottom + 62,
      title: `Calibration: expected error ${ece.value.toFixed(3)}`,
      subtitle,
      description: known
        .map(
          ({ meanConfidence, accuracy, clips }) =>
            `said ${percent(meanConfidence)}, right ${percent(accuracy)} of ${clips}`,
        )
        .join('; '),
    },
    [
      ...axes(
        AREA,
        { scale: x, ticks: TENTHS, label: 'probability of the guess, as said', format: percent },
        { scale: y, ticks: TENTHS, label: 'of these right', format: percent },
      ),
      ...known.map(({ from, accuracy, clips }) =>
        rect([x(from) + 2, y(accuracy), width - 4, AREA.bottom - y(accuracy)], '#B7D4E8', {
          tip: `${percent(accuracy)} of ${clips} right`,
        }),
      ),
      line([x(0), y(0)], [x(1), y(1)], FAINT, 1.5, '5 4'),
      ...known.map(({ meanConfidence, accuracy }) =>
        line([x(meanConfidence), y(meanConfidence)], [x(meanConfidence), y(accuracy)], ORANGE, 2.5),
      ),
      ...known.map(({ meanConfidence, accuracy, clips }) =>
        mark(
          'circle',
          x(meanConfidence),
          y(accuracy),
          5,
          BLUE,
          `said ${percent(meanConfidence)}, right ${percent(accuracy)} of ${clips}`,
        ),
      ),
      mark('circle', AREA.left + 20, AREA.top + 20, 5, BLUE),
      text(AREA.left + 34, AREA.top + 24, 'right'),
      line([AREA.left + 12, AREA.top + 42], [AREA.left + 28, AREA.top + 42], ORANGE, 2.5),
      text(AREA.left + 34, AREA.top + 46, 'too sure (below the line), too modest (above)'),
      line([AREA.left + 12, AREA.top + 64], [AREA.left + 28, AREA.top + 64], FAINT, 1.5, '5 4'),
      text(AREA.left + 34, AREA.top + 68, 'as promised'),
      ...axes(
        COUNTS,
        { scale: x, ticks: TENTHS, label: 'probability of the guess', format: percent },
        { scale: count, ticks: [], label: 'clips' },
      ),
      ...bins.map(({ from, clips }) =>
        [
          rect([x(from) + 2, count(clips), width - 4, COUNTS.bottom - count(clips)], GRID),
          clips === 0
            ? ''
            : text(
                x(from) + width / 2,
                count(clips) - 4,
                clips / total < 0.005 ? String(clips) : percent(clips / total),
                {
                  anchor: 'middle',
                  size: 11,
                  fill: FAINT,
                },
              ),
        ].join(''),
      ),
    ],
  );
}
