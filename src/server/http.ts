import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { UndertoneError } from '../errors.ts';
import { encodeEvent } from '../protocol/index.ts';
import { isTelephonyPath } from './telephony/endpoint.ts';

export const STREAM_PATH = '/v1/stream';
export const SUBSCRIBE_PATH = '/v1/subscribe';

/** Whether there is a WebSocket endpoint at this path. */
export const isWebSocketPath = (path: string): boolean =>
  path === STREAM_PATH || path === SUBSCRIBE_PATH || isTelephonyPath(path);

/** An error as the body of an HTTP answer; the same words as over a WebSocket. */
const body = ({ code, message, retryable }: UndertoneError): string =>
  `${encodeEvent({ type: 'error', code, message, retryable })}\n`;

export function targetOf(request: IncomingMessage): { readonly path: string; readonly query: URLSearchParams } {
  // Only path and query are used; the host is here because a URL needs one. A target that is no path has none of ours.
  const url = URL.canParse(request.url ?? '', 'http://localhost')
    ? new URL(request.url ?? '', 'http://localhost')
    : undefined;
  return { path: url?.pathname ?? '', query: url?.searchParams ?? new URLSearchParams() };
}

export function answerError(response: ServerResponse, error: UndertoneError): void {
  if (error.code === 'upgrade-required') response.setHeader('Upgrade', 'websocket').setHeader('Connection', 'Upgrade');
  answerJson(response, error.httpStatus, body(error));
}

function answerJson(response: ServerResponse, status: number, json: string): void {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(json),
    'Cache-Control': 'no-store',
  });
  response.end(json);
}

/** Refuses an upgrade on its raw socket. */
export function refuseUpgrade(socket: Duplex, error: UndertoneError): void {
  const json = body(error);
  const challenge = error.httpStatus === 401 ? ['WWW-Authenticate: Bearer'] : [];
  const head = [
    `HTTP/1.1 ${error.httpStatus} ${error.code}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(json)}`,
    ...challenge,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${json}`);
}
