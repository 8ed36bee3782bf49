import { type Cue, cuesOf, percent } from './cues.ts';
import { oneLine, subtitleTime } from './plain-text.ts';
import type { RecordedCall } from './recorded-call.ts';

/**
 * WebVTT (https://www.w3.org/TR/webvtt1/): a cue per stretch of a label, spoken (`<v>`) by its side and with its emotion as a
 * class, and one per mark and alert. No style block: ffmpeg 5 reads nothing after one; `::cue(.anger)` works from a page.
 */
export function callWebvtt(call: RecordedCall): string {
  const blocks = cuesOf(call).map(
    (cue) => `${subtitleTime(cue.startMs, '.')} --> ${subtitleTime(cue.endMs, '.')}\n${payload(cue)}`,
  );
  return `${['WEBVTT', ...blocks].join('\n\n')}\n`;
}

function payload(cue: Cue): string {
  switch (cue.kind) {
    case 'label':
      return `<v ${escaped(cue.name)}><c.${cue.label}>${cue.label} ${percent(cue.score)}</c>`;
    case 'mark':
      return `▸ ${escaped(cue.text)}`;
    case 'alert':
      return `⚠ ${escaped(cue.text)}`;
  }
}

/** Text of a cue and of its voice, on one line; with `>` escaped no `-->` can stand in it. */
function escaped(text: string): string {
  return oneLine(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
