import { parentPort } from 'node:worker_threads';
import { type ExtractionTask, extract } from './extract.ts';

/** One core of an extraction: a task in, a word out when it is done. */
parentPort?.on('message', (task: ExtractionTask) => {
  extract(task).then(
    () => parentPort?.postMessage({}),
    (error: unknown) => parentPort?.postMessage({ error: String(error) }),
  );
});
