import type { WindowModel } from '../inference/index.ts';

const MS_BOUNDS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000] as const;
const ROW_BOUNDS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024] as const;
const BYTES_PER_WORD = 8;

/**
 * How often values fell into buckets. One thread counts, any may read: the numbers lie in memory that threads can share, and
 * a reader may be one value behind in one of them.
 */
export class Distribution {
  /** The upper end of each bucket, included; one more bucket has no end. */
  readonly bounds: readonly number[];
  readonly #words: Float64Array<ArrayBufferLike>;

  static words(bounds: readonly number[]): number {
    return bounds.length + 2;
  }

  /** @param words as many as `Distribution.words` says */
  constructor(
    bounds: readonly number[],
    words: Float64Array<ArrayBufferLike> = new Float64Array(Distribution.words(bounds)),
  ) {
    this.bounds = bounds;
    this.#words = words;
  }

  observe(value: number): void {
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket += 1;
    this.#words[bucket]! += 1;
    this.#words[bounds.length + 1]! += value;
  }

  /** Values in each bucket. */
  get counts(): readonly number[] {
    return [...this.#words.subarray(0, this.bounds.length + 1)];
  }

  get sum(): number {
    return this.#words[this.bounds.length + 1]!;
  }
}

/** What the analysis takes, in ms and in windows; of one thread. */
export class AnalysisStats {
  static readonly BYTES = BYTES_PER_WORD * (3 * Distribution.words(MS_BOUNDS) + Distribution.words(ROW_BOUNDS));

  /** Audio that keeps to real time, in the ring to the thread that analyses it. */
  readonly ring: Distribution;
  /** Calls of the model. */
  readonly model: Distribution;
  /** From the arrival of a window's last packet to its event. */
  readonly latency: Distribution;
  /** Windows of one call of the model. */
  readonly batch: Distribution;

  /** @param memory `AnalysisStats.BYTES`, zeros at first; shared where another thread is to read it */
  constructor(memory: ArrayBufferLike = new ArrayBuffer(AnalysisStats.BYTES)) {
    let at = 0;
    const next = (bounds: readonly number[]): Distribution => {
      const words = new Float64Array(memory, at, Distribution.words(bounds));
      at += words.byteLength;
      return new Distribution(bounds, words);
    };
    this.ring = next(MS_BOUNDS);
    this.model = next(MS_BOUNDS);
    this.latency = next(MS_BOUNDS);
    this.batch = next(ROW_BOUNDS);
  }
}

/** Of audio that waits for its turn in this thread. */
export const waitDistribution = (): Distribution => new Distribution(MS_BOUNDS);

/** The model, whose calls are timed. */
export function timed(model: WindowModel, { model: times, batch }: AnalysisStats, clock: () => number): WindowModel {
  const { manifest, hash, runtime, sequence } = model;
  const counted = (rows: number, ask: () => Float32Array): Float32Array => {
    const beganMs = clock();
    const answer = ask();
    times.observe(clock() - beganMs);
    batch.observe(rows);
    return answer;
  };
  return {
    manifest,
    hash,
    runtime,
    predict: (features, rows) => counted(rows, () => model.predict(features, rows)),
    ...(sequence && {
      sequence: {
        listen: sequence.listen,
        answer: (windows) => counted(windows.length, () => sequence.answer(windows)),
      },
    }),
    dispose: () => model.dispose(),
  };
}
