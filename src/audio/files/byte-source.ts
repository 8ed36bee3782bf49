import { type FileHandle, open, stat } from 'node:fs/promises';
import { UndertoneError } from '../../errors.ts';

/** Bytes read from disk at a time. */
export const READ_BYTES = 65_536;

/** A regular file that is read where one wants, with errors of the table. */
export class ByteSource {
  readonly path: string;
  readonly length: number;
  readonly #handle: FileHandle;

  private constructor(path: string, length: number, handle: FileHandle) {
    this.path = path;
    this.length = length;
    this.#handle = handle;
  }

  /** @throws file-missing, file-empty, file-unreadable */
  static async open(path: string): Promise<ByteSource> {
    let handle: FileHandle | undefined;
    try {
      // Before open, which would wait for ever on a pipe that nobody writes to.
      const about = await stat(path);
      if (!about.isFile()) {
        const detail = about.isDirectory() ? 'it is a folder' : 'it is not a regular file';
        throw new UndertoneError('file-unreadable', { path, detail });
      }
      if (about.size === 0) throw new UndertoneError('file-empty', { path });
      handle = await open(path, 'r');
      return new ByteSource(path, about.size, handle);
    } catch (thrown) {
      await handle?.close();
      throw fileError(path, thrown);
    }
  }

  /** Up to `length` bytes from `position`, fewer only at the end of the file. The array is the caller's. */
  async read(position: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.length - position));
    const bytes = new Uint8Array(wanted);
    let filled = 0;
    try {
      while (filled < wanted) {
        const { bytesRead } = await this.#handle.read(bytes, filled, wanted - filled, position + filled);
        if (bytesRead === 0) break; // the file became shorter
        filled += bytesRead;
      }
    } catch (thrown) {
      throw fileError(this.path, thrown);
    }
    return bytes.subarray(0, filled);
  }

  /** The bytes from `from` to `to`, in blocks of `blockBytes` but for the last. */
  async *blocks(from = 0, to = this.length, blockBytes = READ_BYTES): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = from; at < to; ) {
      const block = await this.read(at, Math.min(blockBytes, to - at));
      if (block.length === 0) return;
      at += block.length;
      yield block;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** A failure of the file system as an error of the table. */
export function fileError(path: string, thrown: unknown): UndertoneError {
  if (thrown instanceof UndertoneError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
  const error =
    code === 'ENOENT' || code === 'ENOTDIR'
      ? new UndertoneError('file-missing', { path })
      : new UndertoneError('file-unreadable', { path, detail: SAYINGS[code] ?? code });
  error.cause = thrown;
  return error;
}

const SAYINGS: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links form a circle',
  ENAMETOOLONG: 'the name is too long',
  ERR_INVALID_ARG_VALUE: 'the name is not valid',
  EMFILE: 'too many files are open',
  EIO: 'the disk reports a failure',
};
