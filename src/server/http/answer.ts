import type { UndertoneError } from '../../errors.ts';
import { encodeEvent } from '../../protocol/index.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** On every answer: it is what it says it is, for this origin alone, and is kept by nobody. */
export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** A body with its headers over the common ones. */
export function answer(
  status: number,
  body: string | Uint8Array | null,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const length = body === null ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  // A view of a pooled buffer is a body all the same.
  return new Response(body as BodyInit | null, { status, headers: { ...COMMON_HEADERS, ...length, ...headers } });
}

export const json = (value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response =>
  answer(status, `${JSON.stringify(value)}\n`, { 'Content-Type': JSON_TYPE, ...headers });

/** An error with more to say than its sentence, such as `problems` of rules. */
export interface ErrorDetails {
  readonly details?: Readonly<Record<string, unknown>>;
  /** Of its answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error of the table as the body of an answer; the same words as over a WebSocket. */
export function errorBody(error: UndertoneError & ErrorDetails): string {
  const { code, message, retryable, details } = error;
  const base = encodeEvent({ type: 'error', code, message, retryable });
  return details === undefined ? `${base}\n` : `${JSON.stringify({ ...JSON.parse(base), ...details })}\n`;
}

const ERROR_HEADERS: Readonly<Partial<Record<UndertoneError['code'], Readonly<Record<string, string>>>>> = {
  unauthorized: { 'WWW-Authenticate': 'Bearer' },
  // What is left of the body is not waited for.
  'body-too-large': { Connection: 'close' },
  'upgrade-required': { Upgrade: 'websocket', Connection: 'Upgrade' },
};

export function errorAnswer(error: UndertoneError, headers: Readonly<Record<string, string>> = {}): Response {
  return answer(error.httpStatus, errorBody(error), {
    'Content-Type': JSON_TYPE,
    ...ERROR_HEADERS[error.code],
    ...headers,
  });
}
