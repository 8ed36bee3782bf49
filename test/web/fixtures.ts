import type {
  CallSummary,
  DeskSettings,
  FloorAlert,
  FloorCall,
  FloorLeg,
  LegSummary,
  ModelDescription,
} from '../../src/protocol/index.ts';

export const MODEL: ModelDescription = {
  name: 'speech-7',
  version: '1.0.0',
  hash: 'sha256:0011',
  labels: ['anger', 'disgust', 'fear', 'happiness', 'neutral', 'sadness', 'surprise'],
};

export function settings(more: Partial<DeskSettings> = {}): DeskSettings {
  return {
    version: '0.1.0',
    model: MODEL,
    models: ['speech-7', 'speech-4'],
    store: { kind: 'sqlite', failing: null, droppedEvents: 0 },
    retentionDays: 90,
    recording: true,
    keyRequired: false,
    policy: { analysedRoles: ['customer', 'employee', 'bot', 'unknown'], notice: 'Calls are analysed for emotion.' },
    ...more,
  };
}

export function floorLeg(more: Partial<FloorLeg> = {}): FloorLeg {
  return {
    streamId: 'stream-1',
    channel: 0,
    name: 'customer',
    role: 'customer',
    label: 'neutral',
    reason: null,
    score: 0.7,
    confidence: 0.78,
    arousal: 0.1,
    valence: 0.05,
    withheld: false,
    speaking: false,
    recent: Array.from({ length: 30 }, (_, n) => Math.round(100 * 0.3 * Math.sin(n / 4)) / 100),
    ...more,
  };
}

export function floorAlert(more: Partial<FloorAlert> = {}): FloorAlert {
  return {
    alertId: 'stream-1:17',
    rule: 'customer-anger',
    severity: 'high',
    sinceMs: 41_000,
    takenBy: null,
    acknowledged: false,
    wrong: false,
    snoozedUntil: null,
    ...more,
  };
}

export function floorCall(callId: string, more: Partial<FloorCall> = {}): FloorCall {
  return {
    callId,
    startedAt: '2026-03-02T09:15:00.000Z',
    durationMs: 83_000,
    legs: [
      floorLeg({ streamId: callId }),
      floorLeg({ streamId: callId, channel: 1, name: 'agent', role: 'employee', valence: 0.2 }),
    ],
    alerts: [],
    urgency: 0.1,
    metadata: {},
    paused: false,
    ...more,
  };
}

export function legSummary(more: Partial<LegSummary> = {}): LegSummary {
  return {
    streamId: 'stream-1',
    channel: 0,
    name: 'customer',
    role: 'customer',
    speechMs: 40_000,
    turns: 12,
    shares: { anger: 0.2, neutral: 0.6, sadness: 0.2 },
    coverage: 0.8,
    arousal: 0.1,
    valence: -0.2,
    lowest: { valence: -0.6, startMs: 40_000 },
    ...more,
  };
}

export function callSummary(callId: string, more: Partial<CallSummary> = {}): CallSummary {
  return {
    callId,
    state: 'ended',
    startedAt: '2026-03-02T09:15:00.000Z',
    endedAt: '2026-03-02T09:19:12.000Z',
    durationMs: 252_000,
    legs: [
      legSummary({ streamId: callId }),
      legSummary({
        streamId: callId,
        channel: 1,
        name: 'agent',
        role: 'employee',
        shares: { neutral: 1 },
        lowest: null,
      }),
    ],
    alerts: { raised: 0, open: 0, highest: null, rules: [] },
    metadata: {},
    recorded: false,
    missingEvents: 0,
    ...more,
  };
}
