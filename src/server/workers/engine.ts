import type { WindowModel } from '../../inference/index.ts';
import { createAnalyzer, type LocalAnalyzer } from '../../streams/index.ts';
import { Scheduler } from '../scheduler.ts';
import { AnalysisStats } from '../stats.ts';
import { BatchWriter } from './batch.ts';
import type { OpenMessage, WorkerMessage } from './messages.ts';
import { Ring } from './ring.ts';
import { RingTask } from './ring-task.ts';
import { ReceivedRules } from './rule-sets.ts';

export interface EngineOptions {
  readonly model: WindowModel;
  readonly maxBatch: number;
  readonly sliceMs: number;
  /** So long those that are ahead of real time are served before there is another look at the rings of all. */
  readonly tickMs: number;
  readonly clock: () => number;
  readonly onLag: (ms: number) => void;
  /** Counts what is said; default: nobody's. */
  readonly stats?: AnalysisStats;
  /** Takes in the messages that have come. */
  readonly receive: () => void;
  /** Takes what there is to say after a tick. */
  readonly post: (batch: Uint8Array<ArrayBuffer>) => void;
}

/** A look at the rings serves the streams that keep to real time until none of them waits, but no longer than that. */
const TICK_LIMIT_MS = 50;

/** What a worker does, without the thread: streams out of their rings, windows through the model together, events into batches. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #analyzer: LocalAnalyzer;
  readonly #tasks = new Map<number, RingTask>();
  readonly #batch = new BatchWriter();
  readonly #stats: AnalysisStats;
  readonly #scheduler: Scheduler;
  readonly #rules = new ReceivedRules();
  #round: (() => void) | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { model, maxBatch, clock, sliceMs, stats = new AnalysisStats() } = options;
    this.#stats = stats;
    this.#analyzer = createAnalyzer({ model, maxBatch, clock, schedule: () => {} });
    this.#scheduler = new Scheduler({
      sliceMs,
      defer: (round) => {
        this.#round = round;
      },
    });
  }

  take(message: WorkerMessage): void {
    if (message.kind === 'rules') this.#rules.add(message);
    else this.#open(message);
  }

  #open({ stream: number, options, ring, interrupted }: OpenMessage): void {
    const { clock, onLag, receive } = this.#options;
    const task = new RingTask({
      number,
      stream: this.#analyzer.open(options),
      ring: new Ring(ring),
      batch: this.#batch,
      clock,
      onLag,
      onLatency: (ms) => this.#stats.latency.observe(ms),
      rulesOf: (rules) => this.#rules.get(rules, receive),
    });
    this.#tasks.set(number, task);
    if (interrupted !== undefined) task.resume(interrupted);
  }

  /** Serves what waits, classifies the windows that became due, posts what there is to say. Returns whether more waits. */
  tick(): boolean {
    const { clock, tickMs } = this.#options;
    const beganMs = clock();
    for (const task of this.#tasks.values()) if (task.ready) this.#scheduler.wake(task);
    while (this.#round !== undefined && clock() - beganMs < (this.#scheduler.urgent ? TICK_LIMIT_MS : tickMs)) {
      const round = this.#round;
      this.#round = undefined;
      round();
    }
    this.#analyzer.flush();
    for (const [number, task] of this.#tasks) {
      task.conclude();
      if (task.ended) this.#tasks.delete(number);
    }
    if (!this.#batch.empty) this.#options.post(this.#batch.take());
    return this.#round !== undefined;
  }
}
