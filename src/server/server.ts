import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { asUndertoneError, type UndertoneError } from '../errors.ts';
import type { ModelDescription } from '../protocol/index.ts';
import { Gate } from './access.ts';
import { Admission } from './admission.ts';
import { openAnalysis } from './analysis.ts';
import { openBeside } from './beside.ts';
import { systemClock } from './clock.ts';
import { Connection } from './connection.ts';
import { type Connected, type ConnectedKind, Connections } from './connections.ts';
import { Counts } from './counts.ts';
import { answerClientError, httpApp, MAX_HEADER_BYTES } from './http/index.ts';
import { targetOf } from './http.ts';
import { httpContext } from './http-context.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { listen } from './listen.ts';
import { logId, silentLogger } from './log.ts';
import { analysisLimits, DEFAULT_HOST, DEFAULT_PORT, requireKey, type ServerOptions } from './options.ts';
import { REFUSING } from './overload.ts';
import { OverloadWatch } from './overload-watch.ts';
import { ProducerConnection } from './producer-connection.ts';
import { Registry } from './registry.ts';
import { type Draining, shutdown } from './shutdown.ts';
import type { ServerSocket } from './socket.ts';
import { isSocketIoPath, SocketIoEntrance } from './socketio/entrance.ts';
import type { IoServer } from './socketio/io-session.ts';
import { SubscriberConnection } from './subscriber-connection.ts';
import { Taps } from './taps.ts';
import { audiosocket, listenForAudioSockets } from './telephony/audiosocket-listener.ts';
import { acceptPlatform } from './telephony/endpoint.ts';
import { TcpConnection } from './telephony/tcp-connection.ts';
import { TelephonyConnection } from './telephony/telephony-connection.ts';
import { TelephonyGate } from './telephony/telephony-gate.ts';
import { Upgrader } from './upgrade.ts';

export interface RunningServer {
  /** `ws://host:port`, without a path. */
  readonly url: string;
  readonly port: number;
  /** Of AudioSocket, in the order of the options. */
  readonly audioSocketPorts: readonly number[];
  /** Streams that have not ended. */
  readonly openStreams: number;
  /** Reads the file of alert rules again, now. What is wrong with it is logged, and the rules before stay. */
  reloadRules(): Promise<void>;
  /**
   * Takes nothing new, ends every stream with its last windows and `ended`, closes every connection with 1001; what is not
   * closed after `drainMs` (default 5,000) is cut. Idempotent.
   */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

const DRAIN_MS = 5_000;
/** A model that has failed is not trusted with new streams for so long. */
const MODEL_FAILURE_MS = 60_000;

/**
 * Starts a server: `/v1/stream`, `/v1/subscribe`, `/v1/telephony` and its dialects, Socket.IO at `/socket.io/`, and the HTTP API
 * of docs/openapi.yaml.
 *
 * @throws UndertoneError `key-required`, `port-in-use`, `address-unavailable`, for the analysis options
 * `window-out-of-range`, `step-out-of-range`, `unknown-descriptor`, for those of the desk `rules-invalid`, `file-missing`,
 * `file-unreadable`, `store-unavailable`
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
  const { telephony = {} } = options;
  const telephonyGate = new TelephonyGate(gate, telephony, () => Date.now() / 1000);
  const { name, version, labels } = model.manifest;
  const description: ModelDescription = { name, version, hash: model.hash, labels };

  const counts = new Counts();
  const beside = await openBeside(options, description, counts);
  let modelFailedAtMs = Number.NEGATIVE_INFINITY;
  const onModelFailure = (thrown: unknown): void => {
    modelFailedAtMs = clock.now();
    logger.error({ err: thrown }, 'the model has failed');
    registry.abortAll(asUndertoneError(thrown));
  };
  const onWorkerDeath = (err: unknown): void => logger.error({ err }, 'a worker has died; another takes over');
  const analyses = await openAnalysis(options, limits, clock, { onModelFailure, onWorkerDeath }).catch(
    async (error: unknown) => {
      await beside.close();
      throw error;
    },
  );
  const registry: Registry = new Registry({
    analyzer: analyses.analyzer,
    ...(analyses.slicesPerRound !== undefined && { slicesPerRound: analyses.slicesPerRound }),
    limits,
    clock,
    rules: () => beside.desk.rules.judged,
    taps: new Taps(beside.taps, (err) => logger.error({ err }, 'one who follows the streams has failed')),
    admit: () => overload.admit(),
    onLag: (ms) => {
      counts.inbox.observe(ms);
      overload.lag(ms);
    },
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

  const overload = new OverloadWatch({
    registry,
    clock,
    budgetMs: limits.lagBudgetMs,
    takeLagMs: () => analyses.takeLagMs(),
    onLevel: (level, lagMs) => logger.warn({ level, lagMs: Math.round(lagMs) }, 'overload'),
  });

  const connections = new Connections();
  let draining = false;

  /** Counts who is connected until the socket is gone. */
  const keep = (connected: Connected, kind: ConnectedKind, socket: ServerSocket | Socket): void => {
    connections.add(connected, kind);
    socket.once('close', () => connections.remove(connected));
  };
  const onRejected = (error: UndertoneError): void => {
    counts.refused.add(error.code);
    logger.warn({ code: error.code }, 'rejected');
  };
  const onDropped = (events: number): void => {
    counts.droppedEvents += events;
  };
  const base = { registry, analysis, limits, clock, model: description, onRejected, onDropped };
  const context = { ...base, origin: 'websocket' };
  const admission = new Admission({ registry, connections, limits, overload, draining: () => draining });

  const upgrader = new Upgrader(gate, {
    admit: (endpoint) => (endpoint === 'stream' ? admission.producer() : admission.subscriber(endpoint)),
    stream: (socket) => {
      keep(new ProducerConnection(new Connection(socket, limits, clock), context), 'producer', socket);
    },
    subscribe: (socket, query) => {
      keep(new SubscriberConnection(new Connection(socket, limits, clock), query, context), 'subscriber', socket);
    },
    acceptPlatform: (request, path, query) => acceptPlatform(request, path, query, telephonyGate, telephony),
    platform: (socket, { session, dialect, holdMs }) => {
      logger.info({ dialect }, 'platform connected');
      counts.platforms.add(dialect);
      const connection = new Connection(socket, limits, clock);
      keep(new TelephonyConnection(connection, session, { ...context, origin: dialect }), 'producer', socket);
      if (holdMs === 0) return;
      connection.pause();
      clock.after(holdMs, () => connection.resume());
    },
    onRefused: onRejected,
  });

  const socketIo = new SocketIoEntrance({
    gate,
    // With the first who speaks it: a server that nobody speaks it to starts without.
    load: async () => {
      const { SocketIoGateway } = await import('./socketio/gateway.ts');
      return new SocketIoGateway(ioServer, gate, connections);
    },
    draining: () => draining,
    onRefused: onRejected,
  });
  const ioServer: IoServer = {
    limits,
    clock,
    produce: (connection) => {
      admission.producer();
      const producer = new ProducerConnection(connection, { ...context, origin: 'socket.io' });
      connections.add(producer, 'producer');
      return () => connections.remove(producer);
    },
    subscribe: (connection, query) => {
      admission.subscriber(query);
      const subscriber = new SubscriberConnection(connection, query, context);
      connections.add(subscriber, 'subscriber');
      return () => connections.remove(subscriber);
    },
    admitSocket: () => admission.socket(),
    onRejected,
  };

  const plain = httpContext({
    options,
    base,
    gate,
    beside,
    counts,
    connections,
    admission,
    analyses,
    overloadLevel: () => overload.level,
    facts: () => ({
      draining,
      overloaded: overload.level >= REFUSING,
      modelFailed: clock.now() - modelFailedAtMs < MODEL_FAILURE_MS,
      analysisUnavailable: analyses.unavailable,
      storeFailing: (beside.kept?.writer.status.failing ?? null) !== null,
    }),
  });
  const answer = httpApp(plain);
  const { requestTimeoutMs } = limits;
  const timeouts = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(limits.startTimeoutMs, requestTimeoutMs),
    connectionsCheckingInterval: Math.min(5_000, limits.startTimeoutMs, requestTimeoutMs),
  };
  const http = createServer({ ...timeouts, maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    if (isSocketIoPath(targetOf(request).path)) socketIo.request(request, response);
    else answer(request, response);
  });
  http.on('clientError', (error, socket) => {
    const refused = answerClientError(error, socket);
    if (refused !== undefined) counts.refused.add(refused.code);
  });
  http.on('upgrade', (request, socket, head) => {
    if (isSocketIoPath(targetOf(request).path)) socketIo.upgrade(request, socket, head);
    else upgrader.upgrade(request, socket, head);
  });
  const release = async (): Promise<void> => {
    overload.close();
    await plain.reporter.close();
    await analyses.close();
    await beside.close();
  };
  const port = await listen(http, host, options.port ?? DEFAULT_PORT).catch(async (error: unknown) => {
    await release();
    throw error;
  });
  const audioSockets = await listenForAudioSockets(telephony.audioSockets ?? [], (socket, handshake) => {
    try {
      admission.producer();
    } catch (error) {
      onRejected(asUndertoneError(error));
      socket.on('error', () => {}).destroy();
      return;
    }
    const connection = new TcpConnection(socket, limits, clock);
    counts.platforms.add('audiosocket');
    const session = audiosocket.open(handshake);
    keep(new TelephonyConnection(connection, session, { ...context, origin: 'audiosocket' }), 'producer', socket);
  }).catch(async (error: unknown) => {
    http.close();
    await release();
    throw error;
  });
  const url = `ws://${host.includes(':') ? `[${host}]` : host}:${port}`;
  logger.info({ host, port, model: name, version, runtime: model.runtime, ...analysis.defaults }, 'listening');

  const shortest = Math.min(limits.startTimeoutMs, limits.idleTimeoutMs, limits.slowCloseMs, limits.pingMs);
  const tick = (): void => connections.each((connected) => connected.tick());
  // After a stall of this process its sockets are read first, so that nobody is called silent for it.
  const ticking = setInterval(() => setImmediate(tick), Math.max(10, Math.min(1_000, shortest / 4))).unref();

  let closed: Promise<void> | undefined;
  return {
    url,
    port,
    audioSocketPorts: audioSockets.map((listener) => listener.port),
    get openStreams() {
      return registry.openStreams;
    },
    reloadRules: () => beside.desk.rules.reload(),
    close: ({ drainMs = DRAIN_MS } = {}) => {
      if (closed !== undefined) return closed;
      draining = true;
      logger.info({ streams: registry.openStreams, connections: connections.size }, 'shutting down');
      const others = audioSockets.map((listener) => listener.close);
      const farewell = (): Promise<void> => socketIo.farewell();
      const cut = (): Promise<void> => socketIo.close();
      const parts: Draining = { http, others, registry, connections, clock, drainMs, farewell, cut };
      closed = shutdown(parts)
        .finally(() => clearInterval(ticking))
        .finally(release);
      return closed;
    },
  };
}
