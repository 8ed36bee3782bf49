import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings, RequestError } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { asUndertoneError, UndertoneError } from '../../errors.ts';
import { excerpt } from '../../protocol/index.ts';
import { type ErrorDetails, errorAnswer } from './answer.ts';
import type { HttpContext } from './context.ts';
import { isUtf8, nameOf, queryOf, readBody, readParams, readQuery } from './read-input.ts';
import type { Method, Route } from './route.ts';
import { routes } from './routes/index.ts';

type Asked = Context<{ Bindings: HttpBindings }>;

/** The plain requests of a server: its API, and its page. */
export function httpApp(context: HttpContext): RequestListener {
  const app = new Hono<{ Bindings: HttpBindings }>();
  for (const [path, methods] of byPath(routes)) {
    app.all(path, (asked) => answerAsked(asked, path, methods, context));
  }
  app.all('*', (asked) => answerElsewhere(asked, context));
  const listener = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    // HTTP/1.0 needs no host.
    hostname: 'localhost',
    errorHandler: (thrown) => {
      const detail = thrown instanceof RequestError ? thrown.message.toLowerCase() : '';
      return refusal(detail === '' ? thrown : new UndertoneError('bad-request', { detail }), context);
    },
  });
  return (incoming: IncomingMessage, outgoing: ServerResponse) => {
    // Who asks and does not read is cut off: the answer would wait for it in memory. One that is still being made is no
    // fault of theirs: an erasure may rewrite tables of many gigabytes.
    outgoing.setTimeout(context.limits.idleTimeoutMs, () => {
      if (outgoing.headersSent) outgoing.destroy();
    });
    void listener(incoming, outgoing);
  };
}

/** Routes by their path, and of each the methods that it knows. */
export function byPath(all: readonly Route[]): ReadonlyMap<string, ReadonlyMap<Method, Route>> {
  const paths = new Map<string, Map<Method, Route>>();
  for (const each of all) {
    const methods = paths.get(each.path) ?? new Map<Method, Route>();
    paths.set(each.path, methods.set(each.method, each));
  }
  return paths;
}

async function answerAsked(
  asked: Asked,
  path: string,
  methods: ReadonlyMap<Method, Route>,
  context: HttpContext,
): Promise<Response> {
  const { method = 'GET' } = asked.env.incoming;
  const wanted = method === 'HEAD' ? 'GET' : method;
  const [any] = methods.values();
  const found = any?.webSocket ? any : methods.get(wanted as Method);
  const run = (): Promise<Response | undefined> => runRoute(found, asked, methods, context);
  // Its health is told however much there is to do.
  const running = found?.open ? run() : context.requests.pass(run);
  const response = await running.catch((thrown) => refusal(thrown, context));
  const known = found === undefined ? 'other' : wanted;
  context.counts.answered.add(`${known} ${path} ${response?.status ?? asked.env.outgoing.statusCode}`);
  return finished(response ?? RESPONSE_ALREADY_SENT, context);
}

async function runRoute(
  route: Route | undefined,
  asked: Asked,
  methods: ReadonlyMap<Method, Route>,
  context: HttpContext,
): Promise<Response | undefined> {
  const { incoming, outgoing } = asked.env;
  const query = route?.webSocket ? new URLSearchParams() : queryOf(incoming);
  const [any] = methods.values();
  // Whoever has no key is told nothing of what there is.
  if (!(route ?? any)?.open) context.gate.check(incoming, query);
  if (route === undefined) throw notAllowed(asked, methods);
  if (!isUtf8(pathOf(incoming))) {
    throw new UndertoneError('bad-request', { detail: 'its path is not percent-encoded UTF-8' });
  }
  const params = route.params === undefined ? {} : readParams(asked.req.param(), route.params);
  // Whoever asks an open one for its health may add what it likes.
  const values = route.open ? {} : readQuery(query, route.query);
  const body = route.body === undefined ? {} : await readBody(incoming, route.body);
  const input = {
    params,
    query: values,
    body,
    by: () => nameOf(incoming, query, body),
    headers: incoming.headers,
    head: incoming.method === 'HEAD',
    incoming,
    outgoing,
  };
  // The schemas of this route have made what it takes.
  return route.run(input as Parameters<Route['run']>[0], context);
}

/** A file of the page, or nothing. */
async function answerElsewhere(asked: Asked, context: HttpContext): Promise<Response> {
  const { incoming } = asked.env;
  const { method = 'GET', headers } = incoming;
  const { page } = context;
  const path = pathOf(incoming);
  const readable = method === 'GET' || method === 'HEAD';
  const file = await page?.answer(path, {
    etags: headers['if-none-match'],
    encodings: headers['accept-encoding'],
  });
  if (file === undefined) {
    context.counts.answered.add('other none 404');
    return finished(refusal(new UndertoneError('not-found', { path: excerpt(shown(path)) }), context), context);
  }
  const response = readable ? file : refusal(notAllowed(asked, new Map([['GET', undefined]])), context);
  context.counts.answered.add(`${readable ? 'GET' : 'other'} page ${response.status}`);
  return finished(response, context);
}

function notAllowed(asked: Asked, methods: ReadonlyMap<Method, unknown>): UndertoneError & ErrorDetails {
  const { incoming } = asked.env;
  const allowed = [...methods.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  const path = excerpt(shown(pathOf(incoming)));
  const error = new UndertoneError('method-not-allowed', { method: excerpt(incoming.method ?? ''), path });
  return Object.assign(error, { headers: { Allow: allowed.join(', ') } });
}

function refusal(thrown: unknown, { logger, onRejected }: HttpContext): Response {
  const error: UndertoneError & ErrorDetails = asUndertoneError(thrown);
  if (error.code === 'internal') logger.error({ err: error.cause }, 'a request failed');
  onRejected(error);
  return errorAnswer(error, error.headers);
}

/** A server that shuts down keeps no connection. */
function finished(response: Response, { draining }: HttpContext): Response {
  if (draining() && response !== RESPONSE_ALREADY_SENT) response.headers.set('Connection', 'close');
  return response;
}

/** As it was sent: a host of its own does not count, nor does the query. */
function pathOf({ url = '' }: IncomingMessage): string {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  return path.replace(/^https?:\/\/[^/]*/i, '') || '/';
}

function shown(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
