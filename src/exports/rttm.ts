import { seconds } from './plain-text.ts';
import type { RecordedCall } from './recorded-call.ts';

/**
 * RTTM (NIST, Rich Transcription evaluation): a `SPEAKER` line per turn, by their starts. Ten fields between spaces: type,
 * file (the stream), channel from 1, start and duration in s, then `<NA>` but for the speaker's name.
 */
export function callRttm({ streamId, sides }: RecordedCall): string {
  return sides
    .flatMap(({ channel, name, turns }) => turns.map(({ startMs, endMs }) => ({ channel, name, startMs, endMs })))
    .sort((a, b) => a.startMs - b.startMs || a.channel - b.channel)
    .map(({ channel, name, startMs, endMs }) => {
      const times = `${seconds(startMs)} ${seconds(endMs - startMs)}`;
      return `SPEAKER ${field(streamId)} ${channel + 1} ${times} <NA> <NA> ${field(name)} <NA> <NA>\n`;
    })
    .join('');
}

/** A field has no white space, and is not empty. */
function field(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what separates fields and lines
  const joined = text.replace(/\p{Surrogate}/gu, '\ufffd').replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, '_');
  return joined === '' ? '<NA>' : joined;
}
