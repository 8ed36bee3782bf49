import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { UndertoneError } from '../errors.ts';
import { TimelineRecord, timelineSvg } from '../exports/index.ts';
import type { EndedEvent, ServerEvent } from '../protocol/index.ts';
import { csvFormatter } from './csv.ts';
import { chooseDestination, type Destination } from './destination.ts';
import { complain, EXIT, failureOf } from './exit.ts';
import type { Formatter, OutputFormat, ResultForm } from './formatter.ts';
import { jsonlFormatter } from './jsonl.ts';
import { OutputFile } from './output-file.ts';
import { type Progress, progressOn } from './progress.ts';
import { type FoundRecording, findRecordings, isBatch } from './recordings.ts';
import { stdout } from './stdout.ts';
import { summaryRow } from './summary-row.ts';
import { tableFormatter } from './table.ts';
import { coloursFor, printable } from './terminal.ts';

/** What analysing one recording tells as it goes. */
export interface RecordingListener {
  opened(durationMs: number | undefined): void;
  /** Something is wrong with the recording, which is analysed all the same. */
  warning(sentence: string): void;
  /** The stream position reached. */
  at(positionMs: number): void;
  /** An event and its wire form, in order; wait for it before the next. */
  event(event: ServerEvent, wire: string): Promise<void>;
}

/** Takes a recording through the pipeline, here or on a server; rejects when it cannot be finished. */
export type RunRecording = (path: string, listener: RecordingListener, signal: AbortSignal) => Promise<void>;

export interface BatchOptions {
  readonly format: OutputFormat | ResultForm;
  readonly out?: string;
  readonly svg?: string;
  readonly descriptors?: readonly string[];
  /** What results depend on besides the recordings: another value makes an earlier run's results stale. */
  readonly settings: unknown;
}

/**
 * Takes recordings one after the other; one that fails ends none of the others.
 *
 * @returns the exit status: 1 if any of them failed.
 */
export async function runRecordings(
  given: readonly string[],
  options: BatchOptions,
  run: RunRecording,
  signal: AbortSignal,
): Promise<number> {
  const batch = await isBatch(given);
  if (batch && options.svg !== undefined) throw new UndertoneError('usage', { detail: '--svg takes one recording.' });
  const recordings = await findRecordings(given);
  const overwritten = recordings.find(({ path }) => [options.out, options.svg].some((out) => samePath(out, path)));
  if (overwritten !== undefined) {
    throw new UndertoneError('usage', { detail: `The result would overwrite the recording ${overwritten.path}.` });
  }
  const form = typeof options.format === 'string' ? formOf(options.format, options, batch) : options.format;
  const destination = await chooseDestination({
    out: options.out,
    batch,
    ending: form.ending,
    settings: createHash('sha256')
      .update(JSON.stringify([form.name, options.settings]))
      .digest('hex'),
    recordings: recordings.filter((recording) => recording.kind === 'found'),
    stdout,
  });
  const job = new Job(options, form, batch, destination, run, signal);
  try {
    for (const [index, recording] of recordings.entries()) {
      const label = `${String(index + 1).padStart(String(recordings.length).length)}/${recordings.length}`;
      if (recording.kind === 'found') await job.recording(recording, label);
      else await job.failed(recording.path, label, recording.error);
      if (signal.aborted) break;
    }
  } finally {
    await destination.close();
  }
  return job.finish(recordings.length);
}

function samePath(a: string | undefined, b: string): boolean {
  return a !== undefined && resolve(a) === resolve(b);
}

const OF_THE_SERVER: readonly string[] = ['connection-failed', 'unauthorized'];

/** One run over a list of recordings: what to show, and what came of it. */
class Job {
  readonly #options: BatchOptions;
  readonly #form: ResultForm;
  readonly #batch: boolean;
  readonly #destination: Destination;
  readonly #run: RunRecording;
  readonly #signal: AbortSignal;
  readonly #progress: Progress;
  readonly #counts = { done: 0, before: 0, failed: 0 };
  #usageError = false;

  constructor(
    options: BatchOptions,
    form: ResultForm,
    batch: boolean,
    destination: Destination,
    run: RunRecording,
    signal: AbortSignal,
  ) {
    this.#options = options;
    this.#form = form;
    this.#batch = batch;
    this.#destination = destination;
    this.#run = run;
    this.#signal = signal;
    // Lines of events and a bar on one terminal would write over each other all the time.
    const eventsOnTerminal = process.stdout.isTTY && options.out === undefined && !form.forPeople;
    this.#progress = eventsOnTerminal ? progressOn({ isTTY: false } as NodeJS.WriteStream) : progressOn(process.stderr);
  }

  async recording(recording: FoundRecording, label: string): Promise<void> {
    const before = await this.#destination.finished(recording);
    if (before !== undefined) {
      this.#counts.before++;
      return this.#row(label, recording.path, `${before.row}  (done before)`);
    }
    try {
      const row = await this.#process(recording);
      this.#progress.end();
      this.#counts.done++;
      await this.#row(label, recording.path, row);
    } catch (thrown) {
      if (this.#signal.aborted) return;
      // Without a server, or a key to it, every other recording would fail the same way.
      if (thrown instanceof UndertoneError && OF_THE_SERVER.includes(thrown.code)) throw thrown;
      await this.failed(recording.path, label, thrown);
    } finally {
      this.#progress.end();
    }
  }

  async failed(path: string, label: string, thrown: unknown): Promise<void> {
    this.#progress.end();
    const { message, status } = failureOf(thrown);
    this.#counts.failed++;
    this.#usageError ||= status === EXIT.usage;
    complain(message, thrown);
    await this.#row(label, path, '  failed');
  }

  async finish(total: number): Promise<number> {
    const { done, before, failed } = this.#counts;
    if (this.#signal.aborted) {
      const resumable = this.#batch && this.#options.out !== undefined;
      complain(`Interrupted.${resumable ? ' The same command goes on where it stopped.' : ''}`);
      return EXIT.interrupted;
    }
    if (this.#batch) {
      const parts = [`${done} done`, before > 0 ? `${before} done before` : '', failed > 0 ? `${failed} failed` : ''];
      await this.#say(`${parts.filter((part) => part !== '').join(', ')} of ${total}`);
    }
    if (failed === 0) return EXIT.ok;
    return this.#usageError && failed === total ? EXIT.usage : EXIT.failed;
  }

  async #process(recording: FoundRecording): Promise<string> {
    const formatter = this.#form.formatter(recording.path);
    const record = this.#options.svg === undefined ? undefined : new TimelineRecord();
    const slot = await this.#destination.open(recording, formatter.head);
    let ended: EndedEvent | undefined;
    try {
      await this.#run(
        recording.path,
        {
          opened: (durationMs) => this.#progress.begin(recording.path, durationMs),
          warning: (sentence) => {
            this.#progress.clear();
            complain(`warning: ${sentence}`);
          },
          at: (positionMs) => this.#progress.at(positionMs),
          event: async (event, wire) => {
            if (event.type === 'ended') ended = event;
            record?.add(event);
            const text = formatter.event(event, wire);
            if (text === '') return;
            this.#progress.clear();
            await slot.write(text);
          },
        },
        this.#signal,
      );
      this.#signal.throwIfAborted();
      if (record !== undefined && this.#options.svg !== undefined)
        await writeFigure(this.#options.svg, record, recording.path);
    } catch (thrown) {
      await slot.discard();
      throw thrown;
    }
    if (ended === undefined) throw new UndertoneError('internal');
    const row = summaryRow(ended);
    await slot.complete(row);
    return row;
  }

  async #row(label: string, path: string, row: string): Promise<void> {
    if (this.#batch) await this.#say(`${label}  ${printable(path)}  ${row.trim()}`);
  }

  /** Rows go to stdout unless events do. */
  async #say(line: string): Promise<void> {
    this.#progress.clear();
    if (this.#options.out !== undefined || this.#form.forPeople) await stdout.write(`${line}\n`);
    else process.stderr.write(`${line}\n`);
  }
}

function formOf(format: OutputFormat, { descriptors = [], out }: BatchOptions, batch: boolean): ResultForm {
  switch (format) {
    case 'jsonl':
      return {
        name: format,
        ending: '.jsonl',
        forPeople: false,
        formatter: (path) => jsonlFormatter(batch ? path : undefined),
      };
    case 'csv':
      return {
        name: format,
        ending: '.csv',
        forPeople: false,
        formatter: (path) => csvFormatter(path, descriptors),
      };
    case 'table':
      return {
        name: format,
        ending: '.txt',
        forPeople: true,
        // A batch on the terminal is its summary rows; whole tables belong in files.
        formatter: (path): Formatter =>
          batch && out === undefined
            ? { head: '', event: () => '' }
            : tableFormatter(path, coloursFor(out === undefined ? process.stdout : {})),
      };
  }
}

/** Writes a timeline as an SVG file; throws `file-unwritable`. */
export async function writeFigure(path: string, record: TimelineRecord, title: string, note?: string): Promise<void> {
  const file = await OutputFile.create(path);
  await file.write(timelineSvg(record, note === undefined ? { title } : { title, note }));
  await file.complete();
}
