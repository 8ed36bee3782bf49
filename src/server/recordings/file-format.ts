import { createCipheriv, createDecipheriv } from 'node:crypto';
import { FINGERPRINT_BYTES } from './keys.ts';

/*
 * A recording is a head, then chunks, each sealed by itself with AES-256-GCM under the key of the file:
 *
 *   head   "UTAUDIO1", the fingerprint of the master key (8 bytes), a random salt (32 bytes)
 *   chunk  kind (1 byte), length of the sealed bytes (4, little-endian); the sealed bytes; the tag (16)
 *
 * As in STREAM (Hoang, Reyhanitabar, Rogaway and Vizár 2015, "Online authenticated-encryption and its nonce-reuse
 * misuse-resistance") the nonce is the number of the chunk and whether it is the last, so that none can be left out, moved,
 * doubled or taken from another file, and a file that does not end is known as one. What stands in clear before a chunk, and how
 * many samples of a channel lie before it, is authenticated with it.
 */

export const MAGIC = Buffer.from('UTAUDIO1');
export const SALT_BYTES = 32;
export const HEAD_BYTES = MAGIC.length + FINGERPRINT_BYTES + SALT_BYTES;
export const CHUNK_HEAD_BYTES = 5;
export const TAG_BYTES = 16;
/** Of audio in one chunk: what is decrypted at least for one sample. */
export const CHUNK_BYTES = 65_536;
/** Anything longer is damage: the longest chunk is a note with alert rules. */
export const MAX_NOTE_BYTES = 1_048_576;

/**
 * What a chunk holds. `audio` is bytes of the stream's own format, whole samples but for the last chunk of a recording; `note` is
 * JSON: the first is a `RecordingInfo`, the others `RecordingNote`s; `end` is JSON, too, and the last.
 */
export const CHUNK = { note: 1, audio: 2, end: 3 } as const;
export type ChunkKind = (typeof CHUNK)[keyof typeof CHUNK];

const NONCE_BYTES = 12;
const NUMBER_AT = 3;

/** The number of a chunk big-endian, then 1 for the last one, 0 for the others. */
function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeBigUInt64BE(BigInt(number), NUMBER_AT);
  nonce[NONCE_BYTES - 1] = last ? 1 : 0;
  return nonce;
}

function authenticated(head: Uint8Array, samples: number): Buffer {
  const bytes = Buffer.alloc(CHUNK_HEAD_BYTES + 8);
  bytes.set(head);
  bytes.writeBigUInt64LE(BigInt(samples), CHUNK_HEAD_BYTES);
  return bytes;
}

export interface ChunkPlace {
  /** Of the chunk in its file, from 0. */
  readonly number: number;
  /** Of a channel, before it. */
  readonly samples: number;
}

/** A chunk as it is written: its head, the sealed bytes in parts, its tag. */
export function sealChunk(
  key: Uint8Array,
  kind: ChunkKind,
  { number, samples }: ChunkPlace,
  parts: readonly Uint8Array[],
): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const sealed = Buffer.allocUnsafe(CHUNK_HEAD_BYTES + length + TAG_BYTES);
  sealed[0] = kind;
  sealed.writeUInt32LE(length, 1);
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number, kind === CHUNK.end));
  cipher.setAAD(authenticated(sealed.subarray(0, CHUNK_HEAD_BYTES), samples));
  // One call for all parts: packets of 20 ms are many and small.
  const [first = new Uint8Array(0)] = parts;
  cipher.update(parts.length === 1 ? first : Buffer.concat(parts, length)).copy(sealed, CHUNK_HEAD_BYTES);
  cipher.final();
  cipher.getAuthTag().copy(sealed, CHUNK_HEAD_BYTES + length);
  return sealed;
}

/** The bytes of a chunk; `undefined` where they are not those that were sealed at this place. */
export function openChunk(key: Uint8Array, { number, samples }: ChunkPlace, chunk: Uint8Array): Buffer | undefined {
  const head = chunk.subarray(0, CHUNK_HEAD_BYTES);
  const end = chunk.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number, head[0] === CHUNK.end));
  decipher.setAAD(authenticated(head, samples));
  decipher.setAuthTag(chunk.subarray(end));
  const plain = decipher.update(chunk.subarray(CHUNK_HEAD_BYTES, end));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plain;
}
