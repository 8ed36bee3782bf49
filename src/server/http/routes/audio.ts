import * as z from 'zod';
import { UndertoneError } from '../../../errors.ts';
import { excerpt } from '../../../protocol/index.ts';
import type { PlacedRecording, RecordedAudio, Recordings } from '../../recordings/index.ts';
import { answer, COMMON_HEADERS, json } from '../answer.ts';
import { settled, storeOf, unknownCall } from '../call-source.ts';
import type { HttpContext } from '../context.ts';
import { matches } from '../page.ts';
import { parseRange } from '../range.ts';
import { type RouteAnswer, type RouteInput, route } from '../route.ts';
import { analysisRequest, callParams, keptAnalysis, waveform } from '../schemas/calls.ts';
import { name, whole } from '../schemas/common.ts';
import { sendBytes } from '../send-bytes.ts';

const audioQuery = z.object({
  stream: name.exactOptional().meta({ description: 'One stream of the call alone, from its own start.' }),
  channel: whole(0, 63).exactOptional().meta({ description: 'Of that stream, one channel alone.' }),
});

const audio = route({
  method: 'GET',
  path: '/v1/calls/:callId/audio',
  summary: 'The recording of a call',
  description: 'WAV, PCM of 16 bits, a channel per side, in the call’s time; silence where audio is missing.',
  params: callParams,
  query: audioQuery,
  headers: { Range: 'One range of bytes.', 'If-None-Match': 'The tag of what is there already.' },
  answers: {
    200: { description: 'All of it.', mediaTypes: ['audio/wav'] },
    206: { description: 'The range that was asked for.', mediaTypes: ['audio/wav'] },
    304: { description: 'It is what is there already.' },
  },
  errors: [
    'unknown-call',
    'recording-missing',
    'recording-rates',
    'recording-key-unknown',
    'range-outside',
    'file-damaged',
    'no-recordings',
    'no-store',
    'store-unavailable',
  ],
  run: async (input, context) => {
    const { stream, channel } = input.query;
    if (channel !== undefined && stream === undefined) {
      throw new UndertoneError('invalid-query', { detail: 'channel needs the stream that it is of' });
    }
    const { recordings, files } = await recordingsOf(input.params.callId, context, stream);
    const opened = await recordings.audio(files.map((file) => (channel === undefined ? file : { ...file, channel })));
    try {
      return await sendAudio(input, opened, context);
    } finally {
      await opened.close();
    }
  },
});

const waveformQuery = z.object({ points: whole(1, 20_000).default(2_000) });

const waves = route({
  method: 'GET',
  path: '/v1/calls/:callId/waveform',
  summary: 'The shape of a recording',
  params: callParams,
  query: waveformQuery,
  answers: { 200: { description: 'Its peaks, per side.', schema: waveform } },
  errors: [
    'unknown-call',
    'recording-missing',
    'recording-key-unknown',
    'file-damaged',
    'no-recordings',
    'no-store',
    'store-unavailable',
  ],
  run: async ({ params: { callId }, query: { points } }, context) => {
    const { recordings, files } = await recordingsOf(callId, context);
    return json(await recordings.waveform(files, points));
  },
});

const analyse = route({
  method: 'POST',
  path: '/v1/calls/:callId/analyses',
  summary: 'Analyse a recording again with another model',
  params: callParams,
  body: analysisRequest,
  answers: { 202: { description: 'It runs; see analyses of the call.', schema: keptAnalysis } },
  errors: [
    'unknown-call',
    'unknown-model',
    'recording-missing',
    'analysis-busy',
    'no-recordings',
    'no-store',
    'store-unavailable',
  ],
  run: async ({ params: { callId }, body: { model } }, context) => {
    const { store } = storeOf(context);
    const { reanalysis, models } = context;
    if (reanalysis === undefined) throw new UndertoneError('no-recordings');
    const folder = models.get(model);
    if (folder === undefined) {
      throw new UndertoneError('unknown-model', {
        name: excerpt(model),
        known: [...models.keys()].join(', ') || 'none',
      });
    }
    if ((await store.summary(callId)) === undefined) throw unknownCall(callId);
    return json(await reanalysis.analyseAgain(callId, folder), 202);
  },
});

async function recordingsOf(
  callId: string,
  context: HttpContext,
  streamId?: string,
): Promise<{ readonly recordings: Recordings; readonly files: readonly PlacedRecording[] }> {
  const { store } = storeOf(context);
  const { recordings } = context;
  if (recordings === undefined) throw new UndertoneError('no-recordings');
  await settled(context, callId);
  const call = await store.call(callId);
  if (call === undefined) throw unknownCall(callId);
  const offsets = new Map(call.streams.map((stream) => [stream.streamId, stream.offsetMs]));
  const files = (await store.recordings(callId))
    .filter((file) => streamId === undefined || file.streamId === streamId)
    .map(({ streamId: of, file }) => ({
      streamId: of,
      file,
      offsetMs: streamId === undefined ? (offsets.get(of) ?? 0) : 0,
    }));
  if (files.length === 0) throw new UndertoneError('recording-missing');
  return { recordings, files };
}

async function sendAudio(
  { headers, head, outgoing }: Pick<RouteInput<never, never, never>, 'headers' | 'head' | 'outgoing'>,
  recorded: RecordedAudio,
  { logger }: HttpContext,
): Promise<RouteAnswer> {
  const { byteLength, etag, complete } = recorded;
  const common = {
    'Content-Type': 'audio/wav',
    'Accept-Ranges': 'bytes',
    ETag: etag,
    ...(!complete && { 'X-Undertone-Incomplete': 'true' }),
  };
  if (matches(headers['if-none-match'], etag)) return answer(304, null, common);
  // A range of what has changed since would not fit to what the reader has (RFC 9110, section 13.1.5).
  const ifRange = headers['if-range'];
  const range = ifRange !== undefined && ifRange !== etag ? undefined : parseRange(headers.range, byteLength);
  if (range === 'unsatisfiable') {
    throw Object.assign(new UndertoneError('range-outside', { bytes: byteLength }), {
      headers: { 'Content-Range': `bytes */${byteLength}` },
    });
  }
  const { start, end } = range ?? { start: 0, end: byteLength };
  const sent = {
    ...COMMON_HEADERS,
    ...common,
    'Content-Length': String(end - start),
    ...(range !== undefined && { 'Content-Range': `bytes ${start}-${end - 1}/${byteLength}` }),
  };
  const status = range === undefined ? 200 : 206;
  if (head) return answer(status, null, sent);
  await sendBytes(outgoing, status, sent, recorded.read(start, end), (err) =>
    logger.error({ err }, 'a recording could not be sent'),
  );
  return undefined;
}

export const audioRoutes = [audio, waves, analyse];
