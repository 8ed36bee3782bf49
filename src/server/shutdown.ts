import type { Server } from 'node:http';
import type { Clock } from './clock.ts';
import type { Connections } from './connections.ts';
import type { Registry } from './registry.ts';

export interface Draining {
  readonly http: Server;
  /** What else takes connections in: stops at once, resolves when its last connection has gone. */
  readonly others: readonly (() => Promise<void>)[];
  readonly registry: Registry;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly drainMs: number;
}

/**
 * Ends a server in order: nothing new comes in, everyone is told, every stream is flushed to its `ended`, connections are
 * closed with 1001, and what does not close in time is cut.
 */
export async function shutdown({ http, others, registry, connections, clock, drainMs }: Draining): Promise<void> {
  const stopped = Promise.all([
    new Promise<void>((resolve) => http.close(() => resolve())),
    ...others.map((close) => close()),
  ]);
  http.closeIdleConnections();

  let callOff: (() => void) | undefined;
  const deadline = new Promise<void>((resolve) => {
    callOff = clock.after(drainMs, resolve);
  });

  connections.each((connected) => connected.drain());
  await Promise.race([registry.drain('shutdown'), deadline]);
  connections.each((connected) => connected.drained());
  await Promise.race([stopped, deadline]);
  connections.each((connected) => connected.terminate());
  http.closeAllConnections();
  await stopped;
  callOff?.();
  registry.clear();
}
