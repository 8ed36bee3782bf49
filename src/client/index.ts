export { UndertoneError } from '../errors.ts';
export type * from '../protocol/index.ts';
export { type Connection, connect } from './connect.ts';
export type { LiveStream } from './live-stream.ts';
export type { LiveSubscription } from './live-subscription.ts';
export type { ConnectOptions, StreamRequest, SubscribeRequest } from './options.ts';
export type { OpenTransport } from './transport.ts';
