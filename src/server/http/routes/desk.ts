import { asUndertoneError, type UndertoneError } from '../../../errors.ts';
import type { ErrorDetails } from '../answer.ts';
import { json } from '../answer.ts';
import { storeOf } from '../call-source.ts';
import { route } from '../route.ts';
import { alertParams, alertRequest, callAlert } from '../schemas/alerts.ts';
import {
  audit,
  auditQuery,
  rulesChange,
  rulesTest,
  rulesTestRequest,
  rulesText,
  settings,
  settingsChange,
} from '../schemas/desk.ts';

const handle = route({
  method: 'POST',
  path: '/v1/alerts/:alertId',
  summary: 'Do something about an alert',
  description: 'Acknowledge it, let it be quiet for a while, take or release it, mark it as wrong, or reopen it.',
  params: alertParams,
  body: alertRequest,
  named: true,
  answers: { 200: { description: 'The alert, with what was done with it.', schema: callAlert } },
  errors: ['unknown-alert', 'conflict', 'store-unavailable'],
  run: async ({ params: { alertId }, body: { by: _, ...request }, by }, { desk }) =>
    json(await desk.alerts.handle(alertId, { ...request, by: by() })),
});

const rules = route({
  method: 'GET',
  path: '/v1/rules',
  summary: 'The alert rules in force',
  answers: { 200: { description: 'Their text and its revision.', schema: rulesText } },
  run: (_, { desk }) => json(desk.rules.current),
});

const changeRules = route({
  method: 'PUT',
  path: '/v1/rules',
  summary: 'Replace the alert rules',
  description: 'At once, for calls that go on, too. With the revision of the rules that these were made from.',
  body: rulesChange,
  named: true,
  answers: { 200: { description: 'They are in force.', schema: rulesText } },
  errors: ['rules-invalid', 'conflict', 'file-unwritable', 'store-unavailable'],
  run: async ({ body: { text, revision }, by }, { desk }) => {
    try {
      return json(await desk.rules.put(text, revision, by()));
    } catch (thrown) {
      const error: UndertoneError & ErrorDetails = asUndertoneError(thrown);
      if (error.code !== 'rules-invalid') throw error;
      throw Object.assign(error, { details: { problems: desk.rules.problemsOf(text) } });
    }
  },
});

const testRules = route({
  method: 'POST',
  path: '/v1/rules/test',
  summary: 'Try alert rules on a kept call',
  body: rulesTestRequest,
  answers: { 200: { description: 'What is wrong with them, or when they would have fired.', schema: rulesTest } },
  errors: ['unknown-call', 'no-store', 'store-unavailable'],
  run: async ({ body: { text, callId } }, { desk }) => json(await desk.rules.test(text, callId)),
});

const readSettings = route({
  method: 'GET',
  path: '/v1/settings',
  summary: 'The settings of the server',
  answers: { 200: { description: 'What it was not started with is null.', schema: settings } },
  run: (_, { desk }) => json(desk.settings.get()),
});

const changeSettings = route({
  method: 'PUT',
  path: '/v1/settings',
  summary: 'Change settings',
  description: 'Whatever is given of them; the rest stays.',
  body: settingsChange,
  named: true,
  answers: { 200: { description: 'The settings now.', schema: settings } },
  errors: ['store-unavailable'],
  run: async ({ body: { by: _, ...change }, by }, { desk }) => json(await desk.settings.change(change, by())),
});

const readAudit = route({
  method: 'GET',
  path: '/v1/audit',
  summary: 'Who did what',
  query: auditQuery,
  answers: { 200: { description: 'Newest first.', schema: audit } },
  errors: ['no-store', 'store-unavailable'],
  run: async ({ query: { limit } }, context) => json({ entries: await storeOf(context).store.audit(limit) }),
});

export const deskRoutes = [handle, rules, changeRules, testRules, readSettings, changeSettings, readAudit];
