import type { Server } from 'node:http';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import { encodeBytes } from './encoded-event.ts';
import { ProducerConnection } from './producer-connection.ts';
import type { Registry } from './registry.ts';
import type { SubscriberConnection } from './subscriber-connection.ts';

export interface Draining {
  readonly http: Server;
  readonly registry: Registry;
  readonly connections: ReadonlyMap<Connection, ProducerConnection | SubscriberConnection>;
  readonly clock: Clock;
  readonly drainMs: number;
}

/**
 * Ends a server in order: nothing new comes in, everyone is told, every stream is flushed to its `ended`, connections are
 * closed with 1001, and what does not close in time is cut.
 */
export async function shutdown({ http, registry, connections, clock, drainMs }: Draining): Promise<void> {
  const stopped = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeIdleConnections();

  let callOff: (() => void) | undefined;
  const deadline = new Promise<void>((resolve) => {
    callOff = clock.after(drainMs, resolve);
  });

  const draining = encodeBytes({ type: 'status', code: 'draining', message: 'The server shuts down.' });
  for (const [connection, owner] of connections) {
    connection.send(draining);
    if (owner instanceof ProducerConnection) owner.drain();
  }
  await Promise.race([registry.drain('shutdown'), deadline]);
  for (const owner of connections.values()) {
    if (!(owner instanceof ProducerConnection)) owner.drained();
  }
  await Promise.race([stopped, deadline]);
  for (const connection of connections.keys()) connection.terminate();
  http.closeAllConnections();
  await stopped;
  callOff?.();
  registry.clear();
}
