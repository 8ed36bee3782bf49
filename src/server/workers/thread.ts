import { Worker } from 'node:worker_threads';
import { UndertoneError } from '../../errors.ts';
import {
  CONTROL,
  CONTROL_BYTES,
  errorOf,
  type ReadyMessage,
  type WorkerMessage,
  type WorkerSetup,
} from './messages.ts';

export interface ThreadEvents {
  readonly onBatch: (batch: Uint8Array) => void;
  /** The thread is gone though nobody told it to; called once. */
  readonly onDeath: (error: unknown) => void;
}

/** Hops make no objects, so a small nursery is enough; the default would grow to 48 MB. */
const YOUNG_MB = 8;

/** One worker thread, from its start to its end. */
export class Thread {
  /** Resolves when its model is loaded; rejects where it cannot be. */
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #control: Int32Array;
  #rung = false;
  #exiting = false;

  constructor(setup: Omit<WorkerSetup, 'control'>, { onBatch, onDeath }: ThreadEvents) {
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    this.#control = new Int32Array(control);
    const workerData: WorkerSetup = { ...setup, control };
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MB };
    this.#worker = new Worker(entry(), { workerData, resourceLimits });
    let cause: unknown = new Error('A worker thread has ended.');
    this.ready = new Promise((resolve, reject) => {
      this.#worker.on('message', (message: ReadyMessage | Uint8Array) => {
        if (message instanceof Uint8Array) onBatch(message);
        else if (message.ready) resolve();
        else cause = errorOf(message.error);
      });
      this.#worker.on('error', (error) => {
        cause = error;
      });
      this.#worker.on('exit', () => {
        reject(cause);
        if (!this.#exiting) onDeath(cause);
      });
    });
    // Whoever started it need not wait for it.
    this.ready.catch(() => {});
  }

  /** How long audio has waited in a ring at most since the last look, ms. */
  takeLagMs(): number {
    return Atomics.exchange(this.#control, CONTROL.lagUs, 0) / 1000;
  }

  send(message: WorkerMessage): void {
    this.#worker.postMessage(message);
    this.ring();
  }

  /** Wakes the thread once what runs now is done: there is something in a ring. */
  ring(): void {
    if (this.#rung) return;
    this.#rung = true;
    queueMicrotask(() => {
      this.#rung = false;
      Atomics.add(this.#control, CONTROL.bell, 1);
      // A system call, where the thread waits; it saves one where it works.
      if (Atomics.load(this.#control, CONTROL.waiting) === 1) Atomics.notify(this.#control, CONTROL.bell);
    });
  }

  /** Ends the thread; resolves when it is gone. */
  async end(): Promise<void> {
    this.#exiting = true;
    const gone = new Promise((resolve) => this.#worker.once('exit', resolve));
    Atomics.store(this.#control, CONTROL.exit, 1);
    this.ring();
    // One that is still loading its model, or hangs, does not look.
    const timer = setTimeout(() => void this.#worker.terminate(), 1_000);
    await gone;
    clearTimeout(timer);
  }

  /** Ends it at once, as a fault would; it counts as dead. */
  async kill(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** The compiled file beside this one: Node runs no TypeScript. */
function entry(): URL {
  if (import.meta.url.endsWith('.ts')) {
    throw new UndertoneError('usage', { detail: 'Worker threads run from the built package only; use 0 workers.' });
  }
  return new URL('./worker.js', import.meta.url);
}
