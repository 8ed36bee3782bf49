import type { io as Io, ManagerOptions, SocketOptions } from 'socket.io-client';
import { type ErrorCode, reportedError, UndertoneError } from '../errors.ts';
import { type ErrorEvent, SOCKET_IO_NAMESPACE, SOCKET_IO_PATH } from '../protocol/index.ts';
import type { Bytes, Endpoint, OpenTransport, Transport, TransportHandlers } from './transport.ts';

export interface SocketIoOptions {
  /** Default: polling first, then a WebSocket where one gets through. */
  readonly transports?: readonly ('polling' | 'websocket')[];
}

type Socket = ReturnType<typeof Io>;
const ENDPOINT = /\/v1\/(stream|subscribe)$/;
const ABNORMAL = 1006;

/**
 * The transport over Socket.IO: a socket for each stream and each subscription, as with WebSockets. It does not come back by itself, for
 * the client does, with its own tokens and cursors.
 *
 * @param io of `socket.io-client`
 */
export function socketIoTransport(io: typeof Io, options: SocketIoOptions = {}): OpenTransport {
  return async (endpoint, handlers) => {
    const url = new URL(endpoint.url);
    const prefix = url.pathname.replace(ENDPOINT, '');
    const settings: Partial<ManagerOptions & SocketOptions> = {
      path: `${prefix}${SOCKET_IO_PATH}`,
      forceNew: true,
      reconnection: false,
      timeout: endpoint.connectTimeoutMs,
      ...(options.transports !== undefined && { transports: [...options.transports] }),
      ...(endpoint.apiKey !== undefined && { auth: { key: endpoint.apiKey } }),
    };
    const origin = url.protocol.replace('ws', 'http');
    const socket = io(`${origin}//${url.host}${SOCKET_IO_NAMESPACE}`, settings);
    await connected(socket, endpoint);
    listen(socket, handlers);
    if (url.pathname.endsWith('/subscribe')) await subscribe(socket, url.searchParams);
    return transportOf(socket);
  };
}

function connected(socket: Socket, { url, connectTimeoutMs }: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: UndertoneError): void => {
      clearTimeout(timer);
      socket.disconnect();
      reject(error);
    };
    const timer = setTimeout(
      () => failed(new UndertoneError('connection-failed', { url, detail: 'it took too long' })),
      connectTimeoutMs,
    );
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.once('connect_error', (error: Error & { readonly data?: unknown }) => {
      failed(reported(error.data) ?? new UndertoneError('connection-failed', { url, detail: error.message }));
    });
  });
}

/** Hands on what comes as the texts that they would be over a WebSocket. */
function listen(socket: Socket, handlers: TransportHandlers): void {
  let open = true;
  const end = (code: number): void => {
    if (!open) return;
    open = false;
    handlers.closed(code);
    socket.disconnect();
  };
  socket.onAny((name: string, payload: unknown) => {
    if (!open) return;
    if (name === 'closed') end((payload as { readonly code: number }).code);
    else handlers.text(JSON.stringify(payload));
  });
  socket.once('disconnect', () => end(ABNORMAL));
}

/** @throws UndertoneError what the server refuses it with */
async function subscribe(socket: Socket, query: URLSearchParams): Promise<void> {
  const from = query.get('from');
  const asked = {
    stream: query.get('stream') ?? '',
    ...(from !== null && { from: from === 'start' ? from : Number(from) }),
    ...(query.get('wait') === 'false' && { wait: false }),
  };
  const error = await new Promise((resolve) => {
    socket.once('disconnect', () => resolve(undefined));
    socket.emit('subscribe', asked, resolve);
  });
  const refusal = reported(error);
  if (refusal === undefined) return;
  socket.offAny();
  socket.disconnect();
  throw refusal;
}

function transportOf(socket: Socket): Transport {
  return {
    send: (data: Bytes | string) => {
      if (typeof data !== 'string') {
        socket.emit('audio', data);
        return;
      }
      const { type, ...rest } = JSON.parse(data) as { readonly type: string };
      if (type === 'stop') socket.emit('stop');
      else socket.emit(type, rest);
    },
    close: () => socket.disconnect(),
  };
}

function reported(data: unknown): UndertoneError | undefined {
  if (typeof data !== 'object' || data === null || !('code' in data)) return undefined;
  const { code, message } = data as ErrorEvent;
  return reportedError(code as ErrorCode, message);
}

/**
 * The same with `socket.io-client` as it is found when it is needed: the global of its script in a page, or the package. Whoever
 * bundles for browsers imports `undertone/client/socket.io` instead.
 *
 * @throws UndertoneError `usage` where it is not there
 */
export const lazySocketIoTransport: OpenTransport = async (endpoint, handlers) =>
  socketIoTransport(await findSocketIo())(endpoint, handlers);

async function findSocketIo(): Promise<typeof Io> {
  const { io } = globalThis as { readonly io?: typeof Io };
  if (io !== undefined) return io;
  // Not written as a literal, so that a bundler leaves it out of pages that do without.
  const name = 'socket.io-client';
  try {
    return ((await import(name)) as typeof import('socket.io-client')).io;
  } catch {
    const detail = 'The transport socket.io needs the package socket.io-client: npm install socket.io-client.';
    throw new UndertoneError('usage', { detail });
  }
}
