import { Worker } from 'node:worker_threads';
import { SHARDS, type ShardSetup, ShardTask } from './shard.ts';

/** Words of the memory by which threads are told what to do; Int32. */
export const CONTROL = { step: 0, done: 1, exit: 2, failed: 3 } as const;
export const NO_STEP = -1;

/** What a thread is started with. */
export interface ShardWorkerSetup {
  readonly setup: ShardSetup;
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly shards: readonly number[];
}

/** Looks at whether a thread has failed so often while it waits for it, ms. */
const PATIENCE_MS = 2000;

/** Computes all shards of a step, in this thread and in as many others as there are shards for. */
export class ShardPool {
  readonly #task: ShardTask;
  readonly #own: readonly number[];
  readonly #control = new Int32Array(new SharedArrayBuffer(16));
  readonly #workers: readonly Worker[];
  /** Resolves when every thread waits for a step; rejects where one cannot begin. */
  readonly ready: Promise<void>;

  /** @param threads 1 computes everything in this one */
  constructor(setup: ShardSetup, threads: number) {
    this.#task = new ShardTask(setup);
    // From the TypeScript sources there is no worker file that Node could run; everything is then done here.
    const count = import.meta.url.endsWith('.ts') ? 1 : Math.max(1, Math.min(threads, SHARDS));
    const shardsOf = (thread: number): number[] =>
      Array.from({ length: SHARDS }, (_, shard) => shard).filter((shard) => shard % count === thread);
    this.#own = shardsOf(0);
    this.#control[CONTROL.step] = NO_STEP;
    this.#workers = Array.from({ length: count - 1 }, (_, index) => {
      const workerData: ShardWorkerSetup = { setup, control: this.#control, shards: shardsOf(index + 1) };
      return new Worker(new URL('./shard-worker.js', import.meta.url), { workerData });
    });
    this.ready = Promise.all(this.#workers.map(begun)).then(() => {});
  }

  /** The shared results are then those of the step. Blocks this thread. */
  run(step: number): void {
    const control = this.#control;
    Atomics.store(control, CONTROL.done, 0);
    Atomics.store(control, CONTROL.step, step);
    Atomics.notify(control, CONTROL.step);
    for (const shard of this.#own) this.#task.run(step, shard);
    for (let done = 0; done < this.#workers.length; done = Atomics.load(control, CONTROL.done)) {
      Atomics.wait(control, CONTROL.done, done, PATIENCE_MS);
      if (Atomics.load(control, CONTROL.failed) !== 0) throw new Error('a thread of the training has failed');
    }
  }

  async close(): Promise<void> {
    Atomics.store(this.#control, CONTROL.exit, 1);
    Atomics.store(this.#control, CONTROL.step, NO_STEP - 1);
    Atomics.notify(this.#control, CONTROL.step);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** While a thread computes, this one does not look at its events: what it says of itself later is in the shared memory. */
function begun(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.on('error', reject);
  });
}
