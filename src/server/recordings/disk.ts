import { constants } from 'node:fs';
import { access, mkdir, open, readdir, stat, unlink } from 'node:fs/promises';

/** What recordings need of an open file. */
export interface DiskFile {
  /** Writes some of the bytes at a position, and tells how many. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Reads up to `length` bytes; fewer at the end of the file only. */
  read(position: number, length: number): Promise<Buffer>;
  size(): Promise<number>;
  /** What was written is on the disk itself. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What recordings need of a disk, so that a test may break it. */
export interface Disk {
  /** Makes the folder where it is not there; rejects where nothing can be written in it. */
  folder(path: string): Promise<void>;
  /** A file that is not there yet, readable by its owner alone. */
  create(path: string): Promise<DiskFile>;
  open(path: string): Promise<DiskFile>;
  /** Names in a folder. */
  list(path: string): Promise<readonly string[]>;
  /** When it was last written, ms since 1970. */
  writtenAtMs(path: string): Promise<number>;
  remove(path: string): Promise<void>;
}

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

export const disk: Disk = {
  folder: async (path) => {
    await mkdir(path, { recursive: true, mode: FOLDER_MODE });
    await access(path, constants.R_OK | constants.W_OK);
  },
  create: (path) => opened(path, 'wx'),
  open: (path) => opened(path, 'r'),
  list: (path) => readdir(path),
  writtenAtMs: async (path) => (await stat(path)).mtimeMs,
  remove: (path) => unlink(path),
};

async function opened(path: string, flags: 'wx' | 'r'): Promise<DiskFile> {
  const file = await open(path, flags, FILE_MODE);
  return {
    write: async (bytes, position) => (await file.write(bytes, 0, bytes.length, position)).bytesWritten,
    read: async (position, length) => {
      const bytes = Buffer.allocUnsafe(length);
      let at = 0;
      while (at < length) {
        const { bytesRead } = await file.read(bytes, at, length - at, position + at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      return bytes.subarray(0, at);
    },
    size: async () => (await file.stat()).size,
    sync: () => file.datasync(),
    close: () => file.close(),
  };
}

/** What is told of an error of the disk: its code, and no path. */
export const diskWord = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
