// The small build of zod: this file goes into pages.
import * as z from 'zod/mini';
import { EMOTIONS } from '../emotions.ts';
import { type ErrorCode, errorTable } from '../errors.ts';
import { ALERT_CLEAR_CAUSES, ALERT_COMPARISONS, ALERT_SEVERITIES } from './alert-change.ts';
import type * as events from './events.ts';
import { CONNECTION_STATUS_CODES, END_REASONS, ROLES, STREAM_STATUS_CODES, UNKNOWN_REASONS } from './events.ts';

const emotion = z.enum(EMOTIONS);
const label = z.enum([...EMOTIONS, 'unknown']);
const probabilities = z.partialRecord(emotion, z.number());
const numbered = { streamId: z.string(), cursor: z.int() };
const position = { channel: z.int(), channelName: z.string(), role: z.enum(ROLES) };
const span = { startMs: z.number(), endMs: z.number() };
const analysis = z.object({ windowMs: z.number(), stepMs: z.number(), descriptors: z.array(z.string()) });

const started = z.object({
  type: z.literal('started'),
  streamId: z.string(),
  callId: z.string(),
  resume: z.object({ token: z.string() }),
  receivedSamples: z.int(),
  receivedMarks: z.int(),
  analysis,
  channels: z.array(z.object({ name: z.string(), role: z.enum(ROLES) })),
  model: z.object({ name: z.string(), version: z.string(), hash: z.string(), labels: z.array(emotion) }),
});

const window = z.object({
  type: z.literal('window'),
  ...numbered,
  ...position,
  seq: z.int(),
  ...span,
  label,
  reason: z.exactOptional(z.enum(UNKNOWN_REASONS)),
  score: z.number(),
  confidence: z.number(),
  probabilities,
  raw: probabilities,
  arousal: z.number(),
  valence: z.number(),
  speechRatio: z.number(),
  openTurn: z.nullable(z.object(span)),
  added: z.object({
    speechMs: z.number(),
    levelDb: z.nullable(z.number()),
    pitchSemitones: z.nullable(z.number()),
    syllables: z.int(),
  }),
  quality: z.object({ levelDb: z.number(), clippedRatio: z.number() }),
  descriptors: z.exactOptional(z.record(z.string(), z.nullable(z.number()))),
  latencyMs: z.number(),
});

const segment = z.object({
  type: z.literal('segment'),
  ...numbered,
  ...position,
  ...span,
  label,
  meanScore: z.number(),
  windows: z.int(),
});

const turn = z.object({
  type: z.literal('turn'),
  ...numbered,
  ...position,
  ...span,
  label,
  arousal: z.number(),
  valence: z.number(),
});

const mark = z.object({ type: z.literal('mark'), ...numbered, name: z.string(), atMs: z.number() });

const evidence = z.object({
  measure: z.string(),
  comparison: z.enum(ALERT_COMPARISONS),
  threshold: z.union([z.number(), label]),
  value: z.nullable(z.union([z.number(), label])),
  holds: z.nullable(z.boolean()),
  channel: z.exactOptional(z.int()),
  channelName: z.exactOptional(z.string()),
});

const alert = z.object({
  type: z.literal('alert'),
  ...numbered,
  rule: z.string(),
  severity: z.enum(ALERT_SEVERITIES),
  state: z.enum(['raised', 'cleared']),
  atMs: z.number(),
  sinceMs: z.number(),
  cause: z.exactOptional(z.enum(ALERT_CLEAR_CAUSES)),
  evidence: z.array(evidence),
});

const streamStatus = z.object({
  type: z.literal('status'),
  ...numbered,
  code: z.enum(STREAM_STATUS_CODES),
  message: z.string(),
  channel: z.exactOptional(z.int()),
  startMs: z.exactOptional(z.number()),
  endMs: z.exactOptional(z.number()),
});

const connectionStatus = z.object({
  type: z.literal('status'),
  code: z.enum(CONNECTION_STATUS_CODES),
  message: z.string(),
  streamId: z.exactOptional(z.string()),
  oldestCursor: z.exactOptional(z.int()),
});

const ack = z.object({ type: z.literal('ack'), streamId: z.string(), receivedSamples: z.int() });

const summary = z.object({
  ...position,
  windows: z.int(),
  speechMs: z.number(),
  turns: z.int(),
  shares: probabilities,
  coverage: z.number(),
  arousal: z.number(),
  valence: z.number(),
});

const ended = z.object({
  type: z.literal('ended'),
  ...numbered,
  reason: z.enum(END_REASONS),
  durationMs: z.number(),
  channels: z.array(summary),
});

const error = z.object({
  type: z.literal('error'),
  // A newer server may know more errors; their sentence is still worth having.
  code: z.catch(z.enum(Object.keys(errorTable) as ErrorCode[]), 'internal'),
  message: z.string(),
  retryable: z.boolean(),
});

/** Schema of every server event by its type. */
export const eventSchemas = {
  started,
  window,
  segment,
  turn,
  mark,
  alert,
  status: z.union([streamStatus, connectionStatus]),
  ack,
  ended,
  error,
};

// The interfaces of events.ts and the schemas say the same, or this does not compile.
type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** An interface that extends others, as one object type. */
type Flat<T> = T extends object ? { [K in keyof T]: Flat<T[K]> } : T;
type Agrees<S extends z.ZodMiniType, T> = Same<Flat<DeepReadonly<z.output<S>>>, Flat<DeepReadonly<T>>>;
const agreement: readonly [
  Agrees<typeof started, events.StartedEvent>,
  Agrees<typeof window, events.WindowEvent>,
  Agrees<typeof segment, events.SegmentEvent>,
  Agrees<typeof turn, events.TurnEvent>,
  Agrees<typeof mark, events.MarkEvent>,
  Agrees<typeof alert, events.AlertEvent>,
  Agrees<typeof streamStatus, events.StreamStatusEvent>,
  Agrees<typeof connectionStatus, events.ConnectionStatusEvent>,
  Agrees<typeof ack, events.AckEvent>,
  Agrees<typeof ended, events.EndedEvent>,
  Agrees<typeof error, events.ErrorEvent>,
] = [true, true, true, true, true, true, true, true, true, true, true];
void agreement;
