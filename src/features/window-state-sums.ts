/** Blocks that a window is cut into; more blocks make the read-out dearer and the table of suffixes smaller. */
const BLOCKS_PER_WINDOW = 16;

/**
 * Sums and extremes over the last `windowHops` rows of a ring, without ever subtracting: nothing can drift or be
 * swallowed by a large value that has left the window, however long the stream.
 *
 * The stream is cut into blocks of `windowHops / 16` hops. Each has an aggregate, added to while its hops come in.
 * When the window's start moves into a block, the aggregates of all suffixes of that block are built once, from its
 * last hop to its first (one addition a hop, amortised). A read-out merges the suffix that is left of the oldest block
 * with the aggregates of the later ones: at most 17 of them, whatever the window's length.
 * (Sliding-window aggregation by two stacks, see Tangwongsan, Hirzel, Schneider, "Low-latency sliding-window
 * aggregation in worst-case constant time", DEBS 2017; the blocks keep the table small.)
 *
 * An aggregate is a vector of Float64: for each of the C columns count, Σx and Σx²; for each of the first F columns
 * also Σt, Σt² and Σtx (t in hops since the block's start), Σ|Δ| and the number of Δ, minimum and maximum.
 * A value that does not count is NaN in the ring.
 */
export class WindowSums {
  readonly #rows: Float32Array;
  readonly #windowHops: number;
  readonly #columns: number;
  readonly #full: number;
  readonly #blockHops: number;
  readonly #stride: number;
  readonly #slots: number;
  readonly #blocks: Float64Array;
  readonly #suffixes: Float64Array;
  readonly #merged: Float64Array;
  #hops = 0;

  /** @param rows the ring of `windowHops` rows of `columns` values; hop h is its row h mod `windowHops` */
  constructor(rows: Float32Array, windowHops: number, columns: number, full: number) {
    this.#rows = rows;
    this.#windowHops = windowHops;
    this.#columns = columns;
    this.#full = full;
    this.#blockHops = Math.ceil(windowHops / BLOCKS_PER_WINDOW);
    this.#stride = 3 * columns + 7 * full;
    this.#slots = Math.ceil(windowHops / this.#blockHops) + 1;
    this.#blocks = new Float64Array(this.#slots * this.#stride);
    this.#suffixes = new Float64Array(this.#blockHops * this.#stride);
    this.#merged = new Float64Array(this.#stride);
  }

  get bytes(): number {
    return this.#blocks.byteLength + this.#suffixes.byteLength + this.#merged.byteLength;
  }

  /** Takes in the row that was just written to the ring. */
  push(): void {
    const hop = this.#hops++;
    const position = hop % this.#blockHops;
    const block = this.#slotOf(hop - position);
    if (position === 0) this.#clear(this.#blocks, block);
    const row = this.#rowOf(hop);
    this.#addRow(this.#blocks, block, row, position);
    // A pair of neighbours belongs to its earlier hop, so that it leaves the window with it.
    if (hop > 0) this.#addPair(this.#blocks, this.#slotOf(hop - 1), this.#rowOf(hop - 1), row);
    const start = this.#hops - this.#windowHops;
    if (start > 0 && start % this.#blockHops === 1) this.#buildSuffixes(start - 1);
  }

  reset(): void {
    this.#hops = 0;
  }

  /** Mean of a column; NaN without a counted value. */
  mean(column: number): number {
    let count = 0;
    let sum = 0;
    const start = Math.max(0, this.#hops - this.#windowHops);
    for (let from = start; from < this.#hops; from = this.#nextBlock(from)) {
      const source = from % this.#blockHops === 0 ? this.#blocks : this.#suffixes;
      const at = this.#aggregateFrom(from) + column;
      count += source[at]!;
      sum += source[at + this.#columns]!;
    }
    return count > 0 ? sum / count : Number.NaN;
  }

  /** The window's aggregate, t in hops since the window's start; a view, valid until the next call. */
  merge(): Float64Array {
    const merged = this.#merged;
    this.#clear(merged, 0);
    const start = Math.max(0, this.#hops - this.#windowHops);
    for (let from = start; from < this.#hops; from = this.#nextBlock(from)) {
      const position = from % this.#blockHops;
      const source = position === 0 ? this.#blocks : this.#suffixes;
      this.#mergeOne(source, this.#aggregateFrom(from), from - position - start);
    }
    return merged;
  }

  #mergeOne(source: Float64Array, at: number, shift: number): void {
    const merged = this.#merged;
    const columns = this.#columns;
    const full = this.#full;
    const times = 3 * columns;
    for (let field = 0; field < full; field++) {
      const count = source[at + field]!;
      const time = at + times + field;
      const into = times + field;
      merged[into]! += source[time]! + shift * count;
      merged[into + full]! += source[time + full]! + shift * (2 * source[time]! + shift * count);
      merged[into + 2 * full]! += source[time + 2 * full]! + shift * source[at + columns + field]!;
      merged[into + 3 * full]! += source[time + 3 * full]!;
      merged[into + 4 * full]! += source[time + 4 * full]!;
      const low = source[time + 5 * full]!;
      if (low < merged[into + 5 * full]!) merged[into + 5 * full] = low;
      const high = source[time + 6 * full]!;
      if (high > merged[into + 6 * full]!) merged[into + 6 * full] = high;
    }
    for (let field = 0; field < times; field++) merged[field]! += source[at + field]!;
  }

  /** From the block's last hop to its second (the suffix from its first hop is the block's own aggregate). */
  #buildSuffixes(blockStart: number): void {
    const suffixes = this.#suffixes;
    const stride = this.#stride;
    for (let position = this.#blockHops - 1; position > 0; position--) {
      const at = position * stride;
      if (position === this.#blockHops - 1) this.#clear(suffixes, at);
      else suffixes.copyWithin(at, at + stride, at + 2 * stride);
      const row = this.#rowOf(blockStart + position);
      this.#addRow(suffixes, at, row, position);
      this.#addPair(suffixes, at, row, this.#rowOf(blockStart + position + 1));
    }
  }

  #addRow(into: Float64Array, at: number, row: number, time: number): void {
    const rows = this.#rows;
    const columns = this.#columns;
    const full = this.#full;
    for (let column = 0; column < columns; column++) {
      const value = rows[row + column]!;
      if (Number.isNaN(value)) continue;
      const count = at + column;
      into[count]! += 1;
      into[count + columns]! += value;
      into[count + 2 * columns]! += value * value;
      if (column >= full) continue;
      const times = at + 3 * columns + column;
      into[times]! += time;
      into[times + full]! += time * time;
      into[times + 2 * full]! += time * value;
      if (value < into[times + 5 * full]!) into[times + 5 * full] = value;
      if (value > into[times + 6 * full]!) into[times + 6 * full] = value;
    }
  }

  #addPair(into: Float64Array, at: number, earlier: number, later: number): void {
    const rows = this.#rows;
    const full = this.#full;
    const deltas = at + 3 * this.#columns + 3 * full;
    for (let column = 0; column < full; column++) {
      const delta = rows[later + column]! - rows[earlier + column]!;
      if (Number.isNaN(delta)) continue;
      into[deltas + column]! += Math.abs(delta);
      into[deltas + full + column]! += 1;
    }
  }

  #clear(vector: Float64Array, at: number): void {
    const extremes = at + this.#stride - 2 * this.#full;
    vector.fill(0, at, extremes);
    vector.fill(Number.POSITIVE_INFINITY, extremes, extremes + this.#full);
    vector.fill(Number.NEGATIVE_INFINITY, extremes + this.#full, at + this.#stride);
  }

  #rowOf(hop: number): number {
    return (hop % this.#windowHops) * this.#columns;
  }

  #slotOf(hop: number): number {
    return (Math.floor(hop / this.#blockHops) % this.#slots) * this.#stride;
  }

  #nextBlock(hop: number): number {
    return hop - (hop % this.#blockHops) + this.#blockHops;
  }

  /** Where the aggregate from this hop to the end of its block stands: in the blocks, or in the suffixes. */
  #aggregateFrom(hop: number): number {
    const position = hop % this.#blockHops;
    return position === 0 ? this.#slotOf(hop) : position * this.#stride;
  }
}
