import type { EvaluationMetrics } from '../summary.ts';
import {
  axes,
  FAINT,
  figure,
  HEADING,
  line,
  mark,
  type PlotArea,
  path,
  percent,
  SERIES,
  scaleOf,
  text,
  ticksOf,
} from './svg.ts';

const WIDTH = 880;
const LOSS: PlotArea = { left: 84, right: 420, top: HEADING + 26, bottom: HEADING + 326 };
const UA: PlotArea = { left: 516, right: WIDTH - 28, top: HEADING + 26, bottom: HEADING + 326 };

/** A curve per fold (of the first seed): what the search saw, and where it stopped. Undefined for those that do not learn in epochs. */
export function learningCurveFigure({ folds, seeds }: EvaluationMetrics, subtitle: string): string | undefined {
  const curves = folds.filter(({ curve, seed }) => curve.length > 1 && seed === seeds[0]);
  if (curves.length === 0) return undefined;
  const epochs = Math.max(...curves.map(({ curve }) => curve.length));
  const losses = curves.flatMap(({ curve }) => curve.map(({ loss }) => loss));
  const uas = curves.flatMap(({ curve }) => curve.flatMap(({ ua }) => ua ?? []));
  const [lowLoss, highLoss] = bounds(losses);
  const [lowUa, highUa] = bounds(uas.length > 0 ? uas : [0, 1]);
  const xs = [LOSS, UA].map(({ left, right }) => scaleOf([1, Math.max(2, epochs)], [left + 8, right - 8]));
  const yLoss = scaleOf([lowLoss, highLoss], [LOSS.bottom, LOSS.top]);
  const yUa = scaleOf([lowUa, highUa], [UA.bottom, UA.top]);
  const ticks = ticksOf(0, epochs, 6).map((epoch) => Math.max(1, epoch));
  const shown = curves.map((fold, index) => ({ ...fold, ...SERIES[index % SERIES.length]!, index }));
  const many = curves.length > SERIES.length;
  return figure(
    {
      width: WIDTH,
      height: LOSS.bottom + 62 + (many ? 0 : 24),
      title: 'Learning curves',
      subtitle,
      description: `Loss and UA of validation by epoch, of ${curves.length} folds.`,
    },
    [
      text(LOSS.left, LOSS.top - 8, 'loss of the training batches', { weight: 600 }),
      ...axes(
        LOSS,
        { scale: xs[0]!, ticks, label: 'epoch' },
        { scale: yLoss, ticks: ticksOf(lowLoss, highLoss), label: 'cross-entropy', format: (loss) => loss.toFixed(2) },
      ),
      text(UA.left, UA.top - 8, 'UA of the validation speakers’ windows', { weight: 600 }),
      ...axes(
        UA,
        { scale: xs[1]!, ticks, label: 'epoch' },
        { scale: yUa, ticks: ticksOf(lowUa, highUa), label: 'UA', format: percent },
      ),
      ...shown.map(({ curve, colour, dash }) =>
        path(
          curve.map(({ loss }, epoch) => [xs[0]!(epoch + 1), yLoss(loss)]),
          colour,
          many ? 1 : 1.8,
          dash,
        ),
      ),
      ...shown.flatMap(({ curve, colour, dash, fold }) => {
        const points = curve.flatMap(({ ua }, epoch) => (ua === undefined ? [] : [{ epoch: epoch + 1, ua }]));
        const best = points.reduce<{ epoch: number; ua: number } | undefined>(
          (a, b) => (a === undefined || b.ua > a.ua ? b : a),
          undefined,
        );
        return [
          path(
            points.map(({ epoch, ua }) => [xs[1]!(epoch), yUa(ua)]),
            colour,
            many ? 1 : 1.8,
            dash,
          ),
          best === undefined
            ? ''
            : mark(
                'circle',
                xs[1]!(best.epoch),
                yUa(best.ua),
                5,
                colour,
                `fold ${fold}: ${percent(best.ua)} at epoch ${best.epoch}`,
              ),
        ];
      }),
      ...(many
        ? []
        : shown.flatMap(({ colour, dash, fold, index }) => {
            const x = LOSS.left + index * 120;
            const y = LOSS.bottom + 62;
            return [
              line([x, y], [x + 26, y], colour, 2, dash),
              text(x + 32, y + 4, `fold ${fold}`, { fill: FAINT, size: 12 }),
            ];
          })),
    ],
  );
}

/** A little room around what there is. */
function bounds(values: readonly number[]): [low: number, high: number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.06 * (high - low || 1);
  return [Math.max(0, low - room), high + room];
}
