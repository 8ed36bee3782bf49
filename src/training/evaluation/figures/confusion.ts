import type { ClassLabel } from '../../labels.ts';
import { CLASS_COLOURS, FAINT, figure, GRID, HEADING, INK, MARGIN, percent, rect, text } from './svg.ts';

const CELL = 78;
const ROW = 52;
const LEFT = 128;
const RIGHT = 92;

/** How many of each class were taken for what: a row is a class, its cells are shares of its clips. */
export function confusionFigure(
  labels: readonly ClassLabel[],
  confusion: readonly (readonly number[])[],
  subtitle: string,
): string {
  const top = HEADING + 44;
  const width = LEFT + labels.length * CELL + RIGHT;
  const height = top + labels.length * ROW + 56;
  const totals = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const cells = confusion.flatMap((row, truth) =>
    row.map((count, guess) =>
      cell(
        [LEFT + guess * CELL, top + truth * ROW],
        count,
        totals[truth]!,
        truth === guess,
        `${labels[truth]} taken for ${labels[guess]}: ${count} of ${totals[truth]}`,
      ),
    ),
  );
  const heads = labels.flatMap((label, index) => [
    rect([LEFT + index * CELL + CELL / 2 - 14, top - 8, 28, 4], CLASS_COLOURS[label], { radius: 2 }),
    text(LEFT + index * CELL + CELL / 2, top - 16, label, { anchor: 'middle', size: 12 }),
    rect([LEFT - 12, top + index * ROW + ROW / 2 - 12, 4, 24], CLASS_COLOURS[label], { radius: 2 }),
    text(LEFT - 20, top + index * ROW + ROW / 2 + 5, label, { anchor: 'end' }),
    text(LEFT + labels.length * CELL + 10, top + index * ROW + ROW / 2 + 5, `${totals[index]} clips`, {
      fill: FAINT,
      size: 12,
    }),
  ]);
  const wrong = confusion
    .flatMap((row, truth) => row.map((count, guess) => ({ truth, guess, share: count / Math.max(1, totals[truth]!) })))
    .filter(({ truth, guess }) => truth !== guess)
    .sort((a, b) => b.share - a.share)[0];
  const most =
    wrong === undefined
      ? ''
      : ` Most often mistaken: ${labels[wrong.truth]} for ${labels[wrong.guess]} (${percent(wrong.share)}).`;
  return figure(
    {
      width,
      height,
      title: 'What was taken for what',
      subtitle,
      description: `Confusion matrix of ${labels.length} classes; the diagonal is recall.${most}`,
    },
    [
      ...heads,
      ...cells,
      text(LEFT + (labels.length * CELL) / 2, HEADING + 8, 'heard as', { anchor: 'middle', fill: FAINT }),
      text(MARGIN, HEADING + 8, 'acted', { fill: FAINT }),
      ...legend(LEFT, top + labels.length * ROW + 24),
    ],
  );
}

function cell(
  [x, y]: readonly [x: number, y: number],
  count: number,
  total: number,
  right: boolean,
  tip: string,
): string {
  const share = total > 0 ? count / total : 0;
  const [ink, fainter] = inkOn(share);
  const middle = x + CELL / 2;
  return [
    rect([x + 1, y + 1, CELL - 2, ROW - 2], shade(share), { radius: 3, ...(right && { stroke: INK }), tip }),
    text(middle, y + ROW / 2 + 2, percent(share), { anchor: 'middle', fill: ink, weight: right ? 600 : 400 }),
    text(middle, y + ROW / 2 + 17, String(count), { anchor: 'middle', fill: fainter, size: 11 }),
  ].join('');
}

function inkOn(share: number): readonly [ink: string, fainter: string] {
  if (share > 0.5) return ['#FFFFFF', '#DCEBF5'];
  return share === 0 ? ['#A5B0BC', '#C3CBD4'] : [INK, FAINT];
}

/** White to blue, in steps that look even (ColorBrewer's Blues, C. Brewer, Apache-2.0). */
const BLUES = [
  '#FFFFFF',
  '#EFF5FB',
  '#DEEBF7',
  '#C6DBEF',
  '#9ECAE1',
  '#6BAED6',
  '#4292C6',
  '#2171B5',
  '#08519C',
  '#08306B',
];

function shade(share: number): string {
  const place = Math.min(1, share) * (BLUES.length - 1);
  const index = Math.min(BLUES.length - 2, Math.floor(place));
  return mixed(BLUES[index]!, BLUES[index + 1]!, place - index);
}

function mixed(from: string, to: string, share: number): string {
  const part = (hex: string, at: number): number => Number.parseInt(hex.slice(at, at + 2), 16);
  const hex = [1, 3, 5].map((at) => {
    const value = Math.round(part(from, at) + share * (part(to, at) - part(from, at)));
    return value.toString(16).padStart(2, '0');
  });
  return `#${hex.join('')}`;
}

function legend(x: number, y: number): string[] {
  const steps = 40;
  return [
    ...Array.from({ length: steps }, (_, step) => rect([x + step * 4, y, 4.3, 10], shade(step / (steps - 1)))),
    rect([x, y, steps * 4, 10], 'none', { stroke: GRID }),
    text(x - 8, y + 10, '0 %', { anchor: 'end', fill: FAINT, size: 11 }),
    text(x + steps * 4 + 8, y + 10, '100 % of the clips of a row; the diagonal is recall', { fill: FAINT, size: 11 }),
  ];
}
