import { type ErrorCode, reportedError, UndertoneError } from '../errors.ts';
import { parseServerEvent, SUBPROTOCOL } from '../protocol/index.ts';

/** Bytes that a browser sends too: not on shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** An open WebSocket, of Node or of a browser. */
export interface Transport {
  send(data: Bytes | string): void;
  close(code?: number): void;
}

/** Told from the moment the socket is open; `closed` is the last call, and comes once. */
export interface TransportHandlers {
  text(text: string): void;
  closed(code: number): void;
}

export interface Endpoint {
  /** With path and query, without the key. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** A connection that is not open by then has failed, ms. */
  readonly connectTimeoutMs: number;
}

export type OpenTransport = (endpoint: Endpoint, handlers: TransportHandlers) => Promise<Transport>;

/**
 * Opens a WebSocket: in Node with `ws` and the key in a header, elsewhere with the global WebSocket and the key in the query,
 * for a browser sets no headers.
 *
 * @throws UndertoneError `connection-failed`, or what the server answered
 */
export const openTransport: OpenTransport = (endpoint, handlers) =>
  isNode() ? openInNode(endpoint, handlers) : openInBrowser(endpoint, handlers);

/** A server pings every 20 s; one that is silent for three times as long is not there any more. */
const SILENCE_MS = 60_000;

const isNode = (): boolean => typeof process === 'object' && typeof process.versions?.node === 'string';

const failed = (url: string, detail: string): UndertoneError =>
  new UndertoneError('connection-failed', { url, detail });

async function openInNode(endpoint: Endpoint, handlers: TransportHandlers): Promise<Transport> {
  // Not written as a literal, so that a bundler for browsers does not look for it.
  const name = 'ws';
  const { WebSocket } = (await import(name)) as typeof import('ws');
  const { url, apiKey, connectTimeoutMs } = endpoint;
  const socket = new WebSocket(url, SUBPROTOCOL, {
    headers: apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` },
    handshakeTimeout: connectTimeoutMs,
    perMessageDeflate: false,
  });
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        body = (body + part).slice(0, 10_000);
      });
      response.on('close', () => reject(reportedIn(body) ?? failed(url, `HTTP status ${response.statusCode}`)));
    });
    socket.on('error', (error: NodeJS.ErrnoException) => reject(failed(url, error.code ?? error.message)));
    socket.on('message', (data: Buffer, binary: boolean) => {
      if (!binary) handlers.text(data.toString());
    });
    socket.on('open', () => {
      const silence = setTimeout(() => socket.terminate(), SILENCE_MS).unref();
      socket.on('message', () => silence.refresh());
      socket.on('ping', () => silence.refresh());
      socket.on('close', (code) => {
        clearTimeout(silence);
        handlers.closed(code);
      });
      resolve({ send: (data) => socket.send(data), close: (code) => socket.close(code) });
    });
  });
}

function openInBrowser({ url, apiKey, connectTimeoutMs }: Endpoint, handlers: TransportHandlers): Promise<Transport> {
  const withKey = new URL(url);
  if (apiKey !== undefined) withKey.searchParams.set('key', apiKey);
  const socket = new WebSocket(withKey, SUBPROTOCOL);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.close(), connectTimeoutMs);
    // A page is not told why a connection failed.
    const onFailed = (): void => {
      clearTimeout(timer);
      reject(failed(url, 'it was refused or the server is not there'));
    };
    socket.onclose = onFailed;
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') handlers.text(data);
    };
    socket.onopen = () => {
      clearTimeout(timer);
      socket.onclose = ({ code }) => handlers.closed(code);
      resolve({
        send: (data) => socket.send(data),
        close: (code) => socket.close(code),
      });
    };
  });
}

/** The error of the table in the answer to an upgrade that was refused. */
function reportedIn(body: string): UndertoneError<ErrorCode> | undefined {
  try {
    const event = parseServerEvent(body);
    return event?.type === 'error' ? reportedError(event.code, event.message) : undefined;
  } catch {
    return undefined;
  }
}
