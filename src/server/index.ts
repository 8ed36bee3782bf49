export { type KeptFileKind, keptFile } from './http/index.ts';
export { DEFAULT_LIMITS, type ServerLimits } from './limits.ts';
export type { Logger } from './log.ts';
export { analysisLimits, DEFAULT_HOST, DEFAULT_PORT, type ServerOptions } from './options.ts';
export { recordingKeys } from './recordings/index.ts';
export { type RunningServer, startServer } from './server.ts';
export type { AudioSocketOptions, TelephonyOptions } from './telephony/options.ts';
export { signAudiohookRequest, twilioSignature } from './telephony-auth/index.ts';
export { parseEndpoints, readEndpoints, type WebhookEndpoint } from './webhooks/index.ts';
