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
  /** Resolves when everyone who speaks Socket.IO has hung up. */
  readonly farewell: () => Promise<void>;
  /** Cuts connections that are of nobody in particular. */
  readonly cut: () => Promise<void>;
}

/**
 * Ends a server in order: nothing new comes in, everyone is told, every stream is flushed to its `ended`, connections are
 * closed with 1001, and what does not close in time is cut.
 */
export async function shutdown(parts: Draining): Promise<void> {
  const { http, others, registry, connections, clock, drainMs, farewell, cut } = parts;
  const stopHttp = (): Promise<void> => {
    const gone = new Promise<void>((resolve) => http.close(() => resolve()));
    http.closeIdleConnections();
    return gone;
  };
  // Who polls is between two connections most of the time, and comes over a new one for the last words.
  const someonePolls = connections.count('socket') > 0;
  const stopped = [...others.map((close) => close()), ...(someonePolls ? [] : [stopHttp()])];

  let callOff: (() => void) | undefined;
  const deadline = new Promise<void>((resolve) => {
    callOff = clock.after(drainMs, resolve);
  });

  connections.each((connected) => connected.drain());
  await Promise.race([registry.drain('shutdown'), deadline]);
  connections.each((connected) => connected.drained());
  if (someonePolls) {
    await Promise.race([farewell(), deadline]);
    stopped.push(stopHttp());
  }
  await Promise.race([Promise.all(stopped), deadline]);
  connections.each((connected) => connected.terminate());
  await cut();
  http.closeAllConnections();
  await Promise.all(stopped);
  callOff?.();
  registry.clear();
}
