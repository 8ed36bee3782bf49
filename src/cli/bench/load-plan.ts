import type { WireEncoding } from '../../protocol/index.ts';

/** What the generator is to do. */
export interface LoadPlan {
  readonly url: string;
  readonly legs: number;
  /** Measured time, after all legs have connected and been heard for a while. */
  readonly seconds: number;
  readonly encoding: WireEncoding;
  /** A file of bytes in that encoding, 8 kHz, one channel. */
  readonly audioFile: string;
  readonly analysis: { readonly windowMs?: number; readonly stepMs?: number };
  /** From the last sample of a window to the one that the resampler needs to complete it, ms. */
  readonly lookAheadMs: number;
}

export interface LoadResult {
  /** ms */
  readonly lag: Distribution;
  /** What the server says of itself: from arrival to emission, ms. */
  readonly latency: Distribution;
  /** How late the generator itself sent its packets, ms. */
  readonly lateness: Distribution;
  readonly windows: number;
  readonly gaps: number;
  readonly overloads: number;
  readonly refused: number;
  /** Holes in cursors or sequences, connections that were lost, streams without their end. */
  readonly errors: number;
  readonly firstError: string;
  /** Of the events of one leg as they went out, with what the history adds to each. */
  readonly historyBytesPerLeg: number;
  readonly subscriberEvents: number;
  readonly generatorCpuMs: number;
}

export interface Distribution {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** From the generator. */
export type GeneratorMessage =
  /** Warm: a tenth of the legs have been heard for a while. */
  { readonly type: 'warm' | 'measuring' | 'measured' } | { readonly type: 'result'; readonly result: LoadResult };
