export {
  type EndpointsFileOptions,
  type ParsedEndpoints,
  parseEndpoints,
  readEndpoints,
} from './endpoints-file.ts';
export type { EndedCallNews, LegNews } from './messages.ts';
export type { ResolvedAddress, ResolveHost } from './resolve.ts';
export {
  type DeliveryStore,
  type EndpointStatus,
  WEBHOOK_PARTS,
  WEBHOOK_TYPES,
  type WebhookEndpoint,
  type WebhookPart,
  type Webhooks,
  type WebhooksOptions,
  type WebhooksStatus,
  type WebhookType,
} from './types.ts';
export { openWebhooks } from './webhooks.ts';
