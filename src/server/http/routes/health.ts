import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { answer, json } from '../answer.ts';
import { NOT_READY_REASONS } from '../readiness.ts';
import { route } from '../route.ts';

const health = z.object({ status: z.enum(['ok', 'draining']) }).meta({ id: 'Health' });
const readiness = z
  .object({ status: z.enum(['ready', 'not-ready']), reasons: z.array(z.enum(NOT_READY_REASONS)) })
  .meta({ id: 'Readiness' });

const healthz = route({
  method: 'GET',
  path: '/healthz',
  summary: 'Whether the process is alive',
  open: true,
  answers: {
    200: { description: 'It is.', schema: health },
    503: { description: 'It shuts down.', schema: health },
  },
  run: (_, { draining }) => {
    const ending = draining();
    return json({ status: ending ? 'draining' : 'ok' }, ending ? 503 : 200);
  },
});

const readyz = route({
  method: 'GET',
  path: '/readyz',
  summary: 'Whether new streams are well placed here',
  description: 'Not while the server drains or is overloaded, nor while its model, its analysis or its store fails.',
  open: true,
  answers: {
    200: { description: 'They are.', schema: readiness },
    503: { description: 'They are not; the reasons say why.', schema: readiness },
  },
  run: (_, context) => {
    const ready = context.readiness();
    return json(ready, ready.status === 'ready' ? 200 : 503);
  },
});

const metrics = route({
  method: 'GET',
  path: '/metrics',
  summary: 'Metrics for Prometheus',
  description: 'No figure is of one call. docs/grafana.json is a dashboard of them.',
  answers: { 200: { description: 'The text format of Prometheus, version 0.0.4.', mediaTypes: ['text/plain'] } },
  run: async (_, { exposition }) => answer(200, await exposition.text(), { 'Content-Type': exposition.contentType }),
});

const DOCUMENT = new URL('../../../../docs/openapi.yaml', import.meta.url);

const openapi = route({
  method: 'GET',
  path: '/openapi.yaml',
  summary: 'This document',
  answers: { 200: { description: 'OpenAPI 3.1.', mediaTypes: ['application/yaml'] } },
  run: async () => answer(200, await readFile(DOCUMENT), { 'Content-Type': 'application/yaml; charset=utf-8' }),
});

export const healthRoutes = [healthz, readyz, metrics, openapi];
