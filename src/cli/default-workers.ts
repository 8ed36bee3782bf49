import { availableParallelism } from 'node:os';

/**
 * Threads that analyse where nothing else is said: one per core but one, which has the sockets. Two where there are two cores:
 * the sockets of 250 legs take a fifth of one, and a worker that waits for it costs nothing. None on a single core.
 */
export function defaultWorkers(cores: number = availableParallelism()): number {
  return cores === 1 ? 0 : Math.max(2, cores - 1);
}
