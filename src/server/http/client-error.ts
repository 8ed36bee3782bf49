import type { Duplex } from 'node:stream';
import { UndertoneError } from '../../errors.ts';
import { errorBody } from './answer.ts';

/** Bytes of the first line and the headers of a request. */
export const MAX_HEADER_BYTES = 16_384;

/** What Node could not read as a request is answered in the words of the table, and its connection closed. */
export function answerClientError(thrown: NodeJS.ErrnoException, socket: Duplex): UndertoneError | undefined {
  if (thrown.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return undefined;
  }
  const error = errorOf(thrown);
  const body = errorBody(error);
  const head = [
    `HTTP/1.1 ${error.httpStatus} ${error.code}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  return error;
}

function errorOf({ code }: NodeJS.ErrnoException): UndertoneError {
  if (code === 'HPE_HEADER_OVERFLOW') return new UndertoneError('headers-too-large', { limit: MAX_HEADER_BYTES });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new UndertoneError('request-timeout');
  return new UndertoneError('bad-request', { detail: 'it breaks the rules of HTTP/1.1' });
}
