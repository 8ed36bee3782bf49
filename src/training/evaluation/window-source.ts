import type { Clip } from '../clips.ts';
import type { ConditionName } from '../conditions.ts';
import type { JoinedStream } from '../joined-streams.ts';

/** The windows of one stream, as rows that a kind of classifier learns from. */
export interface StreamRows<Row> {
  readonly rows: readonly Row[];
  /** Of each window. */
  readonly endMs: readonly number[];
  readonly speechRatio: readonly number[];
  /** Where each recording of the stream begins and ends. */
  readonly spansMs: readonly (readonly [start: number, end: number])[];
}

/**
 * Where the rows of a kind of classifier come from: the functionals of windows, hops of descriptors. Every stream starts anew, and
 * is heard by the analysis of the serving pipeline.
 */
export interface WindowSource<Row> {
  /** Whatever decides what the rows hold; any JSON. */
  readonly key: unknown;
  /** Computes ahead what is asked for later; optional. */
  prepare?(conditions: readonly ConditionName[]): Promise<void>;
  /** The windows of each clip; undefined for one that cannot be read. */
  clips(clips: readonly Clip[], condition: ConditionName): Promise<readonly (StreamRows<Row> | undefined)[]>;
  /** The windows of long streams, in the same way. */
  streams(
    streams: readonly JoinedStream[],
    condition: ConditionName,
  ): Promise<readonly (StreamRows<Row> | undefined)[]>;
}
