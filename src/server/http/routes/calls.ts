import type { ErasedCalls } from '../../../store/index.ts';
import { withholdFromDetail, withholdFromPage } from '../../desk/index.ts';
import { json } from '../answer.ts';
import { FLUSH_MS, settled, storeOf, unknownCall, withheldIn } from '../call-source.ts';
import type { HttpContext } from '../context.ts';
import { route } from '../route.ts';
import {
  callDetail,
  callerQuery,
  callFilter,
  callPage,
  callParams,
  dayHeat,
  dayQuery,
  erased,
} from '../schemas/calls.ts';

const list = route({
  method: 'GET',
  path: '/v1/calls',
  summary: 'Find calls',
  description: 'Every condition must hold. Of repeated emotion or alert, one of them.',
  query: callFilter,
  answers: { 200: { description: 'A page of them, newest first.', schema: callPage } },
  errors: ['no-store', 'store-unavailable'],
  run: async ({ query }, context) => {
    const page = await storeOf(context).store.calls(query);
    return json(withholdFromPage(page, withheldIn(context), query));
  },
});

const detail = route({
  method: 'GET',
  path: '/v1/calls/:callId',
  summary: 'All that is known of a call',
  params: callParams,
  answers: { 200: { description: 'The call.', schema: callDetail } },
  errors: ['unknown-call', 'no-store', 'store-unavailable'],
  run: async ({ params: { callId } }, context) => {
    const { store } = storeOf(context);
    await settled(context, callId);
    const call = await store.call(callId);
    if (call === undefined) throw unknownCall(callId);
    return json(withholdFromDetail(call, withheldIn(context)));
  },
});

const erase = route({
  method: 'DELETE',
  path: '/v1/calls/:callId',
  summary: 'Erase a call',
  description:
    'Its timeline, its alerts, its corrections and its recording, for good. Of a call that goes on nothing more is kept.',
  params: callParams,
  named: true,
  answers: { 200: { description: 'It is erased.', schema: erased } },
  errors: ['unknown-call', 'no-store', 'store-unavailable'],
  run: async ({ params: { callId }, by }, context) => {
    const { store } = storeOf(context);
    const name = by();
    await settled(context, callId);
    const gone = await store.eraseCall(callId, name);
    if (gone.callIds.length === 0) throw unknownCall(callId);
    return json({ erased: await forget(gone, context) });
  },
});

const eraseCaller = route({
  method: 'DELETE',
  path: '/v1/callers',
  summary: 'Erase all calls of a caller',
  description: 'Those whose metadata has the value at the key. The value is not in the audit log.',
  query: callerQuery,
  named: true,
  answers: { 200: { description: 'They are erased.', schema: erased } },
  errors: ['no-store', 'store-unavailable'],
  run: async ({ query: { key, value }, by }, context) => {
    const { store, writer } = storeOf(context);
    const name = by();
    await writer.flush(FLUSH_MS);
    const gone = await store.eraseCaller(key ?? context.callerKey, value, name);
    return json({ erased: await forget(gone, context) });
  },
});

const day = route({
  method: 'GET',
  path: '/v1/day',
  summary: 'A day by its hours',
  query: dayQuery,
  answers: { 200: { description: 'Calls, alerts and shares of emotions by hour.', schema: dayHeat } },
  errors: ['no-store', 'store-unavailable'],
  run: async ({ query: { date, utcOffsetMinutes } }, context) => {
    const { analysedRoles } = context.desk.settings.policy;
    return json(await storeOf(context).store.day(date, utcOffsetMinutes, analysedRoles));
  },
});

/** What the store has erased is forgotten everywhere else, too. */
async function forget(
  gone: ErasedCalls,
  { desk, registry, recordings, reanalysis, webhooks }: HttpContext,
): Promise<readonly string[]> {
  registry.forgetCalls(gone.callIds);
  desk.forget(gone.callIds);
  webhooks?.forget(gone.callIds);
  reanalysis?.forget(gone.callIds);
  await recordings?.erase(gone.recordings, gone.callIds);
  return gone.callIds;
}

export const callRoutes = [list, detail, erase, eraseCaller, day];
