import { UndertoneError } from '../../errors.ts';
import type { WindowModel } from '../../inference/index.ts';
import type { Analyzer, StreamOptions } from '../../streams/index.ts';
import type { EncodedEvent } from '../encoded-event.ts';
import { AnalysisStats } from '../stats.ts';
import { readBatch } from './batch.ts';
import { RemoteStream } from './remote-stream.ts';
import { SentRules } from './rule-sets.ts';
import { Thread } from './thread.ts';

export interface PoolOptions {
  /** The same model as the workers load; only its description is used. */
  readonly model: WindowModel;
  readonly modelFolder: string;
  /** Threads, 1 or more. */
  readonly workers: number;
  /** Windows of one model call at most. */
  readonly maxBatch: number;
  /** Windows that become due within this time go through the model together, ms. */
  readonly maxWaitMs: number;
  readonly sliceMs: number;
  readonly clock: () => number;
  /** A worker has died, and will be replaced. */
  readonly onDeath?: (error: unknown) => void;
}

/** So many deaths in so long, and no new stream is taken. */
const DEATHS = 3;
const DEATH_WINDOW_MS = 60_000;
/** Before another worker is started; doubled by every death of the last minute. */
const FIRST_DELAY_MS = 20;

interface Slot {
  /** Goes from a worker that died to the next. */
  readonly stats: SharedArrayBuffer;
  thread: Thread;
  readonly streams: Map<number, RemoteStream>;
  readonly rules: SentRules;
}

/**
 * An analyzer whose streams are analysed by worker threads, each with a model of its own. A new stream goes to the worker that
 * has the fewest, and stays there. A worker that dies is replaced; its streams go on in the new one, after a `gap`, with what
 * had not been taken out of their rings.
 *
 * @example
 * const pool = await WorkerPool.start({ model, modelFolder, workers: 3, maxBatch: 64, maxWaitMs: 5, sliceMs: 200, clock });
 * const stream = pool.open(options);
 * await pool.close();
 */
export class WorkerPool implements Analyzer<EncodedEvent> {
  readonly #options: PoolOptions;
  readonly #slots: readonly Slot[];
  /** When workers died lately. */
  #deathsMs: number[] = [];
  #deaths = 0;
  #nextNumber = 1;
  #closed = false;
  readonly #respawns = new Set<NodeJS.Timeout>();

  /** Resolves when every worker has loaded its model. @throws UndertoneError as `loadModel` */
  static async start(options: PoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    try {
      await Promise.all(pool.#slots.map(({ thread }) => thread.ready));
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  private constructor(options: PoolOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: options.workers }, () => {
      const streams = new Map<number, RemoteStream>();
      const rules = new SentRules();
      const stats = new SharedArrayBuffer(AnalysisStats.BYTES);
      const slot: Slot = { stats, streams, rules, thread: this.#spawn(stats, () => slot) };
      return slot;
    });
  }

  /** What the analysis takes, of each worker. */
  get stats(): readonly AnalysisStats[] {
    return this.#slots.map(({ stats }) => new AnalysisStats(stats));
  }

  /** Workers that have died. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Whether no stream can be opened, because workers die again and again. */
  get unavailable(): boolean {
    return this.#recentDeaths() >= DEATHS;
  }

  get model(): WindowModel {
    return this.#options.model;
  }

  /** Streams of each worker. */
  get load(): readonly number[] {
    return this.#slots.map(({ streams }) => streams.size);
  }

  /** How long audio of streams that keep to real time has waited in a ring at most since the last look, ms. */
  takeLagMs(): number {
    return Math.max(...this.#slots.map(({ thread }) => thread.takeLagMs()));
  }

  /** @throws UndertoneError `analysis-unavailable` where workers die again and again */
  open(options: StreamOptions): RemoteStream {
    if (this.unavailable) throw new UndertoneError('analysis-unavailable');
    const slot = this.#slots.reduce((least, each) => (each.streams.size < least.streams.size ? each : least));
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    const { sliceMs, clock } = this.#options;
    const stream = new RemoteStream({
      number,
      stream: options,
      sliceMs,
      clock,
      onWritten: () => slot.thread.ring(),
      onRules: (rules) => slot.rules.numberOf(rules, (message) => slot.thread.send(message)),
      onCompleted: () => slot.streams.delete(number),
    });
    slot.streams.set(number, stream);
    slot.thread.send(stream.opening(false));
    return stream;
  }

  /** The workers classify what is due by themselves. */
  flush(): void {}

  /** Ends the workers; what they have not said is not said. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#respawns) clearTimeout(timer);
    await Promise.all(this.#slots.map(({ thread }) => thread.end()));
  }

  /** Ends a worker as a fault would; for tests. */
  async kill(worker: number): Promise<void> {
    await this.#slots[worker]?.thread.kill();
  }

  #spawn(stats: SharedArrayBuffer, slotOf: () => Slot): Thread {
    const { modelFolder, maxBatch, maxWaitMs, sliceMs } = this.#options;
    return new Thread(
      { modelFolder, maxBatch, tickMs: maxWaitMs, sliceMs, stats },
      {
        onBatch: (batch) => readBatch(batch, (number) => slotOf().streams.get(number)),
        onDeath: (error) => this.#replace(slotOf(), error),
      },
    );
  }

  #replace(slot: Slot, error: unknown): void {
    if (this.#closed) return;
    this.#deaths += 1;
    this.#deathsMs.push(this.#options.clock());
    this.#options.onDeath?.(error);
    // Their audio waits in the rings, and when those are full in the inboxes.
    const timer = setTimeout(
      () => {
        this.#respawns.delete(timer);
        slot.thread = this.#spawn(slot.stats, () => slot);
        for (const message of slot.rules.sent) slot.thread.send(message);
        for (const stream of slot.streams.values()) slot.thread.send(stream.opening(true));
      },
      FIRST_DELAY_MS * 2 ** (this.#recentDeaths() - 1),
    );
    this.#respawns.add(timer);
  }

  #recentDeaths(): number {
    const since = this.#options.clock() - DEATH_WINDOW_MS;
    this.#deathsMs = this.#deathsMs.filter((atMs) => atMs > since);
    return this.#deathsMs.length;
  }
}
