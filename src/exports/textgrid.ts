import type { Stretch } from '../protocol/index.ts';
import { seconds } from './plain-text.ts';
import { alertSpansOf, type RecordedCall, stretchesOf } from './recorded-call.ts';

interface Interval extends Stretch {
  readonly text: string;
}
type Tier =
  | { readonly kind: 'intervals'; readonly name: string; readonly intervals: readonly Interval[] }
  | {
      readonly kind: 'points';
      readonly name: string;
      readonly points: readonly { readonly atMs: number; readonly text: string }[];
    };

/**
 * Praat TextGrid (text format, https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html): per side a tier of
 * labels and one of turns, a tier per alert rule that fired, and one of marks. The intervals of a tier tile the call; what
 * has no label is empty.
 */
export function callTextgrid(call: RecordedCall): string {
  // Praat takes no grid without a length.
  const endMs = Math.max(call.durationMs, 1);
  const tiers = tiersOf(call);
  return [
    'File type = "ooTextFile"',
    'Object class = "TextGrid"',
    '',
    'xmin = 0',
    `xmax = ${seconds(endMs)}`,
    'tiers? <exists>',
    `size = ${tiers.length}`,
    'item []:',
    ...tiers.flatMap((tier, index) => [`    item [${index + 1}]:`, ...tierLines(tier, endMs)]),
    '',
  ].join('\n');
}

function tiersOf(call: RecordedCall): Tier[] {
  const sides = call.sides.flatMap((side): Tier[] => {
    const labels = stretchesOf(side).filter(({ label }) => label !== 'unknown');
    return [
      { kind: 'intervals', name: `${side.name} emotion`, intervals: labels.map((s) => ({ ...s, text: s.label })) },
      { kind: 'intervals', name: `${side.name} speech`, intervals: side.turns.map((t) => ({ ...t, text: 'speech' })) },
    ];
  });
  const spans = alertSpansOf(call);
  const rules = [...new Set(spans.map(({ rule }) => rule))];
  const alerts = rules.map(
    (rule): Tier => ({
      kind: 'intervals',
      name: `alert ${rule}`,
      intervals: spans.filter((span) => span.rule === rule).map((span) => ({ ...span, text: rule })),
    }),
  );
  // A tier without a point is no tier; and no two of its points lie at one time.
  const points = new Map<number, string>();
  for (const { atMs, name } of call.marks) points.set(atMs, points.has(atMs) ? `${points.get(atMs)}; ${name}` : name);
  const marks = [...points].sort(([a], [b]) => a - b).map(([atMs, text]) => ({ atMs, text }));
  return [
    ...sides,
    ...alerts,
    ...(marks.length > 0 ? [{ kind: 'points', name: 'marks', points: marks } as const] : []),
  ];
}

function tierLines(tier: Tier, endMs: number): string[] {
  const head = (kind: string): string[] => [
    `class = "${kind}"`,
    `name = ${quoted(tier.name)}`,
    'xmin = 0',
    `xmax = ${seconds(endMs)}`,
  ];
  if (tier.kind === 'points') {
    const inside = tier.points.map(({ atMs, text }) => ({ atMs: Math.min(atMs, endMs), text }));
    return indent(8, [
      ...head('TextTier'),
      `points: size = ${inside.length}`,
      ...inside.flatMap(({ atMs, text }, index) => [
        `points [${index + 1}]:`,
        ...indent(4, [`number = ${seconds(atMs)}`, `mark = ${quoted(text)}`]),
      ]),
    ]);
  }
  const tiles = tile(tier.intervals, endMs);
  return indent(8, [
    ...head('IntervalTier'),
    `intervals: size = ${tiles.length}`,
    ...tiles.flatMap((interval, index) => [
      `intervals [${index + 1}]:`,
      ...indent(4, [
        `xmin = ${seconds(interval.startMs)}`,
        `xmax = ${seconds(interval.endMs)}`,
        `text = ${quoted(interval.text)}`,
      ]),
    ]),
  ]);
}

/** The intervals in order, cut to [0, endMs] and to what those before left, with empty ones between. */
function tile(intervals: readonly Interval[], endMs: number): Interval[] {
  const tiles: Interval[] = [];
  let atMs = 0;
  for (const interval of [...intervals].sort((a, b) => a.startMs - b.startMs)) {
    const [start, end] = [Math.max(interval.startMs, atMs), Math.min(interval.endMs, endMs)];
    if (end <= start) continue;
    if (start > atMs) tiles.push({ startMs: atMs, endMs: start, text: '' });
    tiles.push({ startMs: start, endMs: end, text: interval.text });
    atMs = end;
  }
  if (atMs < endMs) tiles.push({ startMs: atMs, endMs, text: '' });
  return tiles;
}

/** A quote in a string is doubled; all else may stand there, even a line break. */
function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a NUL ends what Praat reads
  return `"${text.replace(/\p{Surrogate}|\u0000/gu, '\ufffd').replaceAll('"', '""')}"`;
}

const indent = (depth: number, lines: readonly string[]): string[] => lines.map((line) => ' '.repeat(depth) + line);
