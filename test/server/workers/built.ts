import type { Worker } from 'node:worker_threads';
import type { RunningServer, ServerOptions } from '../../../src/server/index.ts';
import { modelFolder } from '../../inference/model-folder.ts';

// Worker threads run JavaScript: these tests use the built package, which `npm test` builds first.
const dist = (path: string): string => new URL(`../../../dist/${path}`, import.meta.url).href;

type ServerRoom = typeof import('../../../src/server/index.ts');
type InferenceRoom = typeof import('../../../src/inference/index.ts');

/** A real network in the WASM runtime, with random weights. */
export const folder = modelFolder();

/** Every worker thread that was started since, those that have ended too. */
export const threads: Worker[] = [];
process.on('worker', (worker: Worker) => threads.push(worker));

/** A server of the built package with so many workers. */
export async function startBuilt(
  workers: number,
  options: Partial<ServerOptions> = {},
  modelFolder: string = folder,
): Promise<RunningServer> {
  const { startServer } = (await import(dist('server/index.js'))) as ServerRoom;
  const { loadModel } = (await import(dist('inference/index.js'))) as InferenceRoom;
  const model = await loadModel(modelFolder, { runtime: 'tfjs-wasm' });
  // A busy machine that runs tests is overloaded, and would say so in the timelines.
  const limits = { lagBudgetMs: 600_000, ...options.limits };
  return startServer({ model, port: 0, workers: { count: workers, modelFolder }, ...options, limits });
}
