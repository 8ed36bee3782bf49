import type { IncomingMessage } from 'node:http';
import { UndertoneError } from '../../errors.ts';
import {
  autoDialect,
  type Dialect,
  type DialectSession,
  dialects,
  excerpt,
  type Handshake,
  unauthorizedAudiohook,
} from '../../protocol/index.ts';
import { AUDIOHOOK_FAILURE_DELAY_MS, dialledUrl, type PublicUrlOptions } from '../telephony-auth/index.ts';
import type { TelephonyGate } from './telephony-gate.ts';

const DIALECT_PATH = /^\/v1\/telephony(?:\/([\w-]+))?\/?$/;
/** Platforms that speak no WebSocket. */
const NO_WEBSOCKET: readonly string[] = ['audiosocket'];

/** Whether a path is an endpoint of telephony. */
export const isTelephonyPath = (path: string): boolean => dialectAt(path) !== undefined;

/** The dialect of a path; the one that finds out by itself where the path names none. */
export function dialectAt(path: string): Dialect | undefined {
  const match = DIALECT_PATH.exec(path);
  if (match === null) return undefined;
  const [, wanted] = match;
  if (wanted === undefined) return autoDialect;
  return dialects.find((dialect) => dialect.name === wanted && !NO_WEBSOCKET.includes(wanted));
}

/** What a socket that is let in will be. */
export interface Accepted {
  readonly session: DialectSession;
  readonly dialect: string;
  /** Nothing is heard before so many ms have passed. */
  readonly holdMs: number;
}

/**
 * What the upgrade request of a platform asks for.
 *
 * @throws UndertoneError `not-found`, `unauthorized`, `origin-not-allowed`, `host-not-allowed`, and what the dialect says of the
 * URL: `invalid-query` and others
 */
export function acceptPlatform(
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
  gate: TelephonyGate,
  options: PublicUrlOptions,
): Accepted {
  const dialect = dialectAt(path);
  if (dialect === undefined) throw new UndertoneError('not-found', { path: excerpt(path) });
  const url = dialledUrl(
    {
      target: request.url ?? '',
      host: request.headers.host,
      encrypted: 'encrypted' in request.socket,
      headers: request.headers,
    },
    options,
  );
  const admission = gate.check({ request, query, url, dialect: dialect.name });
  const handshake = handshakeOf(request, url ?? `ws://localhost${path}?${query}`);
  if (admission === 'admitted') return { session: dialect.open(handshake), dialect: dialect.name, holdMs: 0 };
  const session = unauthorizedAudiohook.open(handshake);
  return { session, dialect: unauthorizedAudiohook.name, holdMs: AUDIOHOOK_FAILURE_DELAY_MS };
}

/** The subprotocol to answer with: the first that was offered of those that the dialect of the path speaks. */
export function subprotocolFor(offered: Iterable<string>, path: string): string | false {
  const known = dialectAt(path)?.subprotocols ?? [];
  for (const name of offered) if (known.includes(name)) return name;
  return false;
}

function handshakeOf(request: IncomingMessage, url: string): Handshake {
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    typeof value === 'object' ? value.join(', ') : value,
  ]);
  return {
    url: new URL(url),
    headers: Object.fromEntries(headers),
    subprotocols: (request.headers['sec-websocket-protocol'] ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  };
}
