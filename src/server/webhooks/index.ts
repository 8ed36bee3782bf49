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
