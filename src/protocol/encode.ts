import { EMOTIONS } from '../emotions.ts';
import type { AlertEvidence } from './alert-change.ts';
import type {
  AddedVoice,
  AlertEvent,
  ChannelPosition,
  ChannelSummary,
  ConnectionStatusEvent,
  EndedEvent,
  Probabilities,
  ServerEvent,
  StartedEvent,
  StreamStatusEvent,
  WindowEvent,
} from './events.ts';

/**
 * The only place where an event becomes bytes: fixed order of keys, numbers rounded by what they measure (ratios,
 * probabilities and the two dimensions to 4 decimals, semitones to 2, dB and latency to 1, positions to a microsecond, descriptors to 6
 * significant digits). What is undefined is left out.
 *
 * @throws RangeError for a number that is not finite: it never reaches a subscriber as `null`.
 */
export function encodeEvent(event: ServerEvent): string {
  return JSON.stringify(ordered(event));
}

function ordered(event: ServerEvent): object {
  switch (event.type) {
    case 'started':
      return started(event);
    case 'window':
      return window(event);
    case 'segment':
      return {
        ...head(event),
        ...position(event),
        ...span(event),
        label: event.label,
        meanScore: ratio(event.meanScore),
        windows: event.windows,
      };
    case 'turn':
      return {
        ...head(event),
        ...position(event),
        ...span(event),
        label: event.label,
        arousal: ratio(event.arousal),
        valence: ratio(event.valence),
      };
    case 'mark':
      return { ...head(event), name: event.name, atMs: ms(event.atMs) };
    case 'alert':
      return alert(event);
    case 'status':
      return status(event);
    case 'ack':
      return { type: 'ack', streamId: event.streamId, receivedSamples: event.receivedSamples };
    case 'ended':
      return ended(event);
    case 'error':
      return { type: 'error', code: event.code, message: event.message, retryable: event.retryable };
  }
}

function started(event: StartedEvent): object {
  const { analysis, model } = event;
  return {
    type: 'started',
    streamId: event.streamId,
    callId: event.callId,
    resume: { token: event.resume.token },
    receivedSamples: event.receivedSamples,
    receivedMarks: event.receivedMarks,
    analysis: { windowMs: analysis.windowMs, stepMs: analysis.stepMs, descriptors: analysis.descriptors },
    channels: event.channels.map(({ name, role }) => ({ name, role })),
    model: { name: model.name, version: model.version, hash: model.hash, labels: model.labels },
  };
}

function window(event: WindowEvent): object {
  const { quality } = event;
  return {
    ...head(event),
    ...position(event),
    seq: event.seq,
    ...span(event),
    label: event.label,
    reason: event.reason,
    score: ratio(event.score),
    confidence: ratio(event.confidence),
    probabilities: probabilities(event.probabilities),
    raw: probabilities(event.raw),
    arousal: ratio(event.arousal),
    valence: ratio(event.valence),
    speechRatio: ratio(event.speechRatio),
    openTurn: event.openTurn && span(event.openTurn),
    added: added(event.added),
    quality: { levelDb: tenth(quality.levelDb), clippedRatio: ratio(quality.clippedRatio) },
    descriptors: event.descriptors && descriptors(event.descriptors),
    latencyMs: tenth(event.latencyMs),
  };
}

function added({ speechMs, levelDb, pitchSemitones, syllables }: AddedVoice): object {
  return {
    speechMs: ms(speechMs),
    levelDb: levelDb === null ? null : tenth(levelDb),
    pitchSemitones: pitchSemitones === null ? null : hundredth(pitchSemitones),
    syllables,
  };
}

function alert(event: AlertEvent): object {
  const { rule, severity, state, atMs, sinceMs, cause } = event;
  return {
    ...head(event),
    rule,
    severity,
    state,
    atMs: ms(atMs),
    sinceMs: ms(sinceMs),
    cause,
    evidence: event.evidence.map(evidence),
  };
}

function evidence({ measure, comparison, threshold, value, holds, channel, channelName }: AlertEvidence): object {
  const amount = (of: AlertEvidence['value']): AlertEvidence['value'] => (typeof of === 'number' ? ratio(of) : of);
  return { measure, comparison, threshold: amount(threshold), value: amount(value), holds, channel, channelName };
}

function status(event: StreamStatusEvent | ConnectionStatusEvent): object {
  if (!('cursor' in event)) {
    const { streamId, code, message, oldestCursor } = event;
    return { type: 'status', streamId, code, message, oldestCursor };
  }
  return {
    ...head(event),
    code: event.code,
    message: event.message,
    channel: event.channel,
    startMs: event.startMs === undefined ? undefined : ms(event.startMs),
    endMs: event.endMs === undefined ? undefined : ms(event.endMs),
  };
}

function ended(event: EndedEvent): object {
  return {
    ...head(event),
    reason: event.reason,
    durationMs: ms(event.durationMs),
    channels: event.channels.map(summary),
  };
}

function summary(channel: ChannelSummary): object {
  return {
    ...position(channel),
    windows: channel.windows,
    speechMs: ms(channel.speechMs),
    turns: channel.turns,
    shares: probabilities(channel.shares),
    coverage: ratio(channel.coverage),
    arousal: ratio(channel.arousal),
    valence: ratio(channel.valence),
  };
}

const head = (event: { readonly type: string; readonly streamId: string; readonly cursor: number }): object => ({
  type: event.type,
  streamId: event.streamId,
  cursor: event.cursor,
});

const position = ({ channel, channelName, role }: ChannelPosition): object => ({ channel, channelName, role });

const span = (event: { readonly startMs: number; readonly endMs: number }): object => ({
  startMs: ms(event.startMs),
  endMs: ms(event.endMs),
});

function probabilities(values: Probabilities): object {
  const out: Record<string, number> = {};
  for (const emotion of EMOTIONS) {
    const value = values[emotion];
    if (value !== undefined) out[emotion] = ratio(value);
  }
  return out;
}

function descriptors(values: Readonly<Record<string, number | null>>): object {
  const entries = Object.entries(values).map(([name, value]) => [name, value === null ? null : significant(value)]);
  return Object.fromEntries(entries);
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`An event holds the number ${value}.`);
  return value;
}

/** `Math.round` leaves −0, which JSON writes as 0. */
const ratio = (value: number): number => Math.round(finite(value) * 10_000) / 10_000;
const hundredth = (value: number): number => Math.round(finite(value) * 100) / 100;
const tenth = (value: number): number => Math.round(finite(value) * 10) / 10;
const ms = (value: number): number => Math.round(finite(value) * 1_000) / 1_000;
const significant = (value: number): number => Number(finite(value).toPrecision(6));
