import { type Cue, cuesOf, percent } from './cues.ts';
import { oneLine, subtitleTime } from './plain-text.ts';
import type { RecordedCall } from './recorded-call.ts';

/** SubRip: the cues of the WebVTT file, numbered, without its markup. */
export function callSrt(call: RecordedCall): string {
  return cuesOf(call)
    .map(
      (cue, index) =>
        `${index + 1}\n${subtitleTime(cue.startMs, ',')} --> ${subtitleTime(cue.endMs, ',')}\n${text(cue)}\n\n`,
    )
    .join('');
}

function text(cue: Cue): string {
  switch (cue.kind) {
    case 'label':
      return `${plain(cue.name)}: ${cue.label} ${percent(cue.score)}`;
    case 'mark':
      return `▸ ${plain(cue.text)}`;
    case 'alert':
      return `⚠ ${plain(cue.text)}`;
  }
}

/**
 * SubRip has no escapes, and players read `<i>`, `{\an8}` and `\N` as formatting: such signs become ones that look alike.
 */
function plain(line: string): string {
  const alike: Readonly<Record<string, string>> = { '<': '‹', '>': '›', '{': '(', '}': ')', '\\': '∖' };
  return oneLine(line).replace(/[<>{}\\]/g, (sign) => alike[sign] ?? sign);
}
