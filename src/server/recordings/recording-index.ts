import { UndertoneError } from '../../errors.ts';
import { wireFrameBytes } from '../../protocol/index.ts';
import type { DiskFile } from './disk.ts';
import {
  CHUNK,
  CHUNK_HEAD_BYTES,
  type ChunkKind,
  type ChunkPlace,
  HEAD_BYTES,
  MAGIC,
  MAX_NOTE_BYTES,
  openChunk,
  SALT_BYTES,
  TAG_BYTES,
} from './file-format.ts';
import { decodeNote, gapSamples, type RecordingEnd, type RecordingInfo, type RecordingNote } from './info.ts';
import { FINGERPRINT_BYTES, fileKey, fingerprintOf } from './keys.ts';

/** Where the chunk is in its file, and how many bytes of audio it holds. */
export interface AudioPiece {
  readonly kind: 'audio';
  readonly position: number;
  readonly bytes: number;
}

/** A piece of a recording. `samples` are of a channel before it, `length` those that it holds or stands for. */
export interface Piece extends ChunkPlace {
  readonly length: number;
  readonly chunk: AudioPiece | { readonly kind: 'note'; readonly note: RecordingNote };
}

/** What a recording holds, found by reading what stands before its chunks, and its notes. */
export interface RecordingIndex {
  /** Of this file. */
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
  readonly info: RecordingInfo;
  readonly pieces: readonly Piece[];
  /** Samples of a channel, with the gaps. */
  readonly samples: number;
  /** `undefined`: it was cut off, or goes on. */
  readonly end: RecordingEnd | undefined;
}

/** What is read at once where a chunk begins: its head, and most notes whole. */
const LOOK_BYTES = 1_024;

export const damaged = (path: string, detail: string): UndertoneError =>
  new UndertoneError('file-damaged', { path, detail });

/**
 * Looks through a file once.
 *
 * @param name of the file, for errors
 * @throws UndertoneError `recording-key-unknown`, `file-damaged`
 */
export async function scanRecording(
  file: DiskFile,
  name: string,
  keys: readonly Uint8Array[],
): Promise<RecordingIndex> {
  const head = await file.read(0, HEAD_BYTES);
  if (head.length < HEAD_BYTES || !MAGIC.equals(head.subarray(0, MAGIC.length))) {
    throw damaged(name, 'it does not begin as a recording does');
  }
  const salt = head.subarray(HEAD_BYTES - SALT_BYTES);
  const key = fileKey(masterOf(head, keys), salt, head);
  return { key, salt, ...(await new Scan(file, name, key).run()) };
}

function masterOf(head: Buffer, keys: readonly Uint8Array[]): Uint8Array {
  const fingerprint = head.subarray(MAGIC.length, MAGIC.length + FINGERPRINT_BYTES);
  const master = keys.find((key) => fingerprintOf(key).equals(fingerprint));
  if (master !== undefined) return master;
  throw new UndertoneError('recording-key-unknown', { fingerprint: fingerprint.toString('hex') });
}

interface Found {
  readonly kind: ChunkKind;
  readonly position: number;
  readonly bytes: number;
  /** The first bytes of it. */
  readonly look: Buffer;
}

class Scan {
  readonly #file: DiskFile;
  readonly #name: string;
  readonly #key: Uint8Array;
  readonly #pieces: Piece[] = [];
  #number = 0;
  #samples = 0;
  #info: RecordingInfo | undefined;
  #end: RecordingEnd | undefined;

  constructor(file: DiskFile, name: string, key: Uint8Array) {
    this.#file = file;
    this.#name = name;
    this.#key = key;
  }

  async run(): Promise<Omit<RecordingIndex, 'key' | 'salt'>> {
    const size = await this.#file.size();
    for (let position = HEAD_BYTES; position < size; ) {
      const found = await this.#find(position, size);
      if (found === undefined) break;
      await this.#take(found);
      position += CHUNK_HEAD_BYTES + found.bytes + TAG_BYTES;
    }
    if (this.#info === undefined) throw damaged(this.#name, 'its description is missing');
    return { info: this.#info, pieces: this.#pieces, samples: this.#samples, end: this.#end };
  }

  /** `undefined` where the file was cut off here: by a process that died, or (with zeros) a machine. */
  async #find(position: number, size: number): Promise<Found | undefined> {
    if (this.#end !== undefined) throw damaged(this.#name, 'something stands behind its end');
    const look = await this.#file.read(position, LOOK_BYTES);
    const left = size - position;
    if (look.length < CHUNK_HEAD_BYTES || left < CHUNK_HEAD_BYTES + TAG_BYTES) return undefined;
    const kind = look[0];
    const bytes = look.readUInt32LE(1);
    if (kind === 0 && bytes === 0) return undefined;
    if ((kind !== CHUNK.note && kind !== CHUNK.audio && kind !== CHUNK.end) || bytes > MAX_NOTE_BYTES) {
      throw this.#wrong();
    }
    return left < CHUNK_HEAD_BYTES + bytes + TAG_BYTES ? undefined : { kind, position, bytes, look };
  }

  async #take(found: Found): Promise<void> {
    const { kind, position, bytes } = found;
    if (kind === CHUNK.end) {
      this.#end = (await this.#json(found)) as RecordingEnd;
    } else if (this.#info === undefined) {
      if (kind !== CHUNK.note) throw this.#wrong();
      this.#info = (await this.#json(found)) as RecordingInfo;
    } else if (kind === CHUNK.audio) {
      // A part of a sample can only be at the end.
      const length = Math.floor(bytes / wireFrameBytes(this.#info.format));
      this.#add(length, { kind: 'audio', position, bytes });
    } else {
      const note = (await this.#json(found)) as RecordingNote;
      this.#add(note.kind === 'gap' ? gapSamples(note.durationMs, this.#info.format) : 0, { kind: 'note', note });
    }
    this.#number += 1;
  }

  #add(length: number, chunk: Piece['chunk']): void {
    this.#pieces.push({ number: this.#number, samples: this.#samples, length, chunk });
    this.#samples += length;
  }

  async #json({ position, bytes, look }: Found): Promise<unknown> {
    const length = CHUNK_HEAD_BYTES + bytes + TAG_BYTES;
    const sealed = look.length >= length ? look.subarray(0, length) : await this.#file.read(position, length);
    const place = { number: this.#number, samples: this.#samples };
    const plain = sealed.length === length ? openChunk(this.#key, place, sealed) : undefined;
    if (plain === undefined) throw this.#wrong();
    return decodeNote(plain.toString());
  }

  #wrong(): UndertoneError {
    return damaged(this.#name, `chunk ${this.#number} is not what was written`);
  }
}
