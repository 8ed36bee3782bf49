import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { BatchState, type FinishedRecording } from './batch-state.ts';
import { GrowingFile, type Output, OutputFile } from './output-file.ts';
import type { FoundRecording } from './recordings.ts';

/** Where the result of one recording goes while it is made. */
export interface Slot extends Output {
  /** The result is whole; `row` is its summary. */
  complete(row: string): Promise<void>;
  /** The recording failed or was interrupted: nothing of it stays where that can be helped. */
  discard(): Promise<void>;
}

/** Where results go. */
export interface Destination {
  /** What an earlier run has finished of this recording; always undefined where nothing is kept. */
  finished(recording: FoundRecording): Promise<FinishedRecording | undefined>;
  /** `head` goes above the first result of a file. */
  open(recording: FoundRecording, head: string): Promise<Slot>;
  close(): Promise<void>;
}

export interface DestinationOptions {
  readonly out: string | undefined;
  readonly batch: boolean;
  /** Of the files below a folder, with its dot. */
  readonly ending: string;
  /** What results depend on besides the recordings. */
  readonly settings: string;
  readonly recordings: readonly FoundRecording[];
  readonly stdout: Output;
}

/**
 * - without `--out`: everything goes to stdout;
 * - one recording: `--out` is the file;
 * - a batch, and `--out` is a folder, ends with `/` or has no ending: a file per recording below that folder, which are
 *   skipped by a later run (its state is in `DIR/.undertone-state.jsonl`);
 * - a batch, and `--out` is a file: all results one after the other, and the state in `FILE.state.jsonl`.
 */
export async function chooseDestination(options: DestinationOptions): Promise<Destination> {
  const { out, batch, ending } = options;
  if (out === undefined) return new StdoutDestination(options.stdout);
  if (await isFolder(out, batch)) return FolderDestination.create(out, ending, options.settings);
  return batch ? OneFileDestination.create(out, options.settings, options.recordings) : new FileDestination(out);
}

/** Whether results get files of their own below this path. */
export async function isFolder(out: string, batch: boolean): Promise<boolean> {
  const info = await stat(out).catch(() => undefined);
  return info?.isDirectory() || out.endsWith('/') || (batch && info === undefined && extname(out) === '');
}

class StdoutDestination implements Destination {
  readonly #stdout: Output;
  #begun = false;

  constructor(stdout: Output) {
    this.#stdout = stdout;
  }

  async finished(): Promise<undefined> {}

  async open(_recording: FoundRecording, head: string): Promise<Slot> {
    if (!this.#begun) await this.#stdout.write(head);
    this.#begun = true;
    return { write: (text) => this.#stdout.write(text), complete: async () => {}, discard: async () => {} };
  }

  async close(): Promise<void> {}
}

class FileDestination implements Destination {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async finished(): Promise<undefined> {}

  async open(_recording: FoundRecording, head: string): Promise<Slot> {
    const file = await OutputFile.create(this.#path);
    await file.write(head);
    return { write: (text) => file.write(text), complete: () => file.complete(), discard: () => file.discard() };
  }

  async close(): Promise<void> {}
}

class FolderDestination implements Destination {
  readonly #folder: string;
  readonly #ending: string;
  readonly #settings: string;
  readonly #state: BatchState;
  readonly #taken = new Set<string>();

  private constructor(folder: string, ending: string, settings: string, state: BatchState) {
    this.#folder = folder;
    this.#ending = ending;
    this.#settings = settings;
    this.#state = state;
  }

  static async create(folder: string, ending: string, settings: string): Promise<FolderDestination> {
    const state = await BatchState.load(join(folder, '.undertone-state.jsonl'));
    return new FolderDestination(folder, ending, settings, state);
  }

  async finished(recording: FoundRecording): Promise<FinishedRecording | undefined> {
    const out = this.#name(recording.place);
    const entry = await this.#state.finished(recording.path, this.#settings);
    if (entry?.out !== out) return undefined;
    this.#taken.add(out);
    return entry;
  }

  async open(recording: FoundRecording, head: string): Promise<Slot> {
    const out = this.#name(recording.place);
    this.#taken.add(out);
    const recorded = await identity(recording.path);
    const file = await OutputFile.create(out);
    await file.write(head);
    return {
      write: (text) => file.write(text),
      complete: async (row) => {
        await file.complete();
        const bytes = (await stat(out)).size;
        await this.#state.add({ ...recorded, settings: this.#settings, out, bytes, row });
      },
      discard: () => file.discard(),
    };
  }

  async close(): Promise<void> {}

  /** Recordings of one name in different folders get numbers, in the order they were given. */
  #name(place: string): string {
    const path = (number: number): string =>
      join(this.#folder, `${place}${number > 1 ? `-${number}` : ''}${this.#ending}`);
    let number = 1;
    while (this.#taken.has(path(number))) number++;
    return path(number);
  }
}

class OneFileDestination implements Destination {
  readonly #file: GrowingFile;
  readonly #settings: string;
  readonly #state: BatchState;

  private constructor(file: GrowingFile, settings: string, state: BatchState) {
    this.#file = file;
    this.#settings = settings;
    this.#state = state;
  }

  /** Goes on where the file ends if all it holds is part of this batch and unchanged; starts it anew otherwise. */
  static async create(
    path: string,
    settings: string,
    recordings: readonly FoundRecording[],
  ): Promise<OneFileDestination> {
    const state = await BatchState.load(`${path}.state.jsonl`);
    const entries = await Promise.all(recordings.map((recording) => state.finished(recording.path, settings)));
    const kept = entries.filter((entry) => entry !== undefined);
    const bytes = Math.max(0, ...kept.map((entry) => entry.bytes));
    if (kept.length < state.size) await state.clear();
    return new OneFileDestination(await GrowingFile.open(path, state.size > 0 ? bytes : 0), settings, state);
  }

  finished(recording: FoundRecording): Promise<FinishedRecording | undefined> {
    return this.#state.finished(recording.path, this.#settings);
  }

  async open(recording: FoundRecording, head: string): Promise<Slot> {
    const file = this.#file;
    const recorded = await identity(recording.path);
    if (file.bytes === 0) await file.write(head);
    const begin = file.bytes;
    return {
      write: (text) => file.write(text),
      complete: async (row) => {
        const { bytes, path: out } = file;
        await this.#state.add({ ...recorded, settings: this.#settings, out, bytes, row });
      },
      discard: () => file.cutTo(begin),
    };
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Taken before a recording is read, so that one that changes meanwhile is done again. */
async function identity(path: string): Promise<Pick<FinishedRecording, 'file' | 'size' | 'mtimeMs'>> {
  const { size, mtimeMs } = await stat(path);
  return { file: path, size, mtimeMs };
}
