import { basename, extname } from 'node:path';
import { UndertoneError } from '../errors.ts';
import {
  type CallReport,
  type ExportFormatName,
  exportCall,
  exportFormats,
  reportHtml,
  reportJson,
} from '../exports/index.ts';
import type { AnalysisRequest } from '../protocol/index.ts';
import { callReport } from './call-report.ts';
import { type Calls, wholeCall, withCalls } from './calls.ts';
import { isFolder } from './destination.ts';
import type { ResultForm } from './formatter.ts';
import { REPORT_FORMATS, type ReportFormat } from './option-parsers.ts';
import { isBatch } from './recordings.ts';
import type { ReportOptions } from './report.ts';
import { runRecordings } from './run-recordings.ts';

interface ReportFile {
  readonly ending: string;
  write(report: CallReport): string;
}

const exported = (name: ExportFormatName): ReportFile => ({
  ending: exportFormats[name].extension,
  write: ({ call }) => exportCall(call, name),
});

const FILES: Readonly<Record<ReportFormat, ReportFile>> = {
  html: { ending: '.html', write: reportHtml },
  json: { ending: '.json', write: reportJson },
  jsonl: exported('jsonl'),
  csv: exported('csv'),
  vtt: exported('webvtt'),
  srt: exported('srt'),
  textgrid: exported('textgrid'),
  rttm: exported('rttm'),
  emotionml: exported('emotionml'),
};

/** Reports on calls; resolves with the exit status. */
export async function reportCalls(
  files: readonly string[],
  options: ReportOptions,
  request: AnalysisRequest,
  signal: AbortSignal,
): Promise<number> {
  const { out, format = formatOf(out) } = options;
  const batch = await isBatch(files);
  if (batch && !(out !== undefined && (await isFolder(out, true)))) {
    throw new UndertoneError('usage', { detail: 'Several reports need a folder: give --out DIR/.' });
  }
  return withCalls(files, options, request, (calls) =>
    runRecordings(
      files,
      { format: formOf(format, calls), settings: calls.settings, ...(out !== undefined && { out }) },
      calls.run,
      signal,
    ),
  );
}

function formOf(name: ReportFormat, calls: Calls): ResultForm {
  const { ending, write } = FILES[name];
  return {
    name,
    ending,
    forPeople: false,
    formatter: (path) => wholeCall((events, labels) => write(callReport(events, calls.rules(labels), basename(path)))),
  };
}

/** The format that a file's ending stands for; html where it stands for none. */
function formatOf(out: string | undefined): ReportFormat {
  const ending = extname(out ?? '').toLowerCase();
  return REPORT_FORMATS.find((name) => FILES[name].ending.toLowerCase() === ending) ?? 'html';
}
