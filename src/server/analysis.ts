import type { WindowModel } from '../inference/index.ts';
import { type Analyzer, createAnalyzer } from '../streams/index.ts';
import { batched, watched } from './batching.ts';
import type { Clock } from './clock.ts';
import { encoded } from './encoded-analyzer.ts';
import type { EncodedEvent } from './encoded-event.ts';
import type { ServerLimits } from './limits.ts';
import type { ServerOptions } from './options.ts';
import { AnalysisStats, timed } from './stats.ts';
import { WorkerPool } from './workers/index.ts';

/** Where the streams of a server are analysed: in this thread, or in workers. */
export interface Analysis {
  readonly analyzer: Analyzer<EncodedEvent>;
  /** Slices of audio between two looks at the sockets, where that is not the scheduler's own choice. */
  readonly slicesPerRound?: number;
  /** How long audio has waited in another thread at most since the last look, ms. */
  takeLagMs(): number;
  /** What it takes, of each thread. */
  readonly stats: readonly AnalysisStats[];
  /** Workers that have died. */
  readonly deaths: number;
  /** Whether no stream can be opened, because workers die again and again. */
  readonly unavailable: boolean;
  close(): Promise<void>;
}

export interface AnalysisEvents {
  /** The model has failed; of this thread only, a worker tells its streams. */
  readonly onModelFailure: (error: unknown) => void;
  readonly onWorkerDeath: (error: unknown) => void;
}

/** What the main thread does with audio where workers analyse it is a copy: this much of it takes about a millisecond. */
const SLICES_TO_WORKERS = 100;

/** @throws UndertoneError as `loadModel`, where the workers cannot load the model */
export async function openAnalysis(
  { model, workers, createAnalyzer: create = createAnalyzer }: ServerOptions,
  limits: ServerLimits,
  clock: Clock,
  { onModelFailure, onWorkerDeath }: AnalysisEvents,
): Promise<Analysis> {
  const { maxBatch, batchWaitMs, sliceMs } = limits;
  if (workers === undefined || workers.count === 0) return inline(model, create, limits, clock, onModelFailure);
  const pool = await WorkerPool.start({
    model,
    modelFolder: workers.modelFolder,
    workers: workers.count,
    maxBatch,
    maxWaitMs: batchWaitMs,
    sliceMs,
    clock: () => clock.now(),
    onDeath: onWorkerDeath,
  });
  return {
    analyzer: pool,
    slicesPerRound: SLICES_TO_WORKERS,
    takeLagMs: () => pool.takeLagMs(),
    stats: pool.stats,
    get deaths() {
      return pool.deaths;
    },
    get unavailable() {
      return pool.unavailable;
    },
    close: () => pool.close(),
  };
}

function inline(
  model: WindowModel,
  create: typeof createAnalyzer | NonNullable<ServerOptions['createAnalyzer']>,
  { maxBatch, batchWaitMs }: ServerLimits,
  clock: Clock,
  onModelFailure: (error: unknown) => void,
): Analysis {
  const stats = new AnalysisStats();
  const analyzer = create({
    model: timed(watched(model, onModelFailure), stats, () => clock.now()),
    schedule: batched(clock, batchWaitMs, onModelFailure),
    clock: () => clock.now(),
    maxBatch,
  });
  return {
    analyzer: encoded(analyzer, stats),
    takeLagMs: () => 0,
    stats: [stats],
    deaths: 0,
    unavailable: false,
    close: async () => {},
  };
}
