/** Blocks are at least this long, so that a leg's memory is bounded. */
const SHORTEST_BLOCK_HOPS = 10;

/** Hops of a block: windows begin and end with one wherever their grid allows it. */
export function blockHops(windowHops: number, stepHops: number): number {
  let [a, b] = [windowHops, stepHops];
  while (b > 0) [a, b] = [b, a % b];
  return Math.max(a, SHORTEST_BLOCK_HOPS);
}

/**
 * The sums that a window's pooling needs, block by block of its time. A window is the sum of its blocks, added up anew each time: what
 * has left it leaves no rounding behind, and the cost of a frame does not depend on how many windows it is in.
 *
 * A window begins with a block; where window and step are no multiples of a common 100 ms or more, up to 90 ms early.
 */
export class BlockSums {
  readonly #windowHops: number;
  readonly #blockHops: number;
  readonly #width: number;
  readonly #sums: Float32Array;
  /** Which block stands where; −1 none. */
  readonly #numbers: Int32Array;

  /** @param width values of a block */
  constructor(windowHops: number, stepHops: number, width: number) {
    this.#windowHops = windowHops;
    this.#blockHops = blockHops(windowHops, stepHops);
    this.#width = width;
    const blocks = Math.ceil(windowHops / this.#blockHops) + 1;
    this.#sums = new Float32Array(blocks * width);
    this.#numbers = new Int32Array(blocks).fill(-1);
  }

  get bytes(): number {
    return this.#sums.byteLength + this.#numbers.byteLength;
  }

  /** The number of the block that a hop is in. */
  blockOf(hop: number): number {
    return Math.floor(hop / this.#blockHops);
  }

  /** The sums of a block, to be added to; the block is new where none had its number. */
  block(number: number): Float32Array {
    const slot = number % this.#numbers.length;
    const sums = this.#sums.subarray(slot * this.#width, (slot + 1) * this.#width);
    if (this.#numbers[slot] !== number) {
      this.#numbers[slot] = number;
      sums.fill(0);
    }
    return sums;
  }

  /** The sums of the window that ends before a hop, written to `out`: its blocks from the oldest to the newest. */
  window(endHop: number, out: Float64Array): void {
    out.fill(0);
    const width = this.#width;
    const last = this.blockOf(Math.max(0, endHop - 1));
    for (let number = this.blockOf(Math.max(0, endHop - this.#windowHops)); number <= last; number++) {
      const slot = number % this.#numbers.length;
      if (this.#numbers[slot] !== number) continue;
      for (let at = 0; at < width; at++) out[at]! += this.#sums[slot * width + at]!;
    }
  }
}
