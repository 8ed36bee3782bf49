import * as z from 'zod';
import { UndertoneError } from '../../../errors.ts';
import { WEBHOOK_TYPES, type Webhooks, type WebhooksStatus } from '../../webhooks/index.ts';
import { answer, json } from '../answer.ts';
import type { HttpContext } from '../context.ts';
import { route } from '../route.ts';
import { type Agrees, count, text, time } from '../schemas/common.ts';

const endpoint = z
  .object({
    name: z.string(),
    origin: z.string(),
    state: z.enum(['active', 'gone']),
    events: z.array(z.enum(WEBHOOK_TYPES)),
    waiting: count,
    inFlight: count,
    delivered: count,
    failures: count,
    dead: count,
    dropped: count,
    lastDeliveredAt: time.nullable(),
    lastError: z.string().nullable(),
    pausedUntil: time.nullable(),
  })
  .meta({ id: 'WebhookEndpoint', description: 'gone: it answered 410 and gets nothing until it is enabled.' });

const delivery = z
  .object({
    deliveryId: z.string(),
    endpoint: z.string(),
    callId: z.string().nullable(),
    createdAtMs: z.number(),
    attempts: count,
    nextAttemptAtMs: z.number().nullable(),
    lastError: z.string().nullable(),
  })
  .meta({ id: 'WebhookDelivery', description: 'A message that nobody took.' });

const webhooksStatus = z
  .object({
    endpoints: z.array(endpoint),
    waiting: count,
    dead: z.array(delivery),
    storeFailing: z.string().nullable(),
  })
  .meta({ id: 'Webhooks' });

const agreement: readonly [Agrees<typeof webhooksStatus, WebhooksStatus>] = [true];
void agreement;

function webhooksOf({ webhooks }: HttpContext): Webhooks {
  if (webhooks === undefined) throw new UndertoneError('no-webhooks');
  return webhooks;
}

const status = route({
  method: 'GET',
  path: '/v1/webhooks',
  summary: 'How the webhooks stand',
  answers: { 200: { description: 'Endpoints, and messages that nobody took.', schema: webhooksStatus } },
  errors: ['no-webhooks', 'store-unavailable'],
  run: async (_, context) => json(await webhooksOf(context).status()),
});

const replay = route({
  method: 'POST',
  path: '/v1/webhooks/dead/:deliveryId/replay',
  summary: 'Send a dead message again',
  params: z.object({ deliveryId: text(200) }),
  named: true,
  answers: { 204: { description: 'It waits for its next attempt.' } },
  errors: ['no-webhooks', 'not-found', 'webhook-disabled', 'store-unavailable'],
  run: async ({ params: { deliveryId }, by }, context) => {
    await webhooksOf(context).replay(deliveryId, by());
    return answer(204, null);
  },
});

const enable = route({
  method: 'POST',
  path: '/v1/webhooks/:name/enable',
  summary: 'Take an endpoint back that answered 410',
  params: z.object({ name: text(200) }),
  named: true,
  answers: { 204: { description: 'It gets messages again.' } },
  errors: ['no-webhooks', 'not-found', 'store-unavailable'],
  run: async ({ params: { name }, by }, context) => {
    await webhooksOf(context).enable(name, by());
    return answer(204, null);
  },
});

export const webhookRoutes = [status, replay, enable];
