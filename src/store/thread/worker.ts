import { parentPort, workerData } from 'node:worker_threads';
import { openHere } from '../open.ts';
import type { Store } from '../store.ts';
import { type Reply, type Request, reportOf, type ThreadSetup, unpackItems } from './messages.ts';

// The entry of the store's thread.

const port = parentPort;
const reply = (message: Reply): void => port?.postMessage(message);

async function main(): Promise<void> {
  const { url } = workerData as ThreadSetup;
  let store: Store;
  try {
    store = await openHere(url);
  } catch (error) {
    reply({ id: 0, error: reportOf(error) });
    return;
  }
  port?.on('message', (request: Request) => void answer(store, request));
  reply({ id: 0, result: store.kind });
}

async function answer(store: Store, request: Request): Promise<void> {
  const { id } = request;
  try {
    if (request.method === 'write') await store.write(unpackItems(request.batch));
    reply({ id, result: request.method === 'write' ? undefined : await ask(store, request) });
  } catch (error) {
    reply({ id, error: reportOf(error) });
  }
  // Nothing holds the thread then.
  if (request.method === 'close') port?.close();
}

/** The types of the arguments are those of the method: `StoreThread` sends no others. */
function ask(store: Store, { method, args }: Extract<Request, { args: unknown }>): Promise<unknown> {
  const asked = store[method] as (...args: readonly unknown[]) => Promise<unknown>;
  return asked.apply(store, [...args]);
}

await main();
