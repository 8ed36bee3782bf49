import { io } from 'socket.io-client';
import { type SocketIoOptions, socketIoTransport } from './socket-io-transport.ts';
import type { OpenTransport } from './transport.ts';

export type { SocketIoOptions } from './socket-io-transport.ts';

/**
 * The transport over Socket.IO with `socket.io-client` built in, for pages: `connect(url, { transport: socketIo() })`.
 *
 * @example
 * import { connect } from 'undertone/client';
 * import { socketIo } from 'undertone/client/socket.io';
 * const connection = connect('wss://voice.example.com', { apiKey, transport: socketIo() });
 */
export const socketIo = (options: SocketIoOptions = {}): OpenTransport => socketIoTransport(io, options);
