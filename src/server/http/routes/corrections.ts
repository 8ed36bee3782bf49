import { randomUUID } from 'node:crypto';
import { UndertoneError } from '../../../errors.ts';
import { csvRow } from '../../../exports/index.ts';
import { type CallDetail, type Correction, excerpt } from '../../../protocol/index.ts';
import { withholdFromCorrections } from '../../desk/index.ts';
import { answer, json } from '../answer.ts';
import { settled, storeOf, unknownCall, withheldIn } from '../call-source.ts';
import type { HttpContext } from '../context.ts';
import { route } from '../route.ts';
import { callParams, correction, correctionParams, correctionRequest } from '../schemas/calls.ts';

const correct = route({
  method: 'POST',
  path: '/v1/calls/:callId/corrections',
  summary: 'Set the label of a stretch right',
  params: callParams,
  body: correctionRequest,
  named: true,
  answers: { 201: { description: 'It is kept.', schema: correction } },
  errors: ['unknown-call', 'no-store', 'store-unavailable'],
  run: async ({ params: { callId }, body: { by: _, ...request }, by }, context) => {
    const { store } = storeOf(context);
    const name = by();
    await settled(context, callId);
    const call = await store.summary(callId);
    if (call === undefined) throw unknownCall(callId);
    const leg = call.legs.find(({ streamId, channel }) => streamId === request.streamId && channel === request.channel);
    if (leg === undefined)
      throw new UndertoneError('invalid-body', { detail: 'streamId and channel are of no leg of this call' });
    if (withheldIn(context).includes(leg.role)) {
      throw new UndertoneError('invalid-body', {
        detail: `by policy emotions of the role ${leg.role} are not looked at`,
      });
    }
    const kept: Correction = { correctionId: randomUUID(), callId, ...request, by: name, at: new Date().toISOString() };
    await store.correct(kept);
    return json(kept, 201);
  },
});

const withdraw = route({
  method: 'DELETE',
  path: '/v1/corrections/:correctionId',
  summary: 'Take a correction back',
  params: correctionParams,
  named: true,
  answers: { 204: { description: 'It is gone.' } },
  errors: ['unknown-correction', 'no-store', 'store-unavailable'],
  run: async ({ params: { correctionId }, by }, context) => {
    const removed = await storeOf(context).store.removeCorrection(correctionId, by());
    if (!removed) throw new UndertoneError('unknown-correction', { correctionId: excerpt(correctionId) });
    return answer(204, null);
  },
});

const COLUMNS = ['path', 'start', 'end', 'label', 'speaker'];

const list = route({
  method: 'GET',
  path: '/v1/corrections.csv',
  summary: 'All corrections, to train with',
  description:
    'As undertone train reads it: path, start and end in seconds, label, speaker. The path of a leg is CALL/STREAM.CHANNEL.wav, each part percent-encoded; GET /v1/calls/CALL/audio?stream=STREAM&channel=CHANNEL is to be saved there.',
  answers: { 200: { description: 'The list.', mediaTypes: ['text/csv'] } },
  errors: ['no-store', 'store-unavailable'],
  run: async (_, context) => {
    const { store } = storeOf(context);
    const rows = [csvRow(COLUMNS)];
    for (const [callId, corrections] of byCall(await store.corrections())) {
      const call = await store.call(callId);
      if (call !== undefined) rows.push(...rowsOf(call, corrections, context));
    }
    return answer(200, rows.join(''), {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': 'attachment; filename="corrections.csv"',
    });
  },
});

function byCall(corrections: readonly Correction[]): ReadonlyMap<string, readonly Correction[]> {
  const calls = new Map<string, Correction[]>();
  for (const each of corrections) {
    const found = calls.get(each.callId);
    if (found === undefined) calls.set(each.callId, [each]);
    else found.push(each);
  }
  return calls;
}

/** Times are those of the leg's own recording. */
function rowsOf(call: CallDetail, corrections: readonly Correction[], context: HttpContext): string[] {
  return withholdFromCorrections(corrections, call.legs, withheldIn(context)).flatMap(
    ({ streamId, channel, startMs, endMs, label }) => {
      const offsetMs = call.streams.find((stream) => stream.streamId === streamId)?.offsetMs ?? 0;
      const seconds = (ms: number): string => (Math.max(0, ms - offsetMs) / 1_000).toFixed(3);
      const path = `${pathPart(call.callId)}/${pathPart(`${streamId}`)}.${channel}.wav`;
      if (endMs <= offsetMs) return [];
      return [csvRow([path, seconds(startMs), seconds(endMs), label, `${pathPart(streamId)}.${channel}`])];
    },
  );
}

/** A name that any file system takes, and that is no step upwards. */
const pathPart = (id: string): string =>
  encodeURIComponent(id).replace(/[.*'()!~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

export const correctionRoutes = [correct, withdraw, list];
