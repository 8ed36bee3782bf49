/**
 * The pages of a SQLite file. Its format: https://www.sqlite.org/fileformat2.html, sections 1.6 "B-tree Pages" and 1.5.
 */
export interface Pages {
  /** The b-trees that are looked through, each with its first page. */
  trees(): readonly { readonly name: string; readonly root: number }[];
  /** Bytes at the end of every page that SQLite does not use. */
  readonly reservedBytes: number;
  read(page: number): Uint8Array;
  write(page: number, bytes: Uint8Array): void;
}

const INTERIOR_INDEX = 2;
const INTERIOR_TABLE = 5;
const LEAF_INDEX = 10;
const LEAF_TABLE = 13;
/** The first page begins with the header of the file. */
const FILE_HEADER_BYTES = 100;
/** Of a free block: where the next one is, and its size. */
const FREE_HEAD_BYTES = 4;
const PAGES_PER_SLICE = 2_000;

/**
 * Overwrites with zeros what is in no row: the gap of every b-tree page between its pointers and its cells, and its free
 * blocks. `secure_delete` zeroes what is deleted, but not the old copy of a row that was moved to another page when a tree
 * was balanced. A `VACUUM` would do the same at the cost of the whole file, twice.
 *
 * @param sliced trees that only ever grow at their end: there `pause` is awaited in between, and rows may be added
 */
export async function scrub(pages: Pages, sliced: readonly string[], pause: () => Promise<void>): Promise<void> {
  for (const { name, root } of pages.trees()) {
    const mostPages = sliced.includes(name) ? PAGES_PER_SLICE : Number.POSITIVE_INFINITY;
    for (let from: bigint | undefined = FIRST_ROW; from !== undefined; ) {
      const slice: Slice = { pages, from, mostPages, count: 0, reached: FIRST_ROW };
      from = scrubTree(slice, root) ? undefined : slice.reached + 1n;
      await pause();
    }
  }
}

const FIRST_ROW = -(2n ** 63n);

interface Slice {
  readonly pages: Pages;
  /** Rows before are done. */
  readonly from: bigint;
  readonly mostPages: number;
  count: number;
  /** Rows until this one are done. */
  reached: bigint;
}

/** Tells whether it came to the end of the tree. */
function scrubTree(slice: Slice, page: number): boolean {
  const bytes = slice.pages.read(page);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = page === 1 ? FILE_HEADER_BYTES : 0;
  const type = view.getUint8(header);
  const interior = type === INTERIOR_INDEX || type === INTERIOR_TABLE;
  if (!interior && type !== LEAF_INDEX && type !== LEAF_TABLE) throw new Error(`Page ${page} is no page of a b-tree.`);
  if (zeroUnused(view, header, interior, bytes.byteLength - slice.pages.reservedBytes)) slice.pages.write(page, bytes);
  slice.count += 1;
  if (!interior) return true;
  const cells = view.getUint16(header + 3);
  for (let cell = 0; cell < cells; cell += 1) {
    const at = view.getUint16(header + 12 + 2 * cell);
    if (type === INTERIOR_TABLE) {
      const lastRow = varint(view, at + 4);
      if (lastRow < slice.from) continue;
      if (!scrubTree(slice, view.getUint32(at))) return false;
      slice.reached = lastRow;
      if (slice.count >= slice.mostPages) return false;
    } else scrubTree(slice, view.getUint32(at));
  }
  return scrubTree(slice, view.getUint32(header + 8));
}

/** As many as the largest page has bytes. */
const ZEROS = new Uint8Array(65_536);

/** Tells whether there was anything. */
function zeroUnused(view: DataView, header: number, interior: boolean, usableBytes: number): boolean {
  const pointers = header + (interior ? 12 : 8);
  const cells = view.getUint16(header + 3);
  // 0 stands for 65,536.
  const content = view.getUint16(header + 5) || 65_536;
  let found = zero(view, pointers + 2 * cells, Math.min(content, usableBytes));
  for (let block = view.getUint16(header + 1); block !== 0; block = view.getUint16(block)) {
    found = zero(view, block + FREE_HEAD_BYTES, block + view.getUint16(block + 2)) || found;
  }
  return found;
}

function zero(view: DataView, from: number, to: number): boolean {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + from, Math.max(0, to - from));
  if (Buffer.compare(bytes, ZEROS.subarray(0, bytes.length)) === 0) return false;
  bytes.fill(0);
  return true;
}

/** A big-endian number of up to nine bytes, seven bits each and eight in the ninth; two's complement. */
function varint(view: DataView, at: number): bigint {
  let value = 0n;
  for (let index = 0; index < 8; index += 1) {
    const byte = view.getUint8(at + index);
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) return value;
  }
  return BigInt.asIntN(64, (value << 8n) | BigInt(view.getUint8(at + 8)));
}
