import { ApiError, errorOf, unreachable } from './api-error.ts';
import { apiKey, keyWanted, supervisor } from './session.ts';

type Value = string | number | boolean | undefined;
export type Query = Readonly<Record<string, Value | readonly string[]>>;

export interface RequestOptions {
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The address of a path of the server, relative to where the page was loaded, so that a prefix of a proxy stays. */
export function addressOf(path: string, query: Query = {}): string {
  const url = new URL(path.replace(/^\//, ''), document.baseURI);
  url.hash = '';
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? (value as readonly string[]) : [value as Value]) {
      if (each !== undefined) url.searchParams.append(name, String(each));
    }
  }
  return url.href;
}

/** `ws://` or `wss://` of this server, for `connect` of the client. */
export const socketAddress = (): string => {
  const url = new URL('.', document.baseURI);
  return `${url.protocol.replace(/^http/, 'ws')}//${url.host}${url.pathname}`;
};

/** An answer that is a success. @throws ApiError; an abort as the DOMException that it is */
export async function request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
  const headers = new Headers(options.headers);
  if (apiKey.value !== null) headers.set('Authorization', `Bearer ${apiKey.value}`);
  // Header values are Latin-1; a name need not be.
  if (supervisor.value !== null) headers.set('X-Undertone-By', encodeURIComponent(supervisor.value));
  const init: RequestInit = { method, headers, cache: 'no-store', signal: options.signal ?? null };
  if (options.body !== undefined) {
    headers.set('Content-Type', 'application/json');
    init.body = JSON.stringify(options.body);
  }
  let response: Response;
  try {
    response = await fetch(addressOf(path, options.query), init);
  } catch (thrown) {
    throw unreachable(thrown);
  }
  if (response.ok) return response;
  const error = await errorOf(response);
  if (error.status === 401) keyWanted.value = true;
  throw error;
}

/** @throws ApiError */
export async function requestJson<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const response = await request(method, path, options);
  try {
    return (await response.json()) as T;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) {
      throw new ApiError('unreadable', 'The server answered with something that is not JSON.', {
        status: response.status,
      });
    }
    throw unreachable(thrown);
  }
}
