import type { ConditionMetrics } from '../summary.ts';
import {
  BLUE,
  FAINT,
  figure,
  GRID,
  HEADING,
  line,
  type MarkShape,
  mark,
  ORANGE,
  PANEL,
  percent,
  percent1,
  rect,
  scaleOf,
  text,
} from './svg.ts';

const WIDTH = 760;
const LEFT = 150;
const RIGHT = WIDTH - 40;

const GENDERS: Readonly<Record<string, { readonly word: string; readonly shape: MarkShape; readonly colour: string }>> =
  {
    female: { word: 'women', shape: 'circle', colour: ORANGE },
    male: { word: 'men', shape: 'square', colour: BLUE },
    '': { word: 'not told', shape: 'diamond', colour: FAINT },
  };

/** UA of each speaker, worst to best, and the mean of women and men. */
export function speakersFigure({ speakers, genders, speakerSpread }: ConditionMetrics, subtitle: string): string {
  const row = speakers.length > 40 ? 13 : 19;
  const top = HEADING + 58;
  const bottom = top + speakers.length * row + 8;
  const x = scaleOf([0, 1], [LEFT, RIGHT]);
  const ordered = [...speakers].sort((a, b) => a.ua - b.ua);
  let at = LEFT;
  const legend = Object.entries(GENDERS)
    .filter(([gender]) => speakers.some((speaker) => speaker.gender === gender))
    .map(([gender, { word, shape, colour }]) => {
      const of = genders.find((one) => one.gender === gender);
      const words =
        of === undefined
          ? word
          : `${word}: UA ${percent1(of.ua.value)} (${percent1(of.ua.low)} to ${percent1(of.ua.high)})`;
      const entry = mark(shape, at + 6, HEADING + 12, 5, colour) + text(at + 18, HEADING + 16, words);
      at += 275;
      return entry;
    });
  const spread = speakerSpread;
  return figure(
    {
      width: WIDTH,
      height: bottom + 42,
      title: 'Each speaker',
      subtitle,
      description: `UA of ${speakers.length} speakers, from ${percent1(spread.lowest)} to ${percent1(spread.highest)}, median ${percent1(spread.median)}.`,
    },
    [
      ...legend,
      rect([LEFT, top, RIGHT - LEFT, bottom - top], PANEL),
      rect([x(spread.lowerQuartile), top, x(spread.upperQuartile) - x(spread.lowerQuartile), bottom - top], '#E3EBF3'),
      text(
        x(spread.median),
        top - 10,
        `half of the speakers: ${percent(spread.lowerQuartile)} to ${percent(spread.upperQuartile)}`,
        {
          anchor: 'middle',
          fill: FAINT,
          size: 12,
        },
      ),
      line([x(spread.median), top], [x(spread.median), bottom], FAINT, 1.5, '4 4'),
      ...[0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((share) => [
        line([x(share), top], [x(share), bottom], GRID),
        text(x(share), bottom + 19, percent(share), { anchor: 'middle', fill: FAINT, size: 12 }),
      ]),
      ...ordered.map(({ speaker, gender, ua, clips }, index) => {
        const { shape, colour } = GENDERS[gender]!;
        const y = top + 4 + index * row + row / 2;
        return [
          text(LEFT - 10, y + 4, speaker, { anchor: 'end', size: row < 15 ? 9 : 11 }),
          line([LEFT, y], [x(ua), y], '#C9D3DE'),
          mark(shape, x(ua), y, row < 15 ? 4 : 5.5, colour, `${speaker}: UA ${percent1(ua)} of ${clips} clips`),
        ].join('');
      }),
      text((LEFT + RIGHT) / 2, bottom + 36, 'UA', { anchor: 'middle', fill: FAINT }),
    ],
  );
}
