import { callCsv } from './csv.ts';
import { callEmotionml } from './emotionml.ts';
import { callJsonl } from './jsonl.ts';
import type { RecordedCall } from './recorded-call.ts';
import { callRttm } from './rttm.ts';
import { callSrt } from './srt.ts';
import { callTextgrid } from './textgrid.ts';
import { callWebvtt } from './webvtt.ts';

export interface ExportFormat {
  /** Of the file, with its dot. */
  readonly extension: string;
  readonly mediaType: string;
  readonly write: (call: RecordedCall) => string;
}

/** The files that a call can become, all in UTF-8. */
export const exportFormats = {
  jsonl: { extension: '.jsonl', mediaType: 'application/jsonl', write: callJsonl },
  csv: { extension: '.csv', mediaType: 'text/csv', write: callCsv },
  webvtt: { extension: '.vtt', mediaType: 'text/vtt', write: callWebvtt },
  srt: { extension: '.srt', mediaType: 'application/x-subrip', write: callSrt },
  textgrid: { extension: '.TextGrid', mediaType: 'text/plain', write: callTextgrid },
  rttm: { extension: '.rttm', mediaType: 'text/plain', write: callRttm },
  emotionml: { extension: '.emotionml', mediaType: 'application/emotionml+xml', write: callEmotionml },
} as const satisfies Readonly<Record<string, ExportFormat>>;

export type ExportFormatName = keyof typeof exportFormats;

/**
 * A call as a file.
 *
 * @example
 * const call = recordCall(events);
 * writeFileSync('call.TextGrid', exportCall(call, 'textgrid'));
 */
export const exportCall = (call: RecordedCall, format: ExportFormatName): string => exportFormats[format].write(call);
