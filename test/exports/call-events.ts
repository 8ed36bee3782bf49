import { EMOTIONS, type Emotion } from '../../src/emotions.ts';
import type { ChannelDescription, ServerEvent, StartedEvent, WindowEvent } from '../../src/protocol/index.ts';
import { SegmentMerger } from '../../src/streams/segments.ts';

export interface MadeUp {
  readonly streamId?: string;
  readonly channels?: readonly ChannelDescription[];
  /** Per side, what each step of 500 ms holds. */
  readonly labels?: readonly (readonly (Emotion | 'unknown')[])[];
  readonly turns?: readonly (readonly [channel: number, startMs: number, endMs: number])[];
  readonly marks?: readonly (readonly [name: string, atMs: number])[];
  readonly alerts?: readonly (readonly [rule: string, state: 'raised' | 'cleared', atMs: number])[];
  readonly durationMs?: number;
}

const times = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value);

/** 6 s of a call: the caller gets angry and is calmed, the agent answers. */
export const CALL: Required<MadeUp> = {
  streamId: 'call-1',
  channels: [
    { name: 'caller', role: 'customer' },
    { name: 'agent', role: 'employee' },
  ],
  labels: [
    [
      ...times(2, 'neutral' as const),
      ...times(4, 'anger' as const),
      ...times(2, 'unknown' as const),
      ...times(4, 'sadness' as const),
    ],
    [...times(6, 'unknown' as const), ...times(6, 'happiness' as const)],
  ],
  turns: [
    [0, 250, 2900],
    [1, 3100, 4725.5],
    [0, 4400, 6000],
  ],
  marks: [['transfer', 3000]],
  alerts: [
    ['angry caller', 'raised', 2000],
    ['angry caller', 'cleared', 4000],
  ],
  durationMs: 6000,
};

/** The events of such a call as a server would send them, segments made by the pipeline's own merger. */
export function eventsOf(change: MadeUp = {}, live = false): ServerEvent[] {
  const call = { ...CALL, ...change };
  const { streamId } = call;
  let cursor = 0;
  const place = (channel: number) => {
    const { name, role } = call.channels[channel]!;
    return { streamId, cursor: cursor++, channel, channelName: name, role };
  };
  const started: StartedEvent = {
    type: 'started',
    streamId,
    callId: 'the call',
    resume: { token: 't' },
    receivedSamples: 0,
    receivedMarks: 0,
    analysis: { windowMs: 3000, stepMs: 500, descriptors: [] },
    channels: call.channels,
    model: { name: 'made-up', version: '1.0.0', hash: '00', labels: EMOTIONS },
  };
  const events: ServerEvent[] = [started];
  call.labels.forEach((labels, channel) => {
    const merger = new SegmentMerger();
    labels.forEach((label, seq) => {
      const endMs = (seq + 1) * 500;
      const segment = merger.push(label, 0.75, endMs);
      if (segment !== undefined) events.push({ type: 'segment', ...place(channel), ...segment });
      events.push(window(label, seq, endMs, place(channel)));
    });
    const last = live ? undefined : merger.end();
    if (last !== undefined) events.push({ type: 'segment', ...place(channel), ...last });
  });
  for (const [channel, startMs, endMs] of call.turns) {
    events.push({ type: 'turn', ...place(channel), startMs, endMs, label: 'neutral', arousal: 0, valence: 0 });
  }
  for (const [name, atMs] of call.marks) events.push({ type: 'mark', streamId, cursor: cursor++, name, atMs });
  for (const [rule, state, atMs] of call.alerts) {
    events.push({
      type: 'alert',
      streamId,
      cursor: cursor++,
      rule,
      severity: 'medium',
      state,
      atMs,
      sinceMs: atMs,
      evidence: [],
    });
  }
  if (!live) {
    const { durationMs } = call;
    events.push({ type: 'ended', streamId, cursor: cursor++, reason: 'stop', durationMs, channels: [] });
  }
  return events;
}

type Place = Pick<WindowEvent, 'streamId' | 'cursor' | 'channel' | 'channelName' | 'role'>;

function window(label: Emotion | 'unknown', seq: number, endMs: number, place: Place): WindowEvent {
  const top = label === 'unknown' ? 'neutral' : label;
  const probabilities = { [top]: 0.75, surprise: 0.25 };
  return {
    type: 'window',
    ...place,
    seq,
    startMs: Math.max(0, endMs - 3000),
    endMs,
    label,
    ...(label === 'unknown' && { reason: 'silence' }),
    score: 0.75,
    confidence: 0.6,
    probabilities,
    raw: probabilities,
    arousal: 0.5,
    valence: -0.4,
    speechRatio: label === 'unknown' ? 0 : 0.8,
    openTurn: null,
    added: { speechMs: 0, levelDb: null, pitchSemitones: null, syllables: 0 },
    quality: { levelDb: -23.5, clippedRatio: 0 },
    latencyMs: 0,
  };
}

/** Names that break careless writers. */
export const ODD_NAMES: readonly string[] = [
  'a "quoted" name',
  "it's, <b>bold</b> & so on",
  'two\nlines\r\nand\ttabs',
  '00:00:01.000 --> 00:00:02.000',
  '\n\n1\n00:00:01,000 --> 00:00:02,000\nfake',
  'NOTE x\n\nSTYLE',
  '',
  '   ',
  '名前 🎧 Ünï\u202ecode',
  'null\u0000bell\u0007del\u007f',
  'lone \ud800 surrogate',
  ']]>{\\an8}\\N<i>',
  ';; comment',
  '=1+1',
];
