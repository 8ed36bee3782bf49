import { appendFile, readFile, rm, stat } from 'node:fs/promises';
import { writing } from './output-file.ts';

/** A recording that a run has finished, as one line of the state file. */
export interface FinishedRecording {
  /** As it was given. */
  readonly file: string;
  /** Bytes and time of change of the recording then; if either has changed since, it is done again. */
  readonly size: number;
  readonly mtimeMs: number;
  /** What the result depends on besides the recording; with other settings it is done again. */
  readonly settings: string;
  /** The file that holds the result. */
  readonly out: string;
  /** Where the result ends in a file that holds several; its whole length otherwise. */
  readonly bytes: number;
  /** Its summary row. */
  readonly row: string;
}

/**
 * Which recordings a batch has finished, in a file of JSON lines beside the results, so that the same command goes on where
 * an earlier one stopped. A line is added when a result is complete.
 */
export class BatchState {
  readonly #path: string;
  readonly #finished: Map<string, FinishedRecording>;

  /** What ends a line that a crash cut off. */
  #lineEnd: string;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#finished = new Map(
      text
        .split('\n')
        .flatMap(parse)
        .map((entry) => [entry.file, entry]),
    );
    this.#lineEnd = text === '' || text.endsWith('\n') ? '' : '\n';
  }

  static async load(path: string): Promise<BatchState> {
    return new BatchState(path, await readFile(path, 'utf8').catch(() => ''));
  }

  /** How many recordings it holds. */
  get size(): number {
    return this.#finished.size;
  }

  /** The entry of a recording if it is done with these settings and neither it nor its result has changed since. */
  async finished(file: string, settings: string): Promise<FinishedRecording | undefined> {
    const entry = this.#finished.get(file);
    if (entry === undefined || entry.settings !== settings) return undefined;
    const recording = await stat(file).catch(() => undefined);
    const result = await stat(entry.out).catch(() => undefined);
    const same = recording?.size === entry.size && recording.mtimeMs === entry.mtimeMs;
    return same && result !== undefined && result.size >= entry.bytes ? entry : undefined;
  }

  async add(entry: FinishedRecording): Promise<void> {
    this.#finished.set(entry.file, entry);
    await writing(this.#path, () => appendFile(this.#path, `${this.#lineEnd}${JSON.stringify(entry)}\n`));
    this.#lineEnd = '';
  }

  async clear(): Promise<void> {
    this.#finished.clear();
    this.#lineEnd = '';
    await writing(this.#path, () => rm(this.#path, { force: true }));
  }
}

/** A line of the state file; none of a line that a crash cut off. */
function parse(line: string): FinishedRecording[] {
  try {
    const value: unknown = JSON.parse(line);
    return isFinished(value) ? [value] : [];
  } catch {
    return [];
  }
}

function isFinished(value: unknown): value is FinishedRecording {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Partial<Record<keyof FinishedRecording, unknown>>;
  const texts = [entry.file, entry.settings, entry.out, entry.row];
  const numbers = [entry.size, entry.mtimeMs, entry.bytes];
  return texts.every((text) => typeof text === 'string') && numbers.every((number) => typeof number === 'number');
}
