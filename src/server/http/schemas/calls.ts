import * as z from 'zod';
import type {
  CallDetail,
  CallPage,
  CallSummary,
  Correction,
  DayHeat,
  KeptAnalysis,
  TimelinePoints,
} from '../../../protocol/index.ts';
import { callAlert } from './alerts.ts';
import {
  type Agrees,
  analysis,
  channelDescription,
  count,
  emotion,
  endReason,
  label,
  metadata,
  model,
  moment,
  ms,
  name,
  oneOf,
  probabilities,
  role,
  severity,
  share,
  text,
  time,
  unknownReason,
  whole,
} from './common.ts';
import { callMetrics } from './metrics.ts';

const figure = z.number().nullable();

export const callParams = z.object({ callId: name });

const leg = z
  .object({
    name: z.string(),
    role,
    streamId: z.string(),
    channel: count,
    withheld: z.literal(true).exactOptional(),
    speechMs: ms,
    turns: count,
    shares: probabilities,
    coverage: z.number(),
    arousal: figure,
    valence: figure,
    lowest: z.object({ valence: z.number(), startMs: ms }).nullable(),
  })
  .meta({ id: 'LegSummary', description: 'One channel of one stream of a call.' });

const summary = {
  callId: z.string(),
  state: z.enum(['live', 'ended', 'lost']),
  startedAt: time,
  endedAt: time.nullable(),
  durationMs: ms,
  legs: z.array(leg),
  alerts: z.object({ raised: count, open: count, highest: severity.nullable(), rules: z.array(z.string()) }),
  metadata,
  recorded: z.boolean(),
  missingEvents: count,
};

export const callSummary = z.object(summary).meta({ id: 'CallSummary' });

export const callPage = z
  .object({ calls: z.array(callSummary), next: z.string().nullable() })
  .meta({ id: 'CallPage', description: 'Newest first. `next` is the cursor of the next page, null on the last one.' });

const callStream = z
  .object({
    streamId: z.string(),
    startedAt: time,
    offsetMs: ms,
    durationMs: ms,
    endReason: endReason.nullable(),
    model,
    analysis,
    channels: z.array(channelDescription),
  })
  .meta({ id: 'CallStream' });

export const correction = z
  .object({
    correctionId: z.string(),
    callId: z.string(),
    streamId: z.string(),
    channel: count,
    startMs: ms,
    endMs: ms,
    label: emotion,
    by: z.string(),
    at: time,
  })
  .meta({ id: 'Correction', description: 'A label that a supervisor set right.' });

export const keptAnalysis = z
  .object({
    analysisId: z.string(),
    model,
    at: time,
    state: z.enum(['running', 'done', 'failed']),
    agreement: share.nullable(),
  })
  .meta({ id: 'KeptAnalysis', description: 'A recording that was analysed again with another model.' });

export const callDetail = z
  .object({
    ...summary,
    streams: z.array(callStream),
    metrics: callMetrics,
    allAlerts: z.array(callAlert),
    marks: z.array(z.object({ name: z.string(), atMs: ms })),
    corrections: z.array(correction),
    analyses: z.array(keptAnalysis),
  })
  .meta({ id: 'CallDetail' });

const point = z
  .object({
    endMs: ms,
    label,
    reason: unknownReason.exactOptional(),
    score: z.number(),
    confidence: z.number(),
    probabilities: z.array(z.number()),
    arousal: z.number(),
    valence: z.number(),
    speechRatio: z.number(),
    levelDb: z.number(),
    pitchSemitones: figure,
  })
  .meta({ id: 'TimelinePoint' });

export const timelinePoints = z
  .object({
    callId: z.string(),
    durationMs: ms,
    labels: z.array(emotion),
    legs: z.array(
      z.object({
        channel: count,
        channelName: z.string(),
        withheld: z.literal(true).exactOptional(),
        role,
        streamId: z.string(),
        points: z.array(point),
        turns: z.array(z.object({ startMs: ms, endMs: ms, label })),
      }),
    ),
  })
  .meta({ id: 'TimelinePoints', description: 'What a page draws of a call: a point a window.' });

/** `GET /v1/calls` */
export const callFilter = z.object({
  from: moment.exactOptional().meta({ description: 'Started at or after.' }),
  to: moment.exactOptional().meta({ description: 'Started before.' }),
  state: oneOf(['live', 'ended', 'lost']).exactOptional(),
  role: role.exactOptional().meta({ description: 'What is said of emotions holds for a leg of this role.' }),
  emotion: z
    .array(emotion, 'must be a list')
    .max(10, 'must be at most 10 emotions')
    .exactOptional()
    .meta({ description: 'A leg has one of these in at least minShare of its labelled windows.' }),
  minShare: z
    .number('must be a number from 0 to 1')
    .min(0, 'must be a number from 0 to 1')
    .max(1, 'must be a number from 0 to 1')
    .exactOptional()
    .meta({ description: 'Default 0.1.' }),
  alert: z
    .array(text(200), 'must be a list')
    .max(50, 'must be at most 50 rules')
    .exactOptional()
    .meta({ description: 'A rule of one of these names was raised; * any.' }),
  metadata: z
    .record(text(200), z.string().max(1_000, 'must be at most 1000 characters'))
    .exactOptional()
    .meta({ description: 'As metadata.KEY=VALUE: equal as text.' }),
  text: text(200)
    .exactOptional()
    .meta({ description: 'Is in the call id or in a value of its metadata, whatever its case.' }),
  limit: whole(1, 200).exactOptional().meta({ description: 'Default 50.' }),
  cursor: text(500).exactOptional().meta({ description: 'What next of the page before says.' }),
});

export const dayQuery = z.object({
  date: z.iso.date('must be a date such as 2026-01-31'),
  utcOffsetMinutes: whole(-1_440, 1_440).default(0),
});

export const dayHeat = z
  .object({
    date: z.string(),
    hours: z.array(z.object({ calls: count, alerts: count, shares: probabilities })).length(24),
  })
  .meta({ id: 'DayHeat' });

/** `POST /v1/calls/ID/corrections` */
export const correctionRequest = z
  .strictObject({
    streamId: name,
    channel: whole(0, 63),
    startMs: z.number('must be milliseconds').min(0, 'must not be negative').max(1e10, 'is beyond any call'),
    endMs: z.number('must be milliseconds').min(0, 'must not be negative').max(1e10, 'is beyond any call'),
    label: emotion,
    by: name.optional().meta({ description: 'Or in the header X-Undertone-By.' }),
  })
  .refine(({ startMs, endMs }) => endMs > startMs, { path: ['endMs'], message: 'must be later than startMs' });

export const correctionParams = z.object({ correctionId: name });

/** `POST /v1/calls/ID/analyses` */
export const analysisRequest = z.strictObject({
  model: text(200).meta({ description: 'One of models of GET /v1/settings.' }),
});

export const erased = z
  .object({ erased: z.array(z.string()) })
  .meta({ id: 'Erased', description: 'The ids of the calls that are no more.' });

/** `DELETE /v1/callers` */
export const callerQuery = z.object({
  key: text(200).exactOptional().meta({ description: 'Of the metadata; default: what the server was started with.' }),
  value: text(1_000),
});

export const waveform = z
  .object({
    durationMs: ms,
    legs: z.array(
      z.object({ streamId: z.string(), channel: count, peaks: z.array(z.tuple([z.number(), z.number()])) }),
    ),
  })
  .meta({ id: 'Waveform', description: 'Least and greatest sample of equal stretches, −1 to 1.' });

const agreement: readonly [
  Agrees<typeof callSummary, CallSummary>,
  Agrees<typeof callPage, CallPage>,
  Agrees<typeof callDetail, CallDetail>,
  Agrees<typeof timelinePoints, TimelinePoints>,
  Agrees<typeof dayHeat, DayHeat>,
  Agrees<typeof correction, Correction>,
  Agrees<typeof keptAnalysis, KeptAnalysis>,
] = [true, true, true, true, true, true, true];
void agreement;
