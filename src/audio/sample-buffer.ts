/** Cached views; packets of a stream have few different lengths. A power of two. */
const CACHED_VIEWS = 16;

/**
 * Samples that are written anew at every push: grows to the longest push and stays, and hands out views without making
 * a new one each time.
 */
export class SampleBuffer {
  samples = new Float32Array(0);
  #views: (Float32Array | undefined)[] = [];

  /** Room for `length` samples; what was there is lost when it grows. */
  reserve(length: number): Float32Array {
    if (this.samples.length < length) {
      this.samples = new Float32Array(Math.max(length, 2 * this.samples.length));
      this.#views = new Array(CACHED_VIEWS).fill(undefined);
    }
    return this.samples;
  }

  /** The first `length` samples, a view. */
  view(length: number): Float32Array {
    const slot = length & (CACHED_VIEWS - 1);
    const cached = this.#views[slot];
    if (cached?.length === length) return cached;
    const view = this.samples.subarray(0, length);
    this.#views[slot] = view;
    return view;
  }
}
