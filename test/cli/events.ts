import { EMOTIONS, type Emotion } from '../../src/emotions.ts';
import type { EndedEvent, Role, StartedEvent, TurnEvent, WindowEvent } from '../../src/protocol/index.ts';

/** A call of two channels, made up, for what turns events into text. */
export const started: StartedEvent = {
  type: 'started',
  streamId: 's',
  callId: 's',
  resume: { token: 't' },
  receivedSamples: 0,
  receivedMarks: 0,
  analysis: { windowMs: 3000, stepMs: 500, descriptors: [] },
  channels: [
    { name: 'customer', role: 'customer' },
    { name: 'agent', role: 'employee' },
  ],
  model: { name: 'made-up', version: '1.2.3', hash: '00', labels: EMOTIONS },
};

const place = (channel: number): { channel: number; channelName: string; role: Role } => ({
  channel,
  channelName: started.channels[channel]?.name ?? 'mixed',
  role: started.channels[channel]?.role ?? 'unknown',
});

export function windowOf(seq: number, label: Emotion | 'unknown', change: Partial<WindowEvent> = {}): WindowEvent {
  const others = EMOTIONS.filter((emotion) => emotion !== label);
  const probabilities = Object.fromEntries([
    ...others.map((emotion) => [emotion, 0.4 / others.length]),
    ...(label === 'unknown' ? [] : [[label, 0.6]]),
  ]) as Record<Emotion, number>;
  const endMs = (seq + 1) * 500;
  return {
    type: 'window',
    streamId: 's',
    cursor: seq,
    ...place(0),
    seq,
    startMs: Math.max(0, endMs - 3000),
    endMs,
    label,
    ...(label === 'unknown' && { reason: 'silence' }),
    score: 0.6,
    confidence: 0.55,
    probabilities,
    raw: probabilities,
    arousal: 0.25,
    valence: -0.125,
    speechRatio: label === 'unknown' ? 0 : 0.75,
    openTurn: null,
    added: { speechMs: 375, levelDb: -21.5, pitchSemitones: 33.25, syllables: 2 },
    quality: { levelDb: -23.5, clippedRatio: 0 },
    latencyMs: 1.5,
    ...change,
  };
}

export function turnOf(startMs: number, endMs: number, channel = 0): TurnEvent {
  return {
    type: 'turn',
    streamId: 's',
    cursor: 0,
    ...place(channel),
    startMs,
    endMs,
    label: 'neutral',
    arousal: 0,
    valence: 0,
  };
}

export function endedAt(durationMs: number, reason: EndedEvent['reason'] = 'stop'): EndedEvent {
  const summary = { windows: 4, speechMs: 1500, turns: 1, arousal: 0, valence: 0 };
  return {
    type: 'ended',
    streamId: 's',
    cursor: 9,
    reason,
    durationMs,
    channels: [
      { ...place(0), ...summary, shares: { anger: 0.75, neutral: 0.25 }, coverage: 0.5 },
      { ...place(1), ...summary, shares: {}, coverage: 0 },
    ],
  };
}
