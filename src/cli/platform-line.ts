import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { reportedError, UndertoneError } from '../errors.ts';
import { parseServerEvent } from '../protocol/index.ts';

/** How a line was closed, in the words of WebSockets. */
export interface LineEnd {
  readonly code: number;
  readonly reason: string;
}

/** An open connection of a simulated platform. */
export interface PlatformLine {
  /** Resolves when there is room for more. */
  send(data: string | Uint8Array): Promise<void>;
  /** Resolves when the other side has read what was sent until now. @throws where the transport cannot tell */
  roundTrip(): Promise<void>;
  /** Hangs up; `closed` resolves then. */
  hangUp(): void;
  /** Ends without a word, as a network does. */
  drop(): void;
  readonly closed: Promise<LineEnd>;
}

export interface Dialling {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocols: readonly string[];
  readonly onMessage: (data: string | Uint8Array) => void;
}

const TIMEOUT_MS = 10_000;
const NORMAL = 1000;
/** Of a TCP connection that broke. */
const ABNORMAL = 1006;
/** Bytes that may wait before the sender does. */
const HIGH_WATER_BYTES = 262_144;

/** @throws UndertoneError `connection-failed`, or `call-refused` with the sentence of the server */
export const dial = (dialling: Dialling): Promise<PlatformLine> =>
  dialling.url.protocol === 'tcp:' ? dialTcp(dialling) : dialWebSocket(dialling);

/** The URL without what it may hold of secrets. */
const shown = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`;

const failed = (url: URL, detail: string): UndertoneError =>
  new UndertoneError('connection-failed', { url: shown(url), detail });

function dialWebSocket({ url, headers, subprotocols, onMessage }: Dialling): Promise<PlatformLine> {
  const socket = new WebSocket(url, [...subprotocols], {
    headers,
    handshakeTimeout: TIMEOUT_MS,
    perMessageDeflate: false,
  });
  const closed = new Promise<LineEnd>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_, response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body = (body + part).slice(0, 10_000);
      });
      response.on('close', () => reject(answerIn(body) ?? failed(url, `HTTP status ${response.statusCode}`)));
    });
    socket.on('error', (error: NodeJS.ErrnoException) => reject(failed(url, error.code ?? error.message)));
    socket.on('message', (data: Buffer, binary: boolean) => onMessage(binary ? data : data.toString()));
    socket.on('open', () =>
      resolve({
        closed,
        send: (data) =>
          new Promise((sent) => {
            // A socket that is closed is told by `closed`.
            const full = socket.bufferedAmount > HIGH_WATER_BYTES;
            socket.send(data, full ? () => sent() : () => {});
            if (!full) sent();
          }),
        roundTrip: () =>
          new Promise((answered) => {
            socket.once('pong', () => answered());
            socket.ping();
          }),
        hangUp: () => {
          socket.close(NORMAL);
          const timer = setTimeout(() => socket.terminate(), TIMEOUT_MS);
          socket.once('close', () => clearTimeout(timer));
        },
        drop: () => socket.terminate(),
      }),
    );
  });
}

function dialTcp({ url, onMessage }: Dialling): Promise<PlatformLine> {
  const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port), noDelay: true });
  const closed = new Promise<LineEnd>((resolve) => {
    socket.on('close', (broken) => resolve({ code: broken ? ABNORMAL : NORMAL, reason: '' }));
  });
  return new Promise((resolve, reject) => {
    socket.on('error', (error: NodeJS.ErrnoException) => reject(failed(url, error.code ?? error.message)));
    socket.on('data', (data: Buffer) => onMessage(data));
    socket.on('connect', () =>
      resolve({
        closed,
        send: (data) =>
          new Promise((sent) => {
            if (!socket.writable) sent();
            else if (socket.write(data)) sent();
            else socket.once('drain', sent).once('close', sent);
          }),
        roundTrip: () => Promise.reject(new Error('TCP does not tell.')),
        hangUp: () => socket.end(),
        drop: () => socket.resetAndDestroy(),
      }),
    );
  });
}

/** The sentence of the error in the answer to an upgrade that was refused. */
function answerIn(body: string): UndertoneError | undefined {
  try {
    const event = parseServerEvent(body);
    return event?.type === 'error' ? reportedError('call-refused', event.message) : undefined;
  } catch {
    return undefined;
  }
}
