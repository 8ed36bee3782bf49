import { LiveStream } from './live-stream.ts';
import { LiveSubscription } from './live-subscription.ts';
import { type ConnectOptions, type StreamRequest, type SubscribeRequest, settle } from './options.ts';

/** A server that streams and subscriptions are opened with; each has a socket of its own. */
export interface Connection {
  /** Resolves when the server has accepted the stream. @throws UndertoneError `connection-failed`, or the server's answer */
  stream(request: StreamRequest): Promise<LiveStream>;
  /** The events of one stream, or of all with `*`. It connects by itself; errors come over it, or over `ready`. */
  subscribe(streamId: string, request?: SubscribeRequest): LiveSubscription;
  /** Closes everything that was opened over it. */
  close(): void;
}

/**
 * @param url of the server, `ws://` or `wss://`, without the path of an endpoint
 * @throws UndertoneError `usage` for a URL that is none
 * @example
 * const connection = connect('ws://127.0.0.1:8790', { apiKey: 'secret' });
 * const stream = await connection.stream({ format: { encoding: 'pcm_s16le', sampleRateHz: 16000, channels: 1 } });
 */
export function connect(url: string, options: ConnectOptions = {}): Connection {
  const settings = settle(url, options);
  const open = new Set<LiveStream | LiveSubscription>();
  const keep = <T extends LiveStream | LiveSubscription>(opened: T): T => {
    open.add(opened);
    opened.done.then(() => open.delete(opened));
    return opened;
  };
  return {
    stream: async (request) => keep(await LiveStream.open(settings, request)),
    subscribe: (streamId, request = {}) => keep(new LiveSubscription(settings, streamId, request)),
    close: () => {
      for (const each of open) each.close();
    },
  };
}
