import type { Emotion } from '../../../emotions.ts';
import type { ServerEvent, TimelineLeg, TimelinePoint, TimelinePoints, WindowEvent } from '../../../protocol/index.ts';
import type { KeptTimeline } from '../../../store/index.ts';
import { callTimeline } from './call-timeline.ts';

/** What a page draws of a call that is not in the store. */
export function pointsOf(kept: readonly KeptTimeline[]): TimelinePoints {
  const labels = kept[0]?.stream.model.labels ?? [];
  const legs: (TimelineLeg & { readonly points: TimelinePoint[]; readonly turns: TimelineLeg['turns'][number][] })[] =
    kept.flatMap(({ stream }) =>
      stream.channels.map(({ name, role }, channel) => ({
        streamId: stream.streamId,
        channel,
        channelName: name,
        role,
        points: [],
        turns: [],
      })),
    );
  let durationMs = 0;
  const take = (event: ServerEvent): void => {
    if (event.type === 'window') {
      legs[event.channel]?.points.push(pointOf(event, labels));
      durationMs = Math.max(durationMs, event.endMs);
    } else if (event.type === 'turn') {
      const { startMs, endMs, label } = event;
      legs[event.channel]?.turns.push({ startMs, endMs, label });
    } else if (event.type === 'ended') {
      durationMs = Math.max(durationMs, event.durationMs);
    }
  };
  for (const event of callTimeline(kept)?.events ?? []) take(event);
  return { callId: kept[0]?.stream.callId ?? '', durationMs, labels, legs };
}

function pointOf(event: WindowEvent, labels: readonly Emotion[]): TimelinePoint {
  const { endMs, label, reason, score, confidence, probabilities, arousal, valence, speechRatio, quality, added } =
    event;
  return {
    endMs,
    label,
    ...(reason !== undefined && { reason }),
    score,
    confidence,
    probabilities: labels.map((name) => Math.round((probabilities[name] ?? 0) * 1_000) / 1_000),
    arousal,
    valence,
    speechRatio,
    levelDb: quality.levelDb,
    pitchSemitones: added.pitchSemitones,
  };
}
