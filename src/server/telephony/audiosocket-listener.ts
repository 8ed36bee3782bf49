import { createServer, type Server, type Socket } from 'node:net';
import { dialects, type Handshake } from '../../protocol/index.ts';
import { listen } from '../listen.ts';
import type { AudioSocketOptions } from './options.ts';

/** A port that Asterisk's AudioSocket connects to. */
export interface AudioSocketListener {
  readonly port: number;
  /** Takes nothing new; resolves when the last connection has gone. */
  close(): Promise<void>;
}

type OnSocket = (socket: Socket, handshake: Handshake) => void;

export const audiosocket = dialects.find(({ name }) => name === 'audiosocket')!;

/**
 * All of them, or none.
 *
 * @throws UndertoneError `port-in-use`, `address-unavailable`, and `invalid-query` where the query is none of the dialect's
 */
export async function listenForAudioSockets(
  wanted: readonly AudioSocketOptions[],
  onSocket: OnSocket,
): Promise<readonly AudioSocketListener[]> {
  const listeners: AudioSocketListener[] = [];
  try {
    for (const options of wanted) listeners.push(await listenAt(options, onSocket));
  } catch (error) {
    for (const { close } of listeners) close();
    throw error;
  }
  return listeners;
}

async function listenAt(
  { port, host = '127.0.0.1', query = '' }: AudioSocketOptions,
  onSocket: OnSocket,
): Promise<AudioSocketListener> {
  // It is no WebSocket and has no request: this is what one would have been.
  const handshake: Handshake = { url: new URL(`tcp://localhost/audiosocket?${query}`), headers: {}, subprotocols: [] };
  // A query that is wrong is told now, not at the first call.
  audiosocket.open(handshake);
  const server: Server = createServer({ noDelay: true }, (socket) => onSocket(socket, handshake));
  const bound = await listen(server, host, port);
  return { port: bound, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
