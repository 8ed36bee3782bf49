import { Worker } from 'node:worker_threads';
import { type ErrorReport, errorOf } from '../../workers/messages.ts';
import { type ReportJob, workOf } from './job.ts';

export type WorkAnswer =
  | { readonly id: number; readonly text: string }
  | { readonly id: number; readonly error: ErrorReport };

/** Characters of events that take this thread a few milliseconds; what is longer is made elsewhere. */
const INLINE_CHARACTERS = 400_000;
/** A thread that nobody needs for so long is ended, ms. */
const IDLE_MS = 30_000;

interface Waiting {
  readonly resolve: (text: string) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

/** Makes the reports and files of calls: short ones at once, long ones in a thread of their own, so that no live stream waits. */
export class Reporter {
  #thread: Thread | undefined;
  #nextId = 1;
  #idle: NodeJS.Timeout | undefined;

  async make(job: ReportJob): Promise<string> {
    const characters = job.timelines.reduce(
      (sum, { events }) => sum + events.reduce((all, { length }) => all + length, 0),
      0,
    );
    // Node runs no TypeScript: from the sources it is made here.
    if (characters <= INLINE_CHARACTERS || import.meta.url.endsWith('.ts')) return workOf(job);
    return this.#elsewhere(job);
  }

  /** What is being made is given up. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#thread?.worker.terminate();
  }

  #elsewhere(job: ReportJob): Promise<string> {
    const id = this.#nextId;
    this.#nextId += 1;
    clearTimeout(this.#idle);
    this.#thread ??= this.#start();
    const { worker, waiting } = this.#thread;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, job });
    });
  }

  #start(): Thread {
    const thread: Thread = { worker: new Worker(new URL('./worker.js', import.meta.url)), waiting: new Map() };
    const { worker, waiting } = thread;
    // A report is no reason for a process to stay.
    worker.unref();
    let cause: unknown = new Error('The thread that makes reports has ended.');
    worker.on('message', (answer: WorkAnswer) => this.#answered(thread, answer));
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => {
      if (this.#thread === thread) this.#thread = undefined;
      for (const { reject } of waiting.values()) reject(cause);
      waiting.clear();
    });
    return thread;
  }

  #answered(thread: Thread, answer: WorkAnswer): void {
    const waiting = thread.waiting.get(answer.id);
    thread.waiting.delete(answer.id);
    if ('text' in answer) waiting?.resolve(answer.text);
    else waiting?.reject(errorOf(answer.error));
    if (thread.waiting.size > 0) return;
    this.#idle = setTimeout(() => {
      this.#thread = undefined;
      void thread.worker.terminate();
    }, IDLE_MS).unref();
  }
}
