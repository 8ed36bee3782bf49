import type { IncomingMessage, ServerResponse } from 'node:http';
import type * as z from 'zod';
import type { ErrorCode } from '../../errors.ts';
import type { HttpContext } from './context.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** What a successful answer holds: JSON of a schema, or something of another media type. */
export interface AnswerSpec {
  readonly description: string;
  /** Of the body, as JSON. */
  readonly schema?: z.ZodType;
  /** Of a body that is no JSON; with `schema`, one of several. */
  readonly mediaTypes?: readonly string[];
}

/** A request whose parts have been read by the schemas of its route. */
export interface RouteInput<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Who asks, as they call themselves. @throws UndertoneError `name-required` */
  readonly by: () => string;
  readonly headers: IncomingMessage['headers'];
  /** `HEAD` is answered as `GET`, without its body. */
  readonly head: boolean;
  readonly incoming: IncomingMessage;
  /** For answers that go out bit by bit; the route returns `undefined` then. */
  readonly outgoing: ServerResponse;
}

/** What a route answers; `undefined` where it has answered by `outgoing` itself. */
export type RouteAnswer = Response | undefined;

interface RouteText {
  readonly method: Method;
  /** As hono writes it: `/v1/calls/:callId`. */
  readonly path: string;
  /** Without its full stop. */
  readonly summary: string;
  readonly description?: string;
  /** Answered to whoever asks, without the key. */
  readonly open?: true;
  /** Only there to be upgraded: it says so to every method, and its query is not looked at. */
  readonly webSocket?: true;
  readonly answers: Readonly<Record<number, AnswerSpec>>;
  /** Beside those that every route can answer. */
  readonly errors?: readonly ErrorCode[];
  /** Headers that it heeds, for the documentation. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Somebody is to be named: by `by` in the query or the header. */
  readonly named?: true;
}

export interface Route extends RouteText {
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly run: (input: RouteInput<never, never, never>, context: HttpContext) => RouteAnswer | Promise<RouteAnswer>;
}

type Output<S> = S extends z.ZodType ? z.output<S> : Readonly<Record<string, never>>;

/** One route of the API: what it takes and answers, and what it does. The documentation is made from the same object. */
export function route<
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodObject | undefined = undefined,
>(
  of: RouteText & {
    readonly params?: P;
    readonly query?: Q;
    readonly body?: B;
    readonly run: (
      input: RouteInput<Output<P>, Output<Q>, Output<B>>,
      context: HttpContext,
    ) => RouteAnswer | Promise<RouteAnswer>;
  },
): Route {
  // Whoever runs it has read the input by the schemas that stand beside it.
  return of as unknown as Route;
}
