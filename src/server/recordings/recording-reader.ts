import { UndertoneError } from '../../errors.ts';
import { wireFrameBytes } from '../../protocol/index.ts';
import { type Disk, type DiskFile, diskWord } from './disk.ts';
import { CHUNK_HEAD_BYTES, openChunk, TAG_BYTES } from './file-format.ts';
import type { RecordingInfo, RecordingNote } from './info.ts';
import { type AudioPiece, damaged, type Piece, type RecordingIndex, scanRecording } from './recording-index.ts';

/** What comes out of a recording, in order. */
export type RecordedItem = { readonly kind: 'audio'; readonly bytes: Uint8Array } | RecordingNote;

/** Reads one recording: from end to end, or any samples of it. Whatever it gives was authenticated. */
export class RecordingReader {
  readonly index: RecordingIndex;
  readonly #file: DiskFile;
  readonly #name: string;
  #last: { readonly piece: Piece; readonly bytes: Buffer } | undefined;

  private constructor(file: DiskFile, name: string, index: RecordingIndex) {
    this.#file = file;
    this.#name = name;
    this.index = index;
  }

  /**
   * @param name of the file, for errors
   * @param known what was found before, where the file has not changed since
   * @throws UndertoneError `recording-missing`, `recording-key-unknown`, `file-damaged`, `file-unreadable`
   */
  static async open(
    disk: Disk,
    path: string,
    name: string,
    keys: readonly Uint8Array[],
    known?: RecordingIndex,
  ): Promise<RecordingReader> {
    let file: DiskFile;
    try {
      file = await disk.open(path);
    } catch (error) {
      const detail = diskWord(error);
      throw detail === 'ENOENT'
        ? new UndertoneError('recording-missing')
        : new UndertoneError('file-unreadable', { path: name, detail });
    }
    try {
      return new RecordingReader(file, name, known ?? (await scanRecording(file, name, keys)));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get info(): RecordingInfo {
    return this.index.info;
  }

  /** Everything, in the order in which it came. @throws UndertoneError `file-damaged` */
  async *items(): AsyncGenerator<RecordedItem, void, undefined> {
    for (const piece of this.index.pieces) {
      if (piece.chunk.kind === 'note') yield piece.chunk.note;
      else yield { kind: 'audio', bytes: await this.#audio(piece, piece.chunk) };
    }
  }

  /**
   * The audio of samples [from, to) in whole sample frames, with the sample at which each begins; between them, and outside of the
   * recording, there is none. @throws UndertoneError `file-damaged`
   */
  async *audio(from: number, to: number): AsyncGenerator<{ at: number; bytes: Uint8Array }, void, undefined> {
    const frameBytes = wireFrameBytes(this.info.format);
    for (let index = this.#pieceAt(from); index < this.index.pieces.length; index += 1) {
      const piece = this.index.pieces[index];
      if (piece === undefined || piece.samples >= to) return;
      if (piece.chunk.kind !== 'audio' || piece.length === 0) continue;
      const first = Math.max(from, piece.samples);
      const last = Math.min(to, piece.samples + piece.length);
      if (last <= first) continue;
      const bytes = await this.#audio(piece, piece.chunk);
      const start = (first - piece.samples) * frameBytes;
      yield { at: first, bytes: bytes.subarray(start, start + (last - first) * frameBytes) };
    }
  }

  /** Bytes of the file. */
  size(): Promise<number> {
    return this.#file.size();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #audio(piece: Piece, { position, bytes }: AudioPiece): Promise<Buffer> {
    if (this.#last?.piece === piece) return this.#last.bytes;
    const sealed = await this.#file.read(position, CHUNK_HEAD_BYTES + bytes + TAG_BYTES);
    const whole = sealed.length === CHUNK_HEAD_BYTES + bytes + TAG_BYTES;
    const plain = whole ? openChunk(this.index.key, piece, sealed) : undefined;
    if (plain === undefined) throw damaged(this.#name, `chunk ${piece.number} is not what was written`);
    this.#last = { piece, bytes: plain };
    return plain;
  }

  /** The first piece that ends after a sample. */
  #pieceAt(sample: number): number {
    const { pieces } = this.index;
    let low = 0;
    let high = pieces.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const piece = pieces[middle]!;
      if (piece.samples + piece.length <= sample) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
