import { parentPort } from 'node:worker_threads';
import { type ExtractionTask, extract } from './extract.ts';

/** One core of an extraction: a task in, its place out when it is done. */
parentPort?.on('message', (task: ExtractionTask) => {
  extract(task).then(
    () => parentPort?.postMessage({ out: task.out }),
    (error: unknown) => parentPort?.postMessage({ out: task.out, error: String(error) }),
  );
});
