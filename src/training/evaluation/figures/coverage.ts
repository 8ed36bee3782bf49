import type { ConditionName } from '../../conditions.ts';
import type { ConditionMetrics } from '../summary.ts';
import {
  axes,
  FAINT,
  figure,
  HEADING,
  line,
  MARK_SHAPES,
  mark,
  type PlotArea,
  path,
  percent,
  SERIES,
  scaleOf,
  text,
  ticksOf,
} from './svg.ts';

const WIDTH = 700;
const AREA: PlotArea = { left: 84, right: WIDTH - 130, top: HEADING + 14, bottom: HEADING + 334 };

/** Accuracy of what is left where the least certain guesses are withheld; a curve per condition. */
export function coverageFigure(
  conditions: Readonly<Partial<Record<ConditionName, ConditionMetrics>>>,
  subtitle: string,
): string {
  const curves = Object.entries(conditions).map(([name, { coverage }], index) => ({
    name,
    points: coverage,
    ...SERIES[index % SERIES.length]!,
    shape: MARK_SHAPES[index % MARK_SHAPES.length]!,
  }));
  const lowest = Math.min(...curves.flatMap(({ points }) => points.map(({ accuracy }) => accuracy)));
  const low = Math.max(0, Math.floor(10 * lowest - 0.5) / 10);
  const x = scaleOf([0, 1], [AREA.left, AREA.right]);
  const y = scaleOf([low, 1], [AREA.bottom, AREA.top]);
  // Names beside the ends of their curves, moved apart where they would lie on each other.
  let free = -Infinity;
  const names = [...curves]
    .map((curve) => ({ ...curve, end: y(curve.points[0]?.accuracy ?? low) }))
    .sort((a, b) => a.end - b.end)
    .map((curve) => {
      free = Math.max(free + 17, curve.end);
      return [
        line([AREA.right + 4, curve.end], [AREA.right + 14, free], curve.colour),
        mark(curve.shape, AREA.right + 20, free, 4, curve.colour),
        text(AREA.right + 30, free + 4, curve.name, { size: 12 }),
      ].join('');
    });
  return figure(
    {
      width: WIDTH,
      height: AREA.bottom + 58,
      title: 'When it may say “I don’t know”',
      subtitle,
      description: curves
        .map(
          ({ name, points }) =>
            `${name}: ${points.map((of) => `${percent(of.accuracy)} right of ${percent(of.coverage)}`).join(', ')}`,
        )
        .join('; '),
    },
    [
      ...axes(
        AREA,
        { scale: x, ticks: ticksOf(0, 1), label: 'share of the clips that are given a label', format: percent },
        { scale: y, ticks: ticksOf(low, 1), label: 'of these right', format: percent },
      ),
      ...curves.map(({ points, colour, dash }) =>
        path(
          points.map(({ coverage, accuracy }) => [x(coverage), y(accuracy)]),
          colour,
          2,
          dash,
        ),
      ),
      ...curves.flatMap(({ points, colour, shape, name }) =>
        points
          .filter((_, index) => index % 2 === 0)
          .map(({ coverage, accuracy, threshold }) =>
            mark(
              shape,
              x(coverage),
              y(accuracy),
              4,
              colour,
              `${name}: from a probability of ${threshold.toFixed(2)}, ${percent(coverage)} are labelled, ${percent(accuracy)} of them right`,
            ),
          ),
      ),
      ...names,
      text(AREA.left + 10, AREA.bottom - 10, 'fewer labels, more of them right', { fill: FAINT, size: 12 }),
    ],
  );
}
