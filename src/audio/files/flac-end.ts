import type { ByteSource } from './byte-source.ts';

/** `fLaC`, then blocks with a header of four bytes each: a bit for the last, 7 of type, 24 of length (RFC 9639, section 8.1). */
const FIRST_BLOCK_AT = 4;
const BLOCK_HEADER_BYTES = 4;
/** Real files have about five; a file of nothing but empty blocks is not followed to its end. */
const MAX_BLOCKS = 1000;
/** Sync code to CRC, with all that is optional (RFC 9639, section 9.1). */
const MAX_FRAME_HEADER_BYTES = 16;
/** The parser looks 13 bytes past the start of a header before it believes it. */
const MARK_BYTES = 32;

/**
 * What to feed the decoder behind a native FLAC file, since its parser takes a frame for complete only when it sees the
 * header of the next one: the header of the file's first frame, and zeros. Without the rest of that frame nothing of it is decoded.
 *
 * @returns no bytes when the file ends before its first frame
 * @throws file-unreadable
 */
export async function flacEndMark(source: ByteSource): Promise<Uint8Array> {
  const frame = await source.read(await firstFrameAt(source), MAX_FRAME_HEADER_BYTES);
  const headerBytes = frameHeaderBytes(frame);
  if (frame.length < headerBytes) return new Uint8Array(0);
  const mark = new Uint8Array(MARK_BYTES);
  mark.set(frame.subarray(0, headerBytes));
  return mark;
}

async function firstFrameAt(source: ByteSource): Promise<number> {
  let at = FIRST_BLOCK_AT;
  for (let block = 0; block < MAX_BLOCKS; block++) {
    const header = await source.read(at, BLOCK_HEADER_BYTES);
    if (header.length < BLOCK_HEADER_BYTES) return source.length;
    at += BLOCK_HEADER_BYTES + header[1]! * 2 ** 16 + header[2]! * 2 ** 8 + header[3]!;
    if ((header[0]! & 0x80) !== 0) return at;
  }
  return source.length;
}

/** Length of the frame header that the bytes begin with: 4 fixed, the coded number, what the codes of size and rate add, the CRC. */
function frameHeaderBytes(frame: Uint8Array): number {
  const codes = frame[2] ?? 0;
  // The number is coded as in UTF-8: as many bytes as the first has leading ones, or one.
  const leadingOnes = Math.clz32(~((frame[4] ?? 0) << 24));
  const sizeCode = codes >>> 4;
  const rateCode = codes & 15;
  const sizeBytes = sizeCode === 6 ? 1 : sizeCode === 7 ? 2 : 0;
  const rateBytes = rateCode === 12 ? 1 : rateCode === 13 || rateCode === 14 ? 2 : 0;
  return 4 + Math.max(1, leadingOnes) + sizeBytes + rateBytes + 1;
}
