import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { UndertoneError } from '../errors.ts';
import { type KeptFileKind, keptFile } from '../server/index.ts';
import { openStore, type Store } from '../store/index.ts';
import { isFolder } from './destination.ts';
import { complain, EXIT } from './exit.ts';
import { REPORT_FORMATS, type ReportFormat } from './option-parsers.ts';
import { OutputFile } from './output-file.ts';
import { stdout } from './stdout.ts';

interface KeptFile {
  readonly ending: string;
  readonly what: KeptFileKind;
}

const FILES: Readonly<Record<ReportFormat, KeptFile>> = {
  html: { ending: '.html', what: { report: 'html' } },
  json: { ending: '.json', what: { report: 'json' } },
  jsonl: { ending: '.jsonl', what: { timeline: 'jsonl' } },
  csv: { ending: '.csv', what: { timeline: 'csv' } },
  vtt: { ending: '.vtt', what: { timeline: 'webvtt' } },
  srt: { ending: '.srt', what: { timeline: 'srt' } },
  textgrid: { ending: '.TextGrid', what: { timeline: 'textgrid' } },
  rttm: { ending: '.rttm', what: { timeline: 'rttm' } },
  emotionml: { ending: '.emotionml', what: { timeline: 'emotionml' } },
};

export interface KeptReportOptions {
  readonly store: string;
  readonly format?: ReportFormat;
  readonly out?: string;
}

/** Reports on calls that a store has, the same as its server gives; resolves with the exit status. */
export async function reportKeptCalls(callIds: readonly string[], options: KeptReportOptions): Promise<number> {
  const { out, format = formatOf(out) } = options;
  const toFolder = out !== undefined && (await isFolder(out, callIds.length > 1));
  if (callIds.length > 1 && !toFolder) {
    throw new UndertoneError('usage', { detail: 'Several reports need a folder: give --out DIR/.' });
  }
  await checkThere(options.store);
  const store = await openStore(options.store);
  let status: number = EXIT.ok;
  try {
    for (const callId of callIds) {
      try {
        await reportOne(store, callId, FILES[format], out, toFolder);
      } catch (thrown) {
        if (callIds.length === 1 || !(thrown instanceof UndertoneError)) throw thrown;
        complain(thrown.message, thrown);
        status = EXIT.failed;
      }
    }
  } finally {
    await store.close();
  }
  return status;
}

/** To open a file that is not there would make it. */
async function checkThere(store: string): Promise<void> {
  if (/^[a-z]+:\/\//i.test(store)) return;
  const found = await stat(store).catch(() => undefined);
  if (found === undefined) throw new UndertoneError('file-missing', { path: store });
}

async function reportOne(
  store: Store,
  callId: string,
  { ending, what }: KeptFile,
  out: string | undefined,
  toFolder: boolean,
): Promise<void> {
  const text = await keptFile(store, callId, what);
  if (out === undefined) {
    await stdout.write(text);
    return;
  }
  const file = await OutputFile.create(toFolder ? join(out, `${fileName(callId)}${ending}`) : out);
  await file.write(text);
  await file.complete();
}

/** The id of a call as the name of a file, whatever is in it. */
const fileName = (callId: string): string =>
  encodeURIComponent(callId).replace(/[.*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** The format that a file's ending stands for; html where it stands for none. */
function formatOf(out: string | undefined): ReportFormat {
  const ending = extname(out ?? '').toLowerCase();
  return REPORT_FORMATS.find((name) => FILES[name].ending.toLowerCase() === ending) ?? 'html';
}
