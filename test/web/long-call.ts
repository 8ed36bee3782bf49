import type { Emotion } from '../../src/emotions.ts';
import type { CallDetail, TimelinePoint, TimelinePoints, WindowEvent } from '../../src/protocol/index.ts';
import { CallMeter } from '../../src/streams/index.ts';
import { callSummary, legSummary, MODEL } from './fixtures.ts';

/** A step of the analysis. */
export const STEP_MS = 500;

const SIDES = [
  { name: 'customer', role: 'customer' },
  { name: 'agent', role: 'employee' },
] as const;

/** What the model says of a side at a step: moods that last for a while, with silence between, the same every time. */
export function pointOf(side: number, step: number): TimelinePoint {
  const mood = Math.floor((step + 37 * side) / 29);
  const silent = mood % 4 === 3;
  const label: Emotion = MODEL.labels[(mood * 5 + side) % MODEL.labels.length]!;
  const probability = 0.55 + 0.3 * Math.sin(step / 17 + side) ** 2;
  return {
    endMs: (step + 1) * STEP_MS,
    label: silent ? 'unknown' : label,
    ...(silent && { reason: 'silence' as const }),
    score: probability,
    confidence: probability - 0.1,
    probabilities: MODEL.labels.map((each) =>
      each === label ? Math.round(1000 * probability) / 1000 : Math.round((1000 * (1 - probability)) / 6) / 1000,
    ),
    arousal: Math.round(100 * Math.sin(step / 40)) / 100,
    valence: Math.round(100 * Math.cos(step / 55 + side)) / 100,
    speechRatio: silent ? 0 : 0.8,
    levelDb: silent ? -70 : -22 - 6 * Math.sin(step / 9),
    pitchSemitones: silent ? null : 32 + 4 * Math.sin(step / 7),
  };
}

/** The same as the socket says it. */
export function windowOf(streamId: string, side: number, step: number, cursor: number, offsetMs = 0): WindowEvent {
  const { endMs, probabilities, levelDb, pitchSemitones, ...point } = pointOf(side, step);
  const { name, role } = SIDES[side]!;
  const byLabel = Object.fromEntries(MODEL.labels.map((label, at) => [label, probabilities[at]!]));
  return {
    type: 'window',
    streamId,
    cursor,
    channel: side,
    channelName: name,
    role,
    seq: step,
    startMs: Math.max(0, endMs - 3_000) - offsetMs,
    endMs: endMs - offsetMs,
    ...point,
    probabilities: byLabel,
    raw: byLabel,
    openTurn: null,
    added: { speechMs: 400, levelDb, pitchSemitones, syllables: 2 },
    quality: { levelDb, clippedRatio: 0 },
    latencyMs: 80,
  };
}

export interface LongCall {
  readonly detail: CallDetail;
  readonly points: TimelinePoints;
}

/** A call of two sides on one stream, with so many windows of each. */
export function longCall(callId: string, steps: number, more: Partial<CallDetail> = {}): LongCall {
  const durationMs = steps * STEP_MS;
  const meter = new CallMeter(SIDES);
  meter.next({ type: 'ended', durationMs, reason: 'stop', channels: [], streamId: callId, cursor: 0 });
  const summary = callSummary(callId, {
    durationMs,
    legs: SIDES.map((side, channel) => legSummary({ ...side, streamId: callId, channel })),
  });
  const streams: CallDetail['streams'] = [
    {
      streamId: callId,
      startedAt: summary.startedAt,
      offsetMs: 0,
      durationMs,
      endReason: more.state === 'live' ? null : 'stop',
      model: MODEL,
      analysis: { windowMs: 3_000, stepMs: STEP_MS, descriptors: [] },
      channels: SIDES,
    },
  ];
  return {
    detail: {
      ...summary,
      streams,
      metrics: meter.metrics(),
      allAlerts: [],
      marks: [],
      corrections: [],
      analyses: [],
      ...more,
    },
    points: {
      callId,
      durationMs,
      labels: MODEL.labels,
      legs: SIDES.map(({ name, role }, side) => ({
        streamId: callId,
        channel: side,
        channelName: name,
        role,
        points: Array.from({ length: steps }, (_, step) => pointOf(side, step)),
        turns: Array.from({ length: Math.floor(steps / 12) }, (_, n) => ({
          startMs: 6_000 * n + 2_500 * side,
          endMs: 6_000 * n + 2_500 * side + 3_400,
          label: 'neutral' as const,
        })),
      })),
    },
  };
}
