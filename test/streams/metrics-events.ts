import type { Emotion } from '../../src/emotions.ts';
import type { ChannelDescription, EndedEvent, StreamStatusEvent, TurnEvent } from '../../src/protocol/index.ts';
import type { MeteredWindow } from '../../src/streams/metrics/index.ts';

/** Events of a made-up call of two sides, for what is fed with a timeline. */
export const CHANNELS: readonly ChannelDescription[] = [
  { name: 'caller', role: 'customer' },
  { name: 'agent', role: 'employee' },
];

const place = (channel: number) => ({
  streamId: 's',
  cursor: 0,
  channel,
  channelName: CHANNELS[channel]!.name,
  role: CHANNELS[channel]!.role,
});

/** A window of 3 s, or from the start, that ends at `endMs`. A probability given makes the label's score. */
export function windowAt(
  channel: number,
  endMs: number,
  label: Emotion | 'unknown' = 'neutral',
  change: Partial<MeteredWindow> = {},
): MeteredWindow {
  const probabilities = label === 'unknown' ? { neutral: 1 } : { [label]: 1 };
  return {
    type: 'window',
    ...place(channel),
    seq: endMs / 500 - 1,
    startMs: Math.max(0, endMs - 3000),
    endMs,
    label,
    ...(label === 'unknown' && { reason: 'silence' }),
    score: 1,
    confidence: 1,
    probabilities,
    raw: probabilities,
    arousal: 0,
    valence: 0,
    speechRatio: label === 'unknown' ? 0 : 1,
    quality: { levelDb: -20, clippedRatio: 0 },
    latencyMs: 0,
    ...change,
  };
}

export function turnAt(channel: number, startMs: number, endMs: number): TurnEvent {
  return { type: 'turn', ...place(channel), startMs, endMs, label: 'neutral', arousal: 0, valence: 0 };
}

export function gapAt(startMs: number, endMs: number): StreamStatusEvent {
  return { type: 'status', streamId: 's', cursor: 0, code: 'gap', message: 'No audio.', startMs, endMs };
}

export function endAt(durationMs: number): EndedEvent {
  return { type: 'ended', streamId: 's', cursor: 0, reason: 'stop', durationMs, channels: [] };
}
