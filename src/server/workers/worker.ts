import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { loadModel, type WindowModel } from '../../inference/index.ts';
import { sharedNow } from '../clock.ts';
import { AnalysisStats, timed } from '../stats.ts';
import { Engine } from './engine.ts';
import { CONTROL, type ReadyMessage, reportOf, type WorkerMessage, type WorkerSetup } from './messages.ts';
import { warmUp } from './warm-up.ts';

// The entry of a worker thread.

async function main(): Promise<void> {
  const { modelFolder } = workerData as WorkerSetup;
  let model: WindowModel;
  try {
    model = await loadModel(modelFolder);
    warmUp(model);
  } catch (error) {
    parentPort?.postMessage({ ready: false, error: reportOf(error) } satisfies ReadyMessage);
    return;
  }
  parentPort?.postMessage({ ready: true } satisfies ReadyMessage);
  run(model, workerData as WorkerSetup);
  model.dispose();
}

/** Serves the rings until told to exit. It never goes back to the event loop: it has no timers and no sockets. */
function run(model: WindowModel, { control: shared, stats: counted, maxBatch, sliceMs, tickMs }: WorkerSetup): void {
  const stats = new AnalysisStats(counted);
  const control = new Int32Array(shared);
  const receive = (): void => {
    for (let next = received(); next !== undefined; next = received()) engine.take(next);
  };
  const engine: Engine = new Engine({
    model: timed(model, stats, sharedNow),
    stats,
    maxBatch,
    sliceMs,
    tickMs,
    clock: sharedNow,
    onLag: (ms) => {
      stats.ring.observe(ms);
      const us = Math.round(ms * 1000);
      if (us > Atomics.load(control, CONTROL.lagUs)) Atomics.store(control, CONTROL.lagUs, us);
    },
    receive,
    post: (batch) => parentPort?.postMessage(batch, [batch.buffer]),
  });
  while (Atomics.load(control, CONTROL.exit) === 0) {
    const bell = Atomics.load(control, CONTROL.bell);
    const beganMs = sharedNow();
    receive();
    if (engine.tick()) continue;
    // Windows of many streams that become due in this time go through the model together.
    const restMs = beganMs + tickMs - sharedNow();
    if (restMs > 0) Atomics.wait(control, CONTROL.pause, 0, restMs);
    Atomics.store(control, CONTROL.waiting, 1);
    Atomics.wait(control, CONTROL.bell, bell);
    Atomics.store(control, CONTROL.waiting, 0);
  }
}

function received(): WorkerMessage | undefined {
  return parentPort === null ? undefined : receiveMessageOnPort(parentPort)?.message;
}

await main();
