import { UndertoneError } from '../errors.ts';
import type { AnalysisRequest, ChannelRequest, Metadata, WireFormat } from '../protocol/index.ts';
import { lazySocketIoTransport } from './socket-io-transport.ts';
import { type OpenTransport, openTransport } from './transport.ts';

export interface ConnectOptions {
  readonly apiKey?: string;
  /** Default 10,000. */
  readonly connectTimeoutMs?: number;
  /**
   * After a lost connection try for so long to go on where it stopped; 0: fail at once. Default 15,000, as long as a server
   * keeps a stream.
   */
  readonly resumeMs?: number;
  /** Audio that may be on the way, unacknowledged, before `send` waits. Default 524,288, at least 131,072; over Socket.IO at most 1,048,576. */
  readonly windowBytes?: number;
  /** Audio that may wait in all when nobody waits for `send`; over it `send` refuses. Default 16,777,216. */
  readonly maxUnackedBytes?: number;
  /** Events that wait for the first listener, and in each iterator. Default 50,000. */
  readonly maxQueuedEvents?: number;
  /**
   * How sockets are opened: as WebSockets, or as Socket.IO where those do not get through, for which the package
   * `socket.io-client` has to be there. Or a transport of one's own: that of `undertone/client/socket.io` is for pages.
   */
  readonly transport?: 'websocket' | 'socket.io' | OpenTransport;
}

export interface StreamRequest {
  readonly format: WireFormat;
  /** Left out: chosen by the server. */
  readonly streamId?: string;
  /** Joins streams into one call. */
  readonly callId?: string;
  /** Names and roles, in the order of the channels. */
  readonly channels?: readonly ChannelRequest[];
  readonly analysis?: AnalysisRequest;
  readonly metadata?: Metadata;
}

export interface SubscribeRequest {
  /** The first cursor wanted, or `start`; left out: from now on. */
  readonly from?: number | 'start';
  /** Whether to wait for a stream that is not there yet; default true. */
  readonly wait?: boolean;
}

export interface ClientSettings extends Required<Omit<ConnectOptions, 'apiKey' | 'transport'>> {
  readonly transport: OpenTransport;
  readonly apiKey: string | undefined;
  /** Without a path of its own and without a slash at its end. */
  readonly base: string;
}

/** A server acknowledges every 65,536 bytes at least: a smaller window would wait for what never comes. */
const MIN_WINDOW_BYTES = 131_072;

/** @throws UndertoneError `usage` for a URL that is none */
export function settle(url: string, options: ConnectOptions): ClientSettings {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const protocol = parsed?.protocol.replace(/^http/, 'ws');
  if (parsed === undefined || (protocol !== 'ws:' && protocol !== 'wss:')) {
    throw new UndertoneError('usage', { detail: 'The URL of a server begins with ws:// or wss://.' });
  }
  return {
    base: `${protocol}//${parsed.host}${parsed.pathname.replace(/\/+$/, '')}`,
    apiKey: options.apiKey || undefined,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    resumeMs: options.resumeMs ?? 15_000,
    windowBytes: Math.max(MIN_WINDOW_BYTES, options.windowBytes ?? 524_288),
    maxUnackedBytes: options.maxUnackedBytes ?? 16_777_216,
    maxQueuedEvents: options.maxQueuedEvents ?? 50_000,
    transport: transportOf(options.transport),
  };
}

function transportOf(wanted: ConnectOptions['transport'] = 'websocket'): OpenTransport {
  switch (wanted) {
    case 'websocket':
      return openTransport;
    case 'socket.io':
      return lazySocketIoTransport;
    default:
      return wanted;
  }
}
