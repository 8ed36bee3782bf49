import { parentPort, workerData } from 'node:worker_threads';
import { ShardTask } from './shard.ts';
import { CONTROL, NO_STEP, type ShardWorkerSetup } from './shard-pool.ts';

// The entry of a thread of the training: waits for a step, computes its shards, says so.

const { setup, control, shards } = workerData as ShardWorkerSetup;
try {
  const task = new ShardTask(setup);
  parentPort?.postMessage('ready');
  for (let last = NO_STEP; ; ) {
    Atomics.wait(control, CONTROL.step, last);
    if (Atomics.load(control, CONTROL.exit) !== 0) break;
    last = Atomics.load(control, CONTROL.step);
    for (const shard of shards) task.run(last, shard);
    Atomics.add(control, CONTROL.done, 1);
    Atomics.notify(control, CONTROL.done);
  }
} catch (error) {
  Atomics.store(control, CONTROL.failed, 1);
  Atomics.notify(control, CONTROL.done);
  throw error;
}
