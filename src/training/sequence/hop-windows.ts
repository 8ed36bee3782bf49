import { basename } from 'node:path';
import { HOP_MS } from '../../audio/index.ts';
import { descriptorIndex, featureSet, ROW_LENGTH, SPEECH_THRESHOLD } from '../../features/index.ts';
import type { WindowGrid } from '../clip-windows.ts';
import type { Clip } from '../clips.ts';
import type { ConditionName } from '../conditions.ts';
import type { StreamRows, WindowSource } from '../evaluation/window-source.ts';
import { type CacheOptions, cachedHops, clipStreams, type StreamHops } from '../feature-cache.ts';
import { groupBy } from '../group-by.ts';
import type { JoinedStream } from '../joined-streams.ts';

/** A window of a stream whose hops a sequence network hears from the stream's beginning. */
export interface HopRow {
  /** Of the recording: rows with the same one are of it in other conditions. */
  readonly recording: string;
  /** `ROW_LENGTH` descriptors of every hop of the stream; the same array in all of its rows. */
  readonly hops: Float32Array;
  /** The window ends before this hop. */
  readonly endHop: number;
  readonly grid: WindowGrid;
}

const SPEECH = descriptorIndex('speech');

/** The hops of streams from the cache, and the windows that the serving pipeline would ask for. */
export class HopWindows implements WindowSource<HopRow> {
  readonly key: unknown;
  readonly #options: CacheOptions;
  readonly #streamStepMs: number;
  readonly #byCorpus: ReadonlyMap<string, readonly Clip[]>;
  readonly #sets = new Map<string, ReadonlyMap<string, StreamRows<HopRow>>>();

  /**
   * @param clips all that will be asked for: a corpus is computed as a whole, so that every fold finds the same in the cache.
   * @param streamStepMs step of the windows of long streams, where it is another than that of clips.
   */
  constructor(clips: readonly Clip[], options: CacheOptions, streamStepMs = options.grid.stepMs) {
    this.#options = options;
    this.#streamStepMs = streamStepMs;
    this.#byCorpus = groupBy(clips, ({ corpus }) => corpus);
    const { training, test, rooms } = options.noises;
    const named = (paths: readonly string[] = []): string[] => paths.map((path) => basename(path));
    this.key = {
      hops: featureSet.hash,
      grid: options.grid,
      seed: options.seed,
      noises: [named(training), named(test), named(rooms?.test)],
    };
  }

  async prepare(conditions: readonly ConditionName[]): Promise<void> {
    for (const [corpus, clips] of this.#byCorpus) {
      const missing = conditions.filter((condition) => !this.#sets.has(`${corpus} ${condition}`));
      if (missing.length === 0) continue;
      for (const { condition, streams } of await cachedHops(clipStreams(clips), missing, this.#options)) {
        const rows = clips.flatMap(({ id }, index): [string, StreamRows<HopRow>][] => {
          const stream = streams[index];
          return stream === undefined ? [] : [[id, windowsOf(stream, this.#options.grid, id)]];
        });
        this.#sets.set(`${corpus} ${condition}`, new Map(rows));
      }
    }
  }

  async clips(clips: readonly Clip[], condition: ConditionName): Promise<(StreamRows<HopRow> | undefined)[]> {
    await this.prepare([condition]);
    return clips.map(({ id, corpus }) => this.#sets.get(`${corpus} ${condition}`)?.get(id));
  }

  async streams(
    streams: readonly JoinedStream[],
    condition: ConditionName,
  ): Promise<(StreamRows<HopRow> | undefined)[]> {
    const grid = { ...this.#options.grid, stepMs: this.#streamStepMs };
    const [set] = await cachedHops(streams, [condition], this.#options);
    return set!.streams.map((stream, index) => stream && windowsOf(stream, grid, streams[index]!.id));
  }
}

/** The windows of a stream: at the multiples of the step, and one that ends with the last sample if none did. */
export function windowsOf(
  { hops, durationMs, spansMs }: StreamHops,
  grid: WindowGrid,
  recording = '',
): StreamRows<HopRow> {
  const count = hops.length / ROW_LENGTH;
  const speechBefore = new Int32Array(count + 1);
  for (let hop = 0; hop < count; hop++) {
    speechBefore[hop + 1] = speechBefore[hop]! + Number(hops[hop * ROW_LENGTH + SPEECH]! >= SPEECH_THRESHOLD);
  }
  const endMs: number[] = [];
  for (let end = grid.stepMs; end < durationMs; end += grid.stepMs) endMs.push(end);
  if (count > 0) endMs.push(durationMs);
  const ends = endMs.map((end) => Math.min(count, Math.ceil(end / HOP_MS)));
  const windowHops = grid.windowMs / HOP_MS;
  return {
    rows: ends.map((endHop) => ({ recording, hops, endHop, grid })),
    endMs,
    speechRatio: ends.map((end) => {
      const begin = Math.max(0, end - windowHops);
      return (speechBefore[end]! - speechBefore[begin]!) / (end - begin);
    }),
    spansMs,
  };
}
