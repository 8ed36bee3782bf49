import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { AudioFormat } from '../../../src/audio/index.ts';
import { featureSet } from '../../../src/features/index.ts';
import type { ServerEvent, StartRequest } from '../../../src/protocol/index.ts';
import type { RunningServer, ServerOptions } from '../../../src/server/index.ts';
import { openStore, type Store } from '../../../src/store/index.ts';
import { fakeManifest, LinearModel } from '../../streams/fake-model.ts';
import { audio, MONO, Peer, SHORT, start } from '../harness.ts';
import { misfits } from './specification.ts';

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bytes: Buffer;
  json<T = never>(): T;
}

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or a text as it is. */
  readonly body?: unknown;
  /** The answer is not held against docs/openapi.yaml: what was asked is no request that it describes. */
  readonly undescribed?: true;
}

/** One request over a connection of its own, as it stands: the path is sent as given. */
export function askPlain(base: string, method: string, path: string, asking: Asking = {}): Promise<Answered> {
  const { hostname, port } = new URL(base);
  const body = asking.body === undefined || typeof asking.body === 'string' ? asking.body : JSON.stringify(asking.body);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        hostname,
        port,
        path,
        method,
        agent: false,
        // Node does not say it of every method.
        headers: { ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }), ...asking.headers },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(parts);
          const text = bytes.toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: text,
            bytes,
            json: <T>() => JSON.parse(text) as T,
          });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** The same; the answer must be one that docs/openapi.yaml describes. */
export async function ask(base: string, method: string, path: string, asking: Asking = {}): Promise<Answered> {
  const answered = await askPlain(base, method, path, asking);
  if (asking.undescribed) return answered;
  const type = answered.headers['content-type'] ?? '';
  const wrong = misfits(method, path.split('?')[0] ?? '', { status: answered.status, type, body: answered.body });
  expect(wrong, `${method} ${path}: ${answered.body.slice(0, 500)}`).toEqual([]);
  return answered;
}

/** What stands at a raw socket after these bytes were sent, until the server closes it. */
export function rawly(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (part) => {
      text += part.toString();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

/** A server with a store of its own, and what asks it. */
export interface Desk {
  readonly server: RunningServer;
  readonly store: Store;
  readonly base: string;
  readonly folder: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  ask(method: string, path: string, asking?: Asking): Promise<Answered>;
  close(): Promise<void>;
}

export const AS_ANNA = { 'X-Undertone-By': 'Anna' };

/** The small linear model, sure of every window: what the tests say is speech-like, not speech. */
export const sureModel = (): LinearModel => {
  const manifest = fakeManifest(featureSet);
  return new LinearModel({ ...manifest, calibration: { ...manifest.calibration, minSpeechRatio: 0 } });
};

/** The real server on the real SQLite. */
export async function openDeskServer(options: Partial<ServerOptions> = {}): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-http-'));
  const store = await openStore(join(folder, 'calls.db'));
  const server = await start({ store, model: sureModel(), ...options });
  const base = httpOf(server);
  return {
    server,
    store,
    base,
    folder,
    get: (path, headers = {}) => ask(base, 'GET', path, { headers }),
    ask: (method, path, asking) => ask(base, method, path, asking),
    close: async () => {
      await server.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const httpOf = (server: RunningServer): string => server.url.replace('ws:', 'http:');

export const STEREO: AudioFormat = { ...MONO, channels: 2 };
export const SIDES = [
  { name: 'caller', role: 'customer' },
  { name: 'agent', role: 'employee' },
] as const;

/** A stream from its start to its end. */
export async function callOf(
  server: RunningServer,
  seconds: number,
  more: Partial<StartRequest> = {},
): Promise<readonly ServerEvent[]> {
  const format = more.format === undefined ? STEREO : (more.format as AudioFormat);
  const peer = await Peer.started(server, { format, channels: [...SIDES], analysis: SHORT, ...more });
  peer.send(audio(seconds, format));
  peer.json({ type: 'stop' });
  await peer.closed();
  return peer.events;
}

/** Asks again and again until the answer is what is waited for. */
export async function eventually<T>(read: () => Promise<T>, found: (value: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    const value = await read();
    if (found(value)) return value;
    if (tries > 500) throw new Error(`It did not come to that: ${JSON.stringify(value).slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
