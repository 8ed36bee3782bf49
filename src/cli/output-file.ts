import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UndertoneError } from '../errors.ts';
import { systemReason } from './recordings.ts';

/** Where text goes, in order. */
export interface Output {
  write(text: string): Promise<void>;
}

/**
 * A file that appears under its name when it is complete: it is written beside it as `NAME.part`. What is no regular file
 * (`/dev/null`, a pipe) is written directly.
 *
 * Every method throws `file-unwritable`.
 */
export class OutputFile implements Output {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #partial: string | undefined;

  private constructor(path: string, handle: FileHandle, partial: string | undefined) {
    this.path = path;
    this.#handle = handle;
    this.#partial = partial;
  }

  static async create(path: string): Promise<OutputFile> {
    return writing(path, async () => {
      await mkdir(dirname(path), { recursive: true });
      const direct = (await stat(path).catch(() => undefined))?.isFile() === false;
      const partial = direct ? undefined : `${path}.part`;
      return new OutputFile(path, await open(partial ?? path, 'w'), partial);
    });
  }

  async write(text: string): Promise<void> {
    if (text !== '') await writing(this.path, () => this.#handle.appendFile(text));
  }

  /** Gives the file its name. */
  async complete(): Promise<void> {
    await writing(this.path, async () => {
      await this.#handle.close();
      if (this.#partial !== undefined) await rename(this.#partial, this.path);
    });
  }

  /** Leaves nothing of it. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    if (this.#partial !== undefined) await rm(this.#partial, { force: true });
  }
}

/**
 * A file that grows by one recording after the other. What a failed recording left is cut off again, so that it ends with
 * whole recordings and a later run can go on from there.
 */
export class GrowingFile implements Output {
  readonly path: string;
  readonly #handle: FileHandle;
  #bytes: number;

  private constructor(path: string, handle: FileHandle, bytes: number) {
    this.path = path;
    this.#handle = handle;
    this.#bytes = bytes;
  }

  /** Opens it with its first `bytes` bytes kept; the caller knows that it has as many. */
  static async open(path: string, bytes: number): Promise<GrowingFile> {
    return writing(path, async () => {
      await mkdir(dirname(path), { recursive: true });
      const handle = await open(path, bytes > 0 ? 'r+' : 'w');
      if (bytes > 0) await handle.truncate(bytes);
      return new GrowingFile(path, handle, bytes);
    });
  }

  /** Its length now. */
  get bytes(): number {
    return this.#bytes;
  }

  async write(text: string): Promise<void> {
    if (text === '') return;
    const data = Buffer.from(text);
    await writing(this.path, () => this.#handle.write(data, 0, data.length, this.#bytes));
    this.#bytes += data.length;
  }

  async cutTo(bytes: number): Promise<void> {
    await writing(this.path, () => this.#handle.truncate(bytes));
    this.#bytes = bytes;
  }

  async close(): Promise<void> {
    await writing(this.path, () => this.#handle.close());
  }
}

/** Runs something that writes to a path; what goes wrong becomes `file-unwritable`. */
export async function writing<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    throw new UndertoneError('file-unwritable', { path, detail: systemReason(thrown) });
  }
}
