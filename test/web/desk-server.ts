import { mkdtempSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { buildWeb } from '../../scripts/build-web.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { errorTable } from '../../src/errors.ts';
import type { FloorCall, FloorChanges, FloorSnapshot } from '../../src/protocol/index.ts';
import { settings } from './fixtures.ts';

/** What the real server sends with the page. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' blob:",
  "worker-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface DeskRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Parsed JSON, or undefined. */
  readonly body: unknown;
  /** What the groups of the route's pattern matched, decoded. */
  readonly groups: readonly string[];
}

export type DeskAnswer =
  | { readonly status?: number; readonly json: unknown }
  | { readonly status?: number; readonly bytes: string | Uint8Array; readonly type: string }
  | { readonly error: ErrorCode; readonly more?: Record<string, unknown> }
  | { readonly hang: true };

type Handler = (request: DeskRequest) => DeskAnswer | Promise<DeskAnswer>;

interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly handler: Handler;
}

/** The page is built once for a test file. */
let built: Promise<string> | undefined;

export function builtPage(): Promise<string> {
  built ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'undertone-web-'));
    await buildWeb(resolve(import.meta.dirname, '../..'), folder);
    return folder;
  })();
  return built;
}

/** Removes what `builtPage` made. */
export async function forgetBuiltPage(): Promise<void> {
  if (built !== undefined) await rm(await built, { recursive: true, force: true });
  built = undefined;
}

/** A server of the desk's contract whose answers a test decides: the page's files, JSON routes and the floor's events. */
export class DeskServer {
  readonly url: string;
  /** Every request of an API route, in order. */
  readonly requests: DeskRequest[] = [];
  readonly #server: ReturnType<typeof createServer>;
  readonly #routes: Route[] = [];
  readonly #floors = new Set<ServerResponse>();
  readonly #calls = new Map<string, FloorCall>();
  readonly #apiKey: string | undefined;
  /** While it is false, the floor's events are refused as a server that starts would. */
  floorOpen = true;
  /** With what it is refused. */
  floorRefusal: ErrorCode = 'shutting-down';

  private constructor(server: ReturnType<typeof createServer>, apiKey: string | undefined) {
    this.#server = server;
    this.#apiKey = apiKey;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    this.on('GET', /^\/v1\/settings$/, () => ({ json: settings() }));
    this.on('GET', /^\/v1\/streams$/, () => ({ json: this.#snapshot() }));
  }

  static async start(options: { readonly apiKey?: string } = {}): Promise<DeskServer> {
    const folder = await builtPage();
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const desk = new DeskServer(server, options.apiKey);
    server.on('request', (request, response) => {
      desk.#answer(folder, request, response).catch((error: Error) => {
        response.writeHead(500).end(String(error.stack));
      });
    });
    return desk;
  }

  /** The latest handler of a route answers. */
  on(method: string, pattern: RegExp, handler: Handler): void {
    this.#routes.unshift({ method, pattern, handler });
  }

  /** How many pages follow the floor. */
  get watchers(): number {
    return this.#floors.size;
  }

  setFloor(calls: readonly FloorCall[]): void {
    this.#calls.clear();
    for (const call of calls) this.#calls.set(call.callId, call);
    for (const floor of this.#floors) send(floor, 'floor', this.#snapshot());
  }

  change(calls: readonly FloorCall[], gone: readonly string[] = []): void {
    for (const call of calls) this.#calls.set(call.callId, call);
    for (const callId of gone) this.#calls.delete(callId);
    const changes: FloorChanges = { at: new Date().toISOString(), calls, gone };
    for (const floor of this.#floors) send(floor, 'changes', changes);
  }

  /** Breaks the connections that follow the floor. */
  cutFloor(): void {
    for (const floor of this.#floors) floor.destroy();
    this.#floors.clear();
  }

  async close(): Promise<void> {
    this.cutFloor();
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  #snapshot(): FloorSnapshot {
    return { at: new Date().toISOString(), calls: [...this.#calls.values()] };
  }

  async #answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    if (!url.pathname.startsWith('/v1/')) {
      await answerFile(folder, url.pathname, response);
      return;
    }
    const method = request.method ?? 'GET';
    const text = await textOf(request);
    const asked = {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
    if (this.#apiKey !== undefined && request.headers.authorization !== `Bearer ${this.#apiKey}`) {
      answerError(response, 'unauthorized');
      return;
    }
    if (method === 'GET' && url.pathname === '/v1/floor') {
      this.requests.push({ ...asked, groups: [] });
      this.#follow(response);
      return;
    }
    for (const route of this.#routes) {
      const match = route.method === method ? route.pattern.exec(url.pathname) : null;
      if (match === null) continue;
      const known: DeskRequest = { ...asked, groups: match.slice(1).map(decodeURIComponent) };
      this.requests.push(known);
      answer(response, await route.handler(known));
      return;
    }
    this.requests.push({ ...asked, groups: [] });
    answerError(response, 'not-found');
  }

  #follow(response: ServerResponse): void {
    if (!this.floorOpen) {
      answerError(response, this.floorRefusal);
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.flushHeaders();
    this.#floors.add(response);
    response.on('close', () => this.#floors.delete(response));
    send(response, 'floor', this.#snapshot());
  }
}

const send = (response: ServerResponse, event: string, data: unknown): void => {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
};

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

async function answerFile(folder: string, path: string, response: ServerResponse): Promise<void> {
  const name = path === '/' ? 'index.html' : path.slice(1);
  const bytes = await readFile(join(folder, name)).catch(() => undefined);
  if (bytes === undefined) {
    answerError(response, 'not-found');
    return;
  }
  response.writeHead(200, {
    'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-cache',
  });
  response.end(bytes);
}

function answer(response: ServerResponse, what: DeskAnswer): void {
  if ('hang' in what) return;
  if ('error' in what) {
    answerError(response, what.error, what.more);
  } else if ('json' in what) {
    response.writeHead(what.status ?? 200, { 'Content-Type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(what.json));
  } else {
    response.writeHead(what.status ?? 200, { 'Content-Type': what.type }).end(what.bytes);
  }
}

function answerError(response: ServerResponse, code: ErrorCode, more: Record<string, unknown> = {}): void {
  const { http, text, retryable } = errorTable[code];
  response.writeHead(http, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify({ type: 'error', code, message: text, retryable, ...more }));
}
