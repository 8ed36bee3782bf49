import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { asUndertoneError } from '../../errors.ts';
import { loadModel } from '../../inference/index.ts';
import { analyseRecording } from './analyse-recording.ts';
import type { AnalysisOrder, AnalysisReport, AnalysisSetup } from './analysis-messages.ts';

// The entry of the thread that analyses recordings again.

const report = (message: AnalysisReport): void => parentPort?.postMessage(message);

async function main(): Promise<void> {
  if (parentPort === null) return;
  const { modelFolder } = workerData as AnalysisSetup;
  const ordered = once(parentPort, 'message') as Promise<[AnalysisOrder]>;
  const model = await loadModel(modelFolder);
  const { name, version, labels } = model.manifest;
  report({ kind: 'ready', model: { name, version, hash: model.hash, labels } });
  const [jobs] = await ordered;
  for (const job of jobs) report({ kind: 'result', result: await analyseRecording(job, model) });
  model.dispose();
}

try {
  await main();
} catch (thrown) {
  const { code, message, cause } = asUndertoneError(thrown);
  report({ kind: 'failed', code, message, cause: cause instanceof Error ? (cause.stack ?? '') : '' });
}
