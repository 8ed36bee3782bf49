import { describe, expect, it } from 'vitest';
import { type AudioFormat, encodeSamples } from '../../../src/audio/index.ts';
import { exportCall, exportFormats, recordCall, reportHtml, reportJson } from '../../../src/exports/index.ts';
import { featureSet } from '../../../src/features/index.ts';
import {
  type CallAlert,
  type CallDetail,
  type CallFilter,
  type CallMetrics,
  type CallPage,
  type CallSummary,
  encodeEvent,
  type LegSummary,
  parseServerEvent,
  type Role,
  type TimelineEvent,
  type TimelinePoints,
} from '../../../src/protocol/index.ts';
import {
  withholdFromCorrections,
  withholdFromDetail,
  withholdFromEvents,
  withholdFromMetrics,
  withholdFromPage,
  withholdFromPoints,
  withholdFromSummary,
} from '../../../src/server/desk/index.ts';
import { CallMeter, createAnalyzer, readAlertRules } from '../../../src/streams/index.ts';
import { voice } from '../../streams/babble.ts';
import { fakeManifest, LinearModel } from '../../streams/fake-model.ts';

const FORMAT: AudioFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 2 };
const CHANNELS = [
  { name: 'caller', role: 'customer' },
  { name: 'agent', role: 'employee' },
] as const;
const WITHHELD: readonly Role[] = ['employee'];
const RULES = readAlertRules(`
rules:
  - { name: anyone loud, when: { measure: level, above: -80 } }
  - { name: agent sounds bad, when: { measure: valence, of: employee, below: 1 } }
  - { name: caller sounds bad, when: { measure: valence, of: customer, below: 1 } }
  - { name: agent talks, when: { measure: talk-ratio, of: employee, above: 0.01 } }
`);

/** How the agent sounded. */
interface Felt {
  readonly emotion: 'disgust' | 'fear';
  readonly probability: number;
  readonly arousal: number;
  readonly valence: number;
  readonly score: number;
}
const DISGUST: Felt = { emotion: 'disgust', probability: 0.4321, arousal: 0.7654, valence: -0.8765, score: 0.4567 };
const FEAR: Felt = { emotion: 'fear', probability: 0.2109, arousal: -0.3456, valence: 0.1234, score: 0.2987 };

/** The timeline of a call. */
function timelineOf(seconds: number): readonly TimelineEvent[] {
  const events: TimelineEvent[] = [];
  const stream = createAnalyzer({ model: new LinearModel(fakeManifest(featureSet)) }).open({
    streamId: 's',
    callId: 'c',
    format: FORMAT,
    channels: CHANNELS,
    analysis: { windowMs: 1000, stepMs: 200, descriptors: [] },
    rules: RULES,
  });
  stream.events.subscribe((event) => events.push(event));
  const length = seconds * FORMAT.sampleRateHz;
  stream.push(
    encodeSamples(
      FORMAT,
      [0, 1].map((channel) => voice(length, FORMAT.sampleRateHz, channel)),
    ),
  );
  stream.stop('stop');
  return events;
}

/**
 * The events of a call where the agent has sounded like that. Where they were afraid, they also were not sure at times, changed at
 * other places and raised nothing: none of that may show.
 */
function eventsWith(felt: Felt): readonly TimelineEvent[] {
  const afraid = felt === FEAR;
  const events = CALL.map((event) => sounding(event, felt));
  const segments = events.filter((event) => event.type === 'segment' && event.channel === 1);
  const kept = events.filter((event) => {
    if (!afraid) return true;
    if (event.type === 'alert') return event.rule !== 'agent sounds bad';
    return event.type !== 'segment' || event.channel === 0 || event === segments.at(-1);
  });
  const windows = segments.reduce((sum, event) => sum + (event.type === 'segment' ? event.windows : 0), 0);
  const whole = kept.map((event) =>
    afraid && event === segments.at(-1) && event.type === 'segment' ? { ...event, startMs: 0, windows } : event,
  );
  return whole.map((event, cursor) => ({ ...event, cursor }));
}

function sounding(event: TimelineEvent, felt: Felt): TimelineEvent {
  const { emotion: label, probability, arousal, valence, score } = felt;
  const shares = { [label]: probability, neutral: 1 - probability };
  switch (event.type) {
    case 'window': {
      if (event.channel === 0 || event.label === 'unknown') return event;
      const added = { ...event.added, levelDb: -30 * probability, syllables: felt === FEAR ? 3 : 1 };
      const figures = { score, confidence: score, probabilities: shares, raw: shares, arousal, valence, added };
      const unsure = felt === FEAR && event.seq % 3 === 0;
      return unsure
        ? { ...event, ...figures, label: 'unknown', reason: 'low-confidence' }
        : { ...event, ...figures, label };
    }
    case 'segment':
      return event.channel === 0 ? event : { ...event, label, meanScore: score };
    case 'turn':
      return event.channel === 0 ? event : { ...event, label, arousal, valence };
    case 'ended': {
      const channels = event.channels.map((channel) =>
        channel.channel === 0 ? channel : { ...channel, shares, arousal, valence, coverage: score },
      );
      return { ...event, channels };
    }
    case 'alert': {
      const evidence = event.evidence.map((one) =>
        one.channel === 1 && one.measure === 'valence' ? { ...one, value: valence } : one,
      );
      return { ...event, evidence };
    }
    default:
      return event;
  }
}

const CALL = timelineOf(40);

const metricsOf = (events: readonly TimelineEvent[]): CallMetrics => {
  const meter = new CallMeter(CHANNELS);
  for (const event of events) meter.next(event);
  return meter.metrics();
};

const alertsOf = (events: readonly TimelineEvent[]): CallAlert[] =>
  events.flatMap((event) => {
    if (event.type !== 'alert' || event.state !== 'raised') return [];
    const { rule, severity, atMs, sinceMs, evidence } = event;
    return {
      alertId: `s:${rule} ${atMs}`,
      callId: 'c',
      streamId: 's',
      rule,
      severity,
      atMs,
      sinceMs,
      evidence,
      raisedAt: '2030-01-01T10:00:00.000Z',
      clearedMs: null,
      handling: [],
      takenBy: null,
      acknowledged: false,
      wrong: false,
      snoozedUntil: null,
    };
  });

const CALLER: LegSummary = {
  name: 'caller',
  role: 'customer',
  streamId: 's',
  channel: 0,
  speechMs: 9000,
  turns: 3,
  shares: { anger: 0.3, neutral: 0.7 },
  coverage: 0.5,
  arousal: 0.1,
  valence: -0.2,
  lowest: { valence: -0.5, startMs: 1000 },
};

const summaryWith = ({ emotion, probability, arousal, valence, score }: Felt): CallSummary => ({
  callId: 'c',
  state: 'ended',
  startedAt: '2030-01-01T10:00:00.000Z',
  endedAt: '2030-01-01T10:01:00.000Z',
  durationMs: 40_000,
  legs: [
    CALLER,
    {
      name: 'agent',
      role: 'employee',
      streamId: 's',
      channel: 1,
      speechMs: 8000,
      turns: 4,
      shares: { [emotion]: probability },
      coverage: score,
      arousal,
      valence,
      lowest: { valence, startMs: 1000 * probability },
    },
  ],
  alerts: { raised: 1, open: 0, highest: 'medium', rules: ['anyone loud'] },
  metadata: {},
  recorded: false,
  missingEvents: 0,
});

function detailWith(felt: Felt): CallDetail {
  const events = eventsWith(felt);
  const allAlerts = alertsOf(events);
  const own = {
    correctionId: 'k2',
    callId: 'c',
    streamId: 's',
    channel: 0,
    startMs: 0,
    endMs: 1000,
    label: 'anger',
    by: 'Ada',
    at: '2030-01-01T10:00:00.000Z',
  } as const;
  return {
    ...summaryWith(felt),
    alerts: {
      raised: allAlerts.length,
      open: allAlerts.length,
      highest: 'medium',
      rules: [...new Set(allAlerts.map(({ rule }) => rule))],
    },
    streams: [],
    metrics: metricsOf(events),
    allAlerts,
    marks: [],
    corrections: [{ ...own, correctionId: 'k1', channel: 1, label: felt.emotion }, own],
    analyses: [],
  };
}

function pointsWith(felt: Felt): TimelinePoints {
  const events = eventsWith(felt);
  const legs = CHANNELS.map(({ name, role }, channel) => ({
    channel,
    channelName: name,
    role,
    streamId: 's',
    points: events.flatMap((event) => {
      if (event.type !== 'window' || event.channel !== channel) return [];
      const { endMs, label, reason, score, confidence, probabilities, arousal, valence, speechRatio, added } = event;
      return {
        endMs,
        label,
        ...(reason && { reason }),
        score,
        confidence,
        probabilities: [probabilities.disgust ?? 0, probabilities.fear ?? 0],
        arousal,
        valence,
        speechRatio,
        levelDb: event.quality.levelDb,
        pitchSemitones: added.pitchSemitones,
      };
    }),
    turns: events.flatMap((event) =>
      event.type === 'turn' && event.channel === channel
        ? { startMs: event.startMs, endMs: event.endMs, label: event.label }
        : [],
    ),
  }));
  return { callId: 'c', durationMs: 40_000, labels: ['disgust', 'fear'], legs };
}

const seenEvents = (felt: Felt): TimelineEvent[] =>
  withholdFromEvents(eventsWith(felt), CHANNELS, WITHHELD).map((event, cursor) => ({ ...event, cursor }));

const reportOf = (events: readonly TimelineEvent[], metrics: CallMetrics) => {
  const call = recordCall(events);
  return { call, metrics, alerts: call.alerts };
};
const openReport = (felt: Felt) => reportOf(eventsWith(felt), metricsOf(eventsWith(felt)));
const seenReport = (felt: Felt) =>
  reportOf(seenEvents(felt), withholdFromMetrics(metricsOf(eventsWith(felt)), WITHHELD));

const pageWith = (felt: Felt): CallPage => ({ calls: [summaryWith(felt)], next: null });
const FORMATS = Object.keys(exportFormats) as (keyof typeof exportFormats)[];

type Answer = (felt: Felt) => unknown;

describe('a policy that withholds the employee', () => {
  const detail = detailWith(DISGUST);
  const points = pointsWith(DISGUST);
  const events = eventsWith(DISGUST);
  const seen = seenEvents(DISGUST);

  it.each<[answer: string, open: Answer, withheld: Answer]>([
    ['GET /v1/calls', pageWith, (felt) => withholdFromPage(pageWith(felt), WITHHELD)],
    ['a summary', summaryWith, (felt) => withholdFromSummary(summaryWith(felt), WITHHELD)],
    ['GET /v1/calls/ID', detailWith, (felt) => withholdFromDetail(detailWith(felt), WITHHELD)],
    ['timeline?format=points', pointsWith, (felt) => withholdFromPoints(pointsWith(felt), WITHHELD)],
    ['metrics', (felt) => detailWith(felt).metrics, (felt) => withholdFromMetrics(detailWith(felt).metrics, WITHHELD)],
    [
      'corrections',
      (felt) => detailWith(felt).corrections,
      (felt) => withholdFromCorrections(detailWith(felt).corrections, summaryWith(felt).legs, WITHHELD),
    ],
    ['the events', eventsWith, seenEvents],
    ['the report as JSON', (felt) => reportJson(openReport(felt)), (felt) => reportJson(seenReport(felt))],
    ['the report as HTML', (felt) => reportHtml(openReport(felt)), (felt) => reportHtml(seenReport(felt))],
    // RTTM says who spoke when, and never how.
    ...FORMATS.filter((name) => name !== 'rttm').map((name): [string, Answer, Answer] => [
      `timeline?format=${name}`,
      (felt) => exportCall(recordCall(eventsWith(felt)), name),
      (felt) => exportCall(recordCall(seenEvents(felt)), name),
    ]),
  ])('shows the same in %s however they sounded', (_, open, withheld) => {
    expect(open(DISGUST)).not.toEqual(open(FEAR));
    expect(withheld(DISGUST)).toEqual(withheld(FEAR));
  });

  it('leaves the customer as they are', () => {
    expect(withholdFromPoints(points, WITHHELD).legs[0]).toBe(points.legs[0]);
    expect(withholdFromDetail(detail, WITHHELD).legs[0]).toBe(CALLER);
    const ofCaller = (all: readonly TimelineEvent[]) =>
      all.flatMap((event) => ('channel' in event && event.channel === 0 ? { ...event, cursor: 0 } : []));
    expect(ofCaller(seen)).toEqual(ofCaller(events));
  });

  it('leaves talk, silence and overtalk as they are', () => {
    const talk = ({ sides, mood: _, ...call }: CallMetrics) => ({
      ...call,
      sides: sides.map(({ voice: __, mood: ___, anger: ____, ...side }) => side),
    });
    expect(talk(withholdFromMetrics(detail.metrics, WITHHELD))).toEqual(talk(detail.metrics));
    expect(talk(metricsOf(seen))).toEqual(talk(detail.metrics));
    const times = ({ points: all }: TimelinePoints['legs'][number]) =>
      all.map(({ endMs, speechRatio, levelDb }) => ({ endMs, speechRatio, levelDb }));
    expect(times(withholdFromPoints(points, WITHHELD).legs[1]!)).toEqual(times(points.legs[1]!));
  });

  it('gives the figures of each side that a meter gives of the events without them', () => {
    expect(withholdFromMetrics(detail.metrics, WITHHELD).sides).toEqual([
      metricsOf(seen).sides[0],
      { ...metricsOf(seen).sides[1], mood: expect.objectContaining({ coverage: 0 }) },
    ]);
    expect(withholdFromMetrics(detail.metrics, WITHHELD).mood).toEqual(detail.metrics.sides[0]?.mood);
  });

  it('puts the mood of several sides together from theirs, but for the trend', () => {
    const { sides, mood } = detail.metrics;
    const another = { ...sides[0]!, role: 'bot' as const };
    const both = withholdFromMetrics({ ...detail.metrics, sides: [...sides, another] }, ['bot']).mood;
    expect(both.whole.labelledMs).toBe(mood.whole.labelledMs);
    expect(both.whole.valence).toBeCloseTo(mood.whole.valence!, 9);
    expect(both.recent.shares.disgust).toBeCloseTo(mood.recent.shares.disgust!, 9);
    const arousals = (of: CallMetrics['mood']) => of.thirds.map(({ arousal }) => arousal?.toFixed(9));
    expect(arousals(both)).toEqual(arousals(mood));
    expect(both.change.valence).toBeCloseTo(mood.change.valence!, 9);
    expect(both.coverage).toBeCloseTo(mood.coverage, 9);
    expect(both.trend).toEqual({ arousalPerMinute: null, valencePerMinute: null });
  });

  it('keeps a timeline whole: it can be read, its segments tile, its end is there', () => {
    expect(seen.at(-1)?.type).toBe('ended');
    for (const event of seen) expect(parseServerEvent(encodeEvent(event))).toBeDefined();
    const ofAgent = (all: readonly TimelineEvent[], type: TimelineEvent['type']) =>
      all.filter((event) => event.type === type && 'channel' in event && event.channel === 1);
    expect(ofAgent(events, 'segment').length).toBeGreaterThan(1);
    const windows = ofAgent(events, 'window').length;
    expect(ofAgent(seen, 'segment')).toMatchObject([{ startMs: 0, endMs: 40_000, windows, label: 'unknown' }]);
    // Of a call that goes on, too.
    const live = withholdFromEvents(events.slice(0, -1), CHANNELS, WITHHELD);
    expect(ofAgent(live, 'segment')).toHaveLength(1);
  });

  it('counts the alerts that are left', () => {
    const { alerts, allAlerts: left } = withholdFromDetail(detail, WITHHELD);
    const names = (all: readonly CallAlert[]) => new Set(all.map(({ rule }) => rule));
    expect(names(detail.allAlerts)).toContain('agent sounds bad');
    expect(names(left)).toEqual(new Set([...names(detail.allAlerts)].filter((name) => name !== 'agent sounds bad')));
    expect(names(left)).toContain('agent talks');
    expect(alerts).toEqual({ raised: left.length, open: left.length, highest: 'medium', rules: [...names(left)] });
  });

  it('finds no call by an emotion of theirs', () => {
    const page = pageWith(DISGUST);
    const found = (filter: CallFilter) => withholdFromPage(page, WITHHELD, filter).calls.length;
    expect(found({ emotion: ['disgust'] })).toBe(0);
    expect(found({ emotion: ['disgust'], role: 'employee' })).toBe(0);
    expect(found({ emotion: ['anger'] })).toBe(1);
    expect(found({ emotion: ['disgust', 'anger'], role: 'customer' })).toBe(1);
    expect(found({ emotion: ['anger'], minShare: 0.5 })).toBe(0);
    expect(found({})).toBe(1);
  });
});

describe('a policy that withholds nobody who is there', () => {
  it.each<[string, readonly Role[]]>([
    ['nobody', []],
    ['a bot', ['bot']],
  ])('leaves every answer as it is: %s', (_, withheld) => {
    const [detail, points, events] = [detailWith(FEAR), pointsWith(FEAR), eventsWith(FEAR)];
    expect(withholdFromDetail(detail, withheld)).toBe(detail);
    expect(withholdFromPoints(points, withheld)).toBe(points);
    expect(withholdFromEvents(events, CHANNELS, withheld)).toBe(events);
    expect(withholdFromMetrics(detail.metrics, withheld)).toBe(detail.metrics);
    expect(withholdFromPage(pageWith(FEAR), withheld)).toEqual(pageWith(FEAR));
  });
});
