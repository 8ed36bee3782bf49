import type { ErrorCode } from '../errors.ts';

/** Codes of the server's table, and those that only a page can have. */
export type ApiErrorCode = ErrorCode | 'unreachable' | 'unreadable';

/** A request that failed. Its message is a sentence for people: the server's, or one of the page's own. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  /** 0 where there was no answer. */
  readonly status: number;
  readonly retryable: boolean;
  /** The whole answer, for errors that carry more (`rules-invalid`: `problems`). */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ApiErrorCode,
    message: string,
    more: { readonly status?: number; readonly retryable?: boolean; readonly details?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = more.status ?? 0;
    this.retryable = more.retryable ?? false;
    this.details = more.details ?? {};
  }
}

interface Told extends Record<string, unknown> {
  readonly code: string;
  readonly message: string;
  readonly retryable?: unknown;
}

const isTold = (value: unknown): value is Told =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  typeof value.code === 'string' &&
  'message' in value &&
  typeof value.message === 'string';

/** Reads the error of an answer that is none of the expected ones, whatever sent it (a proxy may send HTML). */
export async function errorOf(response: Response): Promise<ApiError> {
  const { status } = response;
  const body: unknown = await response.json().catch(() => undefined);
  if (isTold(body)) {
    const { code, message, retryable } = body;
    return new ApiError(code as ApiErrorCode, message, { status, retryable: retryable === true, details: body });
  }
  return new ApiError('unreadable', `The server answered with status ${status} and no reason.`, {
    status,
    retryable: status >= 500,
  });
}

/** What `fetch` threw. An abort stays one: nobody is to be told of it. */
export function unreachable(thrown: unknown): unknown {
  if (thrown instanceof DOMException && thrown.name === 'AbortError') return thrown;
  return new ApiError('unreachable', 'The server does not answer; it may be down, or the network.', {
    retryable: true,
  });
}

export const isAbort = (thrown: unknown): boolean => thrown instanceof DOMException && thrown.name === 'AbortError';

/** A sentence for people from whatever was thrown. */
export const sentence = (thrown: unknown): string =>
  thrown instanceof ApiError ? thrown.message : 'Something failed in this page; load it again.';
