import { ApiError, errorOf, unreachable } from './api-error.ts';
import { request } from './request.ts';

/** One server-sent event. */
export interface SentEvent {
  readonly event: string;
  readonly data: string;
}

/** `connecting` the first time; `lost` while it tries again; `failed` when the server will not have it. */
export type StreamState = 'connecting' | 'open' | 'lost' | 'failed';

export interface EventStreamOptions {
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly onEvent: (event: SentEvent) => void;
  /** `error` says why, for `lost` and `failed`. */
  readonly onState: (state: StreamState, error?: ApiError) => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** A server says something every 15 s at least, if only a comment; after this long the connection is taken for dead. */
const SILENCE_MS = 45_000;

/**
 * Reads the lines of an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream)
 * from pieces of any size.
 */
export class EventStreamParser {
  #rest = '';
  #event = '';
  #data: string[] = [];
  /** The last `id:`; what a reader resumes with. */
  lastEventId = '';
  /** What the server asked for with `retry:`; ms. */
  retryMs: number | undefined;

  push(text: string, emit: (event: SentEvent) => void): void {
    const all = this.#rest + text;
    // A carriage return at the end may be the first half of CR LF.
    const usable = all.endsWith('\r') ? all.slice(0, -1) : all;
    const lines = usable.split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? '') + all.slice(usable.length);
    for (const line of lines) this.#line(line, emit);
  }

  #line(line: string, emit: (event: SentEvent) => void): void {
    if (line === '') {
      if (this.#data.length > 0) emit({ event: this.#event || 'message', data: this.#data.join('\n') });
      this.#event = '';
      this.#data = [];
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.lastEventId = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
  }
}

/**
 * Follows an event stream of the server until it is stopped, and comes back after a loss with growing pauses. By `fetch`,
 * because an EventSource sends no Authorization header.
 *
 * @returns stops it
 */
export function followEvents(path: string, options: EventStreamOptions): () => void {
  const stopped = new AbortController();
  follow(path, options, stopped.signal);
  return () => stopped.abort();
}

async function follow(path: string, options: EventStreamOptions, stopped: AbortSignal): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  let lastEventId = '';
  options.onState('connecting');
  while (!stopped.aborted) {
    const parser = new EventStreamParser();
    parser.lastEventId = lastEventId;
    let error: ApiError;
    try {
      const response = await connect(path, options, lastEventId, stopped);
      await read(response, stopped, parser, (event) => {
        pauseMs = FIRST_PAUSE_MS;
        options.onEvent(event);
      });
      error = new ApiError('connection-lost', 'The server closed the connection.', { retryable: true });
    } catch (thrown) {
      if (stopped.aborted) return;
      const cause = unreachable(thrown);
      error = thrown instanceof ApiError ? thrown : (cause as ApiError);
    }
    lastEventId = parser.lastEventId;
    if (stopped.aborted) return;
    if (error.status >= 400 && error.status < 500 && !error.retryable) {
      options.onState('failed', error);
      return;
    }
    options.onState('lost', error);
    // Half of the pause is random, so that the pages of a server that was lost do not all come back at once.
    await pause((parser.retryMs ?? pauseMs) * (0.5 + Math.random() / 2), stopped);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}

async function connect(
  path: string,
  { query, onState }: EventStreamOptions,
  lastEventId: string,
  signal: AbortSignal,
): Promise<Response> {
  const response = await request('GET', path, {
    query: query ?? {},
    signal,
    headers: { Accept: 'text/event-stream', ...(lastEventId === '' ? {} : { 'Last-Event-ID': lastEventId }) },
  });
  if (!(response.headers.get('Content-Type') ?? '').startsWith('text/event-stream')) throw await errorOf(response);
  onState('open');
  return response;
}

async function read(
  response: Response,
  stopped: AbortSignal,
  parser: EventStreamParser,
  emit: (event: SentEvent) => void,
): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  const quiet = (): void => {
    reader.cancel().catch(() => undefined);
  };
  let timer = setTimeout(quiet, SILENCE_MS);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || stopped.aborted) return;
      clearTimeout(timer);
      timer = setTimeout(quiet, SILENCE_MS);
      parser.push(value, emit);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Ends early when it is stopped, or when the browser says that the network is back. */
function pause(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      removeEventListener('online', end);
      stopped.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener('online', end);
    stopped.addEventListener('abort', end);
  });
}
