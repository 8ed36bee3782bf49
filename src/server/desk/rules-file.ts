import { randomBytes } from 'node:crypto';
import { open, readFile, realpath, rename, stat, unlink } from 'node:fs/promises';
import { UndertoneError } from '../../errors.ts';

/** More than that is no file of rules, bytes. */
const MOST_BYTES = 1_048_576;
const DEFAULT_MODE = 0o644;

/**
 * A file that people edit while the server runs. Its stamp is looked at every now and then, because watching is not reliable on every
 * file system; one that has just changed is read only once it has stayed the same from one look to the next, for it may be half written.
 */
export class RulesFile {
  readonly path: string;
  /** Of what was read last. */
  #readStamp: string | undefined;
  #seenStamp: string | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** @throws UndertoneError `file-missing`, `file-unreadable` */
  async read(): Promise<string> {
    try {
      const stamp = await this.#stamp();
      const bytes = await readFile(this.path);
      if (bytes.length > MOST_BYTES) throw new Error(`it has more than ${MOST_BYTES} bytes`);
      // Of before: what changed while it was read is found at the next look.
      this.#readStamp = stamp;
      return bytes.toString();
    } catch (thrown) {
      if (codeOf(thrown) === 'ENOENT') throw new UndertoneError('file-missing', { path: this.path });
      throw new UndertoneError('file-unreadable', { path: this.path, detail: detailOf(thrown) });
    }
  }

  /** Whether it has changed since it was read, and not since the last look. A file that is gone has not. */
  async look(): Promise<boolean> {
    const stamp = await this.#stamp().catch(() => undefined);
    const settled = stamp !== undefined && stamp === this.#seenStamp;
    this.#seenStamp = stamp;
    return settled && stamp !== this.#readStamp;
  }

  /** Replaces it in one step: whoever reads it sees all of the old text or all of the new. @throws UndertoneError `file-unwritable` */
  async write(text: string): Promise<void> {
    let temporary: string | undefined;
    try {
      // Behind a link, the file that it leads to.
      const path = await realpath(this.path).catch(() => this.path);
      const mode = await stat(path).then(
        (found) => found.mode & 0o777,
        () => DEFAULT_MODE,
      );
      temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
      const file = await open(temporary, 'wx', mode);
      try {
        await file.chmod(mode);
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      this.#readStamp = await this.#stamp();
    } catch (thrown) {
      if (temporary !== undefined) await unlink(temporary).catch(() => {});
      throw new UndertoneError('file-unwritable', { path: this.path, detail: detailOf(thrown) });
    }
  }

  async #stamp(): Promise<string> {
    const { mtimeNs, ctimeNs, size, ino } = await stat(this.path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  }
}

const codeOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;

const detailOf = (thrown: unknown): string => codeOf(thrown) ?? (thrown instanceof Error ? thrown.message : 'unknown');
