import { type Disk, type DiskFile, diskWord } from './disk.ts';

export interface RecordingFileOptions {
  readonly disk: Disk;
  readonly path: string;
  /** Whether so many more bytes may wait to be written. */
  readonly mayWait: (bytes: number) => boolean;
  readonly onWaiting: (bytes: number) => void;
  readonly onWritten: (bytes: number) => void;
  /** Nothing more is written, for a reason in a word. */
  readonly onFailed: (why: string) => void;
}

/** Of one stream that wait to be written; more means that the disk does not keep up. */
const MAX_WAITING_BYTES = 8_388_608;

/** A file that grows: what is appended waits in memory until the disk has taken it, and the one who appends waits for nothing. */
export class RecordingFile {
  readonly #options: RecordingFileOptions;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #writtenBytes = 0;
  #file: DiskFile | undefined;
  #failed = false;
  #ending = false;
  /** The writing, from the making of the file to its closing. */
  readonly done: Promise<void>;
  #wake: () => void = () => {};

  constructor(options: RecordingFileOptions) {
    this.#options = options;
    this.done = this.#write();
  }

  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  get failed(): boolean {
    return this.#failed;
  }

  append(bytes: Uint8Array): void {
    if (this.#failed || this.#ending) return;
    if (this.#waitingBytes + bytes.length > MAX_WAITING_BYTES || !this.#options.mayWait(bytes.length)) {
      this.#fail('the disk is too slow');
      return;
    }
    this.#waiting.push(bytes);
    this.#wait(bytes.length);
    this.#wake();
  }

  /** Nothing more comes: what waits is written, then the file is closed. */
  end(): void {
    this.#ending = true;
    this.#wake();
  }

  /** What waits is dropped, and the file is closed as it is. */
  abandon(): void {
    this.#failed = true;
    this.#drop();
    this.#wake();
  }

  async #write(): Promise<void> {
    const { disk, path } = this.#options;
    try {
      this.#file = await disk.create(path);
      for (;;) {
        const next = this.#waiting;
        this.#waiting = [];
        for (const bytes of next) {
          if (!this.#failed) await this.#writeAll(this.#file, bytes);
        }
        if (this.#failed || (this.#ending && this.#waiting.length === 0)) break;
        if (this.#waiting.length === 0) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
      if (!this.#failed) await this.#file.sync();
    } catch (error) {
      this.#fail(diskWord(error));
    } finally {
      this.#drop();
      await this.#file?.close().catch(() => {});
    }
  }

  async #writeAll(file: DiskFile, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const written = await file.write(at === 0 ? bytes : bytes.subarray(at), this.#writtenBytes);
      at += written;
      this.#writtenBytes += written;
      this.#options.onWritten(written);
      if (!this.#failed) this.#wait(-written);
    }
  }

  #fail(why: string): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#drop();
    this.#options.onFailed(why);
    this.#wake();
  }

  #drop(): void {
    this.#waiting = [];
    this.#wait(-this.#waitingBytes);
  }

  #wait(bytes: number): void {
    this.#waitingBytes += bytes;
    this.#options.onWaiting(bytes);
  }
}
