import type { Emotion } from '../emotions.ts';
import { alertSpansOf, type RecordedCall, stretchesOf } from './recorded-call.ts';

/** Marks are moments; a cue needs a length to be read. */
const MARK_MS = 2000;

/** What subtitles show: a label of a side, a mark or an alert. */
export type Cue = { readonly startMs: number; readonly endMs: number } & (
  | { readonly kind: 'label'; readonly name: string; readonly label: Emotion; readonly score: number }
  | { readonly kind: 'mark' | 'alert'; readonly text: string }
);

/** The cues of a call by their starts; what has no label has none. Times are whole milliseconds, and none is empty. */
export function cuesOf(call: RecordedCall): Cue[] {
  const labels = call.sides.flatMap((side) =>
    stretchesOf(side).flatMap(({ startMs, endMs, label, meanScore }): Cue[] =>
      label === 'unknown' ? [] : [{ kind: 'label', startMs, endMs, name: side.name, label, score: meanScore }],
    ),
  );
  const marks = call.marks.map(
    ({ atMs, name }): Cue => ({ kind: 'mark', startMs: atMs, endMs: atMs + MARK_MS, text: name }),
  );
  const alerts = alertSpansOf(call).map(
    ({ startMs, endMs, rule }): Cue => ({ kind: 'alert', startMs, endMs, text: rule }),
  );
  return [...labels, ...marks, ...alerts]
    .map((cue) => ({ ...cue, startMs: Math.round(cue.startMs), endMs: Math.round(cue.endMs) }))
    .filter(({ startMs, endMs }) => endMs > startMs)
    .sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;
