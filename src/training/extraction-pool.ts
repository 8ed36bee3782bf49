import { Worker } from 'node:worker_threads';
import { type ExtractionTask, extract } from './extract.ts';

export interface PoolOptions {
  /** Threads; 0 computes in this one. */
  readonly workers: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Does the tasks, as many at a time as there are threads; each writes its file when it is done. */
export async function runTasks(tasks: readonly ExtractionTask[], options: PoolOptions): Promise<void> {
  let done = 0;
  const advance = (): void => {
    done += 1;
    options.onProgress?.(done, tasks.length);
  };
  // From the TypeScript sources there is no worker file that Node could run; everything is then done here.
  const sources = import.meta.url.endsWith('.ts');
  if (options.workers === 0 || sources || tasks.length < 2) {
    for (const task of tasks) {
      await extract(task);
      advance();
    }
    return;
  }
  const waiting = [...tasks];
  await Promise.all(Array.from({ length: Math.min(options.workers, tasks.length) }, () => work(waiting, advance)));
}

/** One thread that takes tasks until none is left. */
function work(waiting: ExtractionTask[], advance: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./extraction-worker.js', import.meta.url));
    const end = (error?: Error): void => {
      worker.terminate().then(() => (error === undefined ? resolve() : reject(error)), reject);
    };
    const next = (): void => {
      const task = waiting.shift();
      if (task === undefined) end();
      else worker.postMessage(task);
    };
    worker.on('message', ({ error }: { readonly error?: string }) => {
      if (error !== undefined) {
        end(new Error(error));
        return;
      }
      advance();
      next();
    });
    worker.on('error', reject);
    next();
  });
}
