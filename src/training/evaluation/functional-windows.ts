import { basename } from 'node:path';
import { featureSet } from '../../features/index.ts';
import type { Clip } from '../clips.ts';
import type { ConditionName } from '../conditions.ts';
import { type CacheOptions, cachedWindows, clipSets, type StreamWindows, type WindowSet } from '../feature-cache.ts';
import { groupBy } from '../group-by.ts';
import type { JoinedStream } from '../joined-streams.ts';
import type { WindowRow } from '../window-rows.ts';
import type { StreamRows, WindowSource } from './window-source.ts';

/** The 518 functionals of each window, from the cache of features. */
export class FunctionalWindows implements WindowSource<WindowRow> {
  readonly key: unknown;
  readonly #options: CacheOptions;
  readonly #streamStepMs: number;
  readonly #byCorpus: ReadonlyMap<string, readonly Clip[]>;
  readonly #sets = new Map<
    string,
    { readonly set: WindowSet; readonly rows: ReadonlyMap<string, StreamRows<WindowRow>> }
  >();

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
      features: featureSet.hash,
      grid: options.grid,
      seed: options.seed,
      noises: [named(training), named(test), named(rooms?.test)],
    };
  }

  async prepare(conditions: readonly ConditionName[]): Promise<void> {
    for (const [corpus, clips] of this.#byCorpus) {
      const missing = conditions.filter((condition) => !this.#sets.has(`${corpus} ${condition}`));
      if (missing.length === 0) continue;
      for (const set of await clipSets(clips, missing, this.#options)) {
        const streams = streamRows(set, set);
        const rows = new Map(clips.flatMap(({ id }, index) => (streams[index] ? [[id, streams[index]]] : [])));
        this.#sets.set(`${corpus} ${set.condition}`, { set, rows });
      }
    }
  }

  async clips(
    clips: readonly Clip[],
    condition: ConditionName,
  ): Promise<readonly (StreamRows<WindowRow> | undefined)[]> {
    await this.prepare([condition]);
    return clips.map(({ id, corpus }) => this.#sets.get(`${corpus} ${condition}`)?.rows.get(id));
  }

  async streams(
    streams: readonly JoinedStream[],
    condition: ConditionName,
  ): Promise<readonly (StreamRows<WindowRow> | undefined)[]> {
    const grid = { ...this.#options.grid, stepMs: this.#streamStepMs };
    const [windows] = await cachedWindows(streams, [condition], { ...this.#options, grid });
    return streamRows(windows!, { ...windows!, clips: [] });
  }
}

function streamRows(windows: StreamWindows, set: WindowSet): (StreamRows<WindowRow> | undefined)[] {
  const byStream = groupBy(windows.endMs.keys(), (index) => windows.streamOf[index]!);
  return windows.spansMs.map((spansMs, stream) => {
    const indices = byStream.get(stream);
    return indices === undefined
      ? undefined
      : {
          rows: indices.map((index) => ({ set, index })),
          endMs: indices.map((index) => windows.endMs[index]!),
          speechRatio: indices.map((index) => windows.speechRatio[index]!),
          spansMs,
        };
  });
}
