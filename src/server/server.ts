import { createServer } from 'node:http';
import { asUndertoneError, UndertoneError } from '../errors.ts';
import type { ModelDescription } from '../protocol/index.ts';
import { createAnalyzer } from '../streams/index.ts';
import { Gate } from './access.ts';
import { afterSockets, watched } from './batching.ts';
import { systemClock } from './clock.ts';
import { Connection } from './connection.ts';
import { answer } from './http.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { listen } from './listen.ts';
import { logId, silentLogger } from './log.ts';
import { analysisLimits, DEFAULT_HOST, DEFAULT_PORT, requireKey, type ServerOptions } from './options.ts';
import { ProducerConnection } from './producer-connection.ts';
import type { SubscribeQuery } from './query.ts';
import { Registry } from './registry.ts';
import { type Draining, shutdown } from './shutdown.ts';
import type { ServerSocket } from './socket.ts';
import { SubscriberConnection } from './subscriber-connection.ts';
import { Upgrader } from './upgrade.ts';

export interface RunningServer {
  /** `ws://host:port`, without a path. */
  readonly url: string;
  readonly port: number;
  /** Streams that have not ended. */
  readonly openStreams: number;
  /**
   * Takes nothing new, ends every stream with its last windows and `ended`, closes every connection with 1001; what is not
   * closed after `drainMs` (default 5,000) is cut. Idempotent.
   */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

const DRAIN_MS = 5_000;

/**
 * Starts a server: `/v1/stream`, `/v1/subscribe` and `/healthz`.
 *
 * @throws UndertoneError `key-required`, `port-in-use`, `address-unavailable`, and for the analysis options
 * `window-out-of-range`, `step-out-of-range`, `unknown-descriptor`
 * @example
 * const server = await startServer({ model: await loadModel('models/default'), port: 0 });
 * console.log(server.url);
 * await server.close();
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { model, host = DEFAULT_HOST, logger = silentLogger } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const analysis = analysisLimits(options);
  const gate = new Gate(requireKey(host, options.apiKey));
  const clock = systemClock;
  const { name, version, labels } = model.manifest;
  const description: ModelDescription = { name, version, hash: model.hash, labels };

  const onModelFailure = (thrown: unknown): void => {
    logger.error({ err: thrown }, 'the model has failed');
    registry.abortAll(asUndertoneError(thrown));
  };
  const registry: Registry = new Registry({
    analyzer: (options.createAnalyzer ?? createAnalyzer)({
      model: watched(model, onModelFailure),
      schedule: afterSockets(onModelFailure),
      clock: () => clock.now(),
    }),
    limits,
    clock,
    onOpened: ({ settings, hub }) => {
      const { encoding, sampleRateHz, channels } = settings.format;
      const { windowMs, stepMs } = settings.analysis;
      logger.info({ stream: logId(hub.streamId), encoding, sampleRateHz, channels, windowMs, stepMs }, 'stream opened');
    },
    onEnded: ({ hub, endReason }, failure) => {
      const fields = { stream: logId(hub.streamId), reason: endReason, code: failure?.code };
      if (failure?.code === 'internal') logger.error({ ...fields, err: failure.cause }, 'stream failed');
      else logger.info(fields, 'stream ended');
    },
  });

  const connections = new Map<Connection, ProducerConnection | SubscriberConnection>();
  let producers = 0;
  let subscribers = 0;
  let draining = false;

  const connect = (socket: ServerSocket): Connection => {
    const connection = new Connection(socket, limits, clock);
    socket.once('close', () => {
      const owner = connections.get(connection);
      if (owner instanceof ProducerConnection) producers -= 1;
      if (owner instanceof SubscriberConnection) subscribers -= 1;
      connections.delete(connection);
    });
    return connection;
  };
  const onRejected = (error: UndertoneError): void => logger.warn({ code: error.code }, 'rejected');

  const upgrader = new Upgrader(gate, {
    admit: (endpoint) => {
      if (draining) throw new UndertoneError('shutting-down');
      // A connection that has not started is no stream yet, so twice as many may be open.
      if (endpoint === 'stream' && producers >= 2 * limits.maxStreams) {
        throw new UndertoneError('too-many-streams', { limit: limits.maxStreams });
      }
      if (endpoint !== 'stream') admitSubscriber(endpoint);
    },
    stream: (socket) => {
      const connection = connect(socket);
      producers += 1;
      const model = description;
      const context = { registry, analysis, limits, clock, model, onRejected };
      connections.set(connection, new ProducerConnection(connection, context));
    },
    subscribe: (socket, query) => {
      const connection = connect(socket);
      subscribers += 1;
      connections.set(connection, new SubscriberConnection(connection, query, { registry, limits, clock, onRejected }));
    },
    onRefused: onRejected,
  });

  const admitSubscriber = (query: SubscribeQuery): void => {
    if (subscribers >= limits.maxSubscribers) {
      throw new UndertoneError('too-many-subscribers', { limit: limits.maxSubscribers });
    }
    if (!query.everything && !query.wait && registry.get(query.streamId) === undefined) {
      throw new UndertoneError('unknown-stream', { streamId: query.streamId });
    }
  };

  const http = createServer((request, response) => answer(request, response, draining));
  http.on('upgrade', (request, socket, head) => upgrader.upgrade(request, socket, head));
  const port = await listen(http, host, options.port ?? DEFAULT_PORT);
  const url = `ws://${host.includes(':') ? `[${host}]` : host}:${port}`;
  logger.info({ host, port, model: name, version, runtime: model.runtime, ...analysis.defaults }, 'listening');

  const shortest = Math.min(limits.startTimeoutMs, limits.idleTimeoutMs, limits.slowCloseMs, limits.pingMs);
  const tick = (): void => {
    for (const [connection, owner] of connections) {
      connection.tick();
      if (owner instanceof ProducerConnection) owner.tick();
    }
  };
  // After a stall of this process its sockets are read first, so that nobody is called silent for it.
  const ticking = setInterval(() => setImmediate(tick), Math.max(10, Math.min(1_000, shortest / 4))).unref();

  let closed: Promise<void> | undefined;
  return {
    url,
    port,
    get openStreams() {
      return registry.openStreams;
    },
    close: ({ drainMs = DRAIN_MS } = {}) => {
      if (closed !== undefined) return closed;
      draining = true;
      logger.info({ streams: registry.openStreams, connections: connections.size }, 'shutting down');
      const parts: Draining = { http, registry, connections, clock, drainMs };
      closed = shutdown(parts).finally(() => clearInterval(ticking));
      return closed;
    },
  };
}
