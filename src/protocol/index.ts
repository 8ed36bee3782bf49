export * from './alert-change.ts';
export { type HandledState, handledState } from './alert-handling.ts';
export { type AnalysisRequest, resolveAnalysis } from './analysis.ts';
export type * from './call-metrics.ts';
export * from './desk.ts';
export type {
  Dialect,
  DialectAction,
  DialectSession,
  DialectStart,
  FirstMessage,
  Handshake,
} from './dialect.ts';
export {
  auto as autoDialect,
  type DialectSimulator,
  detect as detectDialect,
  dialects,
  type SimulatedHandshake,
  simulators as dialectSimulators,
  type TimedMessage,
  unauthorizedAudiohook,
} from './dialects/index.ts';
export { encodeEvent } from './encode.ts';
export * from './events.ts';
export { type ChannelRequest, checkFormat, nameChannels } from './format.ts';
export * from './limits.ts';
export type {
  ClientMessage,
  ClientRequest,
  MarkMessage,
  Metadata,
  StartMessage,
  StartRequest,
  StopMessage,
} from './messages.ts';
export { parseClientMessage } from './parse-client.ts';
export { parseServerEvent } from './parse-server.ts';
export { excerpt, isPrintableId, isPrintableName } from './printable.ts';
export { sentence as issueSentence } from './sentence.ts';
export * from './socket-io.ts';
