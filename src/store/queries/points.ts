import { EMOTIONS, type Emotion } from '../../emotions.ts';
import type {
  Probabilities,
  TimelineEvent,
  TimelineLeg,
  TimelinePoint,
  TimelinePoints,
  WindowEvent,
} from '../../protocol/index.ts';
import { positionOf } from '../intake/call-meter.ts';
import type { KeptTimeline } from '../store.ts';

/** What the page draws of a call, in the call's time. */
export function pointsOf(callId: string, timelines: readonly KeptTimeline[]): TimelinePoints {
  const known = new Set(timelines.flatMap(({ stream }) => stream.model.labels));
  const labels = EMOTIONS.filter((emotion) => known.has(emotion));
  const legs: TimelineLeg[] = [];
  let durationMs = 0;
  for (const { stream, offsetMs, events } of timelines) {
    const drawn = stream.channels.map(() => ({ points: [] as TimelinePoint[], turns: [] as Turn[] }));
    for (const text of events) {
      const event: TimelineEvent = JSON.parse(text);
      durationMs = Math.max(durationMs, offsetMs + (positionOf(event) ?? 0));
      if (event.type === 'window') drawn[event.channel]?.points.push(pointOf(event, offsetMs, labels));
      if (event.type !== 'turn') continue;
      const { startMs, endMs, label } = event;
      drawn[event.channel]?.turns.push({ startMs: startMs + offsetMs, endMs: endMs + offsetMs, label });
    }
    for (const [channel, { points, turns }] of drawn.entries()) {
      const { name, role } = stream.channels[channel]!;
      legs.push({ streamId: stream.streamId, channel, channelName: name, role, points, turns });
    }
  }
  return { callId, durationMs, labels, legs };
}

type Turn = TimelineLeg['turns'][number];

function pointOf(window: WindowEvent, offsetMs: number, labels: readonly Emotion[]): TimelinePoint {
  const { label, reason, score, confidence, arousal, valence, speechRatio, quality, added } = window;
  return {
    endMs: window.endMs + offsetMs,
    label,
    ...(reason !== undefined && { reason }),
    score,
    confidence,
    probabilities: inOrder(window.probabilities, labels),
    arousal,
    valence,
    speechRatio,
    levelDb: quality.levelDb,
    pitchSemitones: added.pitchSemitones,
  };
}

const inOrder = (probabilities: Probabilities, labels: readonly Emotion[]): readonly number[] =>
  labels.map((label) => Math.round((probabilities[label] ?? 0) * 1000) / 1000);
