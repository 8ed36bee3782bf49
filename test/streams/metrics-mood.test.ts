import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMOTIONS, type Emotion } from '../../src/emotions.ts';
import type { CallMetrics, SideMetrics } from '../../src/protocol/index.ts';
import { type AddedVoice, CallMeter, type MeteredEvent } from '../../src/streams/metrics/index.ts';
import { CHANNELS, endAt, gapAt, windowAt } from './metrics-events.ts';

function metricsOf(events: readonly MeteredEvent[]): CallMetrics {
  const meter = new CallMeter(CHANNELS);
  for (const event of events) meter.next(event);
  return meter.metrics();
}

/** Windows of the caller, one a second, from a word per second; `.` is a window without a label. */
function seconds(labels: readonly (Emotion | '.')[], change: (second: number) => object = () => ({})): MeteredEvent[] {
  return labels.map((label, index) =>
    windowAt(0, (index + 1) * 1000, label === '.' ? 'unknown' : label, change(index + 1)),
  );
}

const times = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value);
const caller = (events: readonly MeteredEvent[]): SideMetrics => metricsOf(events).sides[0]!;

describe('mood', () => {
  it('is shares of the labelled time and means over it', () => {
    const { mood } = caller(
      seconds(['anger', 'anger', 'anger', 'neutral', '.', '.'], (second) => ({
        arousal: second / 10,
        valence: -second / 5,
      })),
    );
    expect(mood.coverage).toBeCloseTo(4 / 6, 12);
    expect(mood.whole.labelledMs).toBe(4000);
    expect(mood.whole.shares).toEqual({ anger: 0.75, neutral: 0.25 });
    expect(mood.whole.arousal).toBeCloseTo(0.25, 12);
    expect(mood.whole.valence).toBeCloseTo(-0.5, 12);
  });

  it('is nothing where nothing has a label', () => {
    const { mood } = caller(seconds(['.', '.']));
    expect(mood.coverage).toBe(0);
    const nothing = { labelledMs: 0, arousal: null, valence: null, shares: {} };
    expect(mood).toMatchObject({ whole: nothing, recent: nothing, thirds: [nothing, nothing, nothing] });
    expect(mood.change).toEqual({ arousal: null, valence: null });
    expect(mood.trend).toEqual({ arousalPerMinute: null, valencePerMinute: null });
    expect(metricsOf([]).mood.coverage).toBe(0);
  });

  it('weighs a window by the time it added: the last one may add less', () => {
    const { mood } = caller([windowAt(0, 1000, 'anger'), windowAt(0, 1250, 'sadness')]);
    expect(mood.whole.shares).toEqual({ anger: 0.8, sadness: 0.2 });
  });

  it('does not count what a gap jumped over', () => {
    const { mood } = caller([windowAt(0, 3000, 'anger'), gapAt(3000, 60_000), windowAt(0, 61_000, 'neutral')]);
    // The window after the gap is 3 s long, and that is all that it can have added.
    expect(mood.whole).toMatchObject({ labelledMs: 6000, shares: { anger: 0.5, neutral: 0.5 } });
  });

  it('of the last 30 s stands beside that of the whole call', () => {
    const labels = [...times(30, 'neutral' as const), ...times(15, 'anger' as const), ...times(15, '.' as const)];
    const { mood } = caller(seconds(labels));
    expect(mood.whole.shares).toEqual({ neutral: 30 / 45, anger: 15 / 45 });
    expect(mood.recent).toMatchObject({ labelledMs: 15_000, shares: { anger: 1 } });
    // Once the call has gone on for a while without this side, it has no recent mood.
    const later = caller([...seconds(labels), windowAt(1, 75_000, 'neutral')]).mood;
    expect(later.recent.labelledMs).toBe(0);
    expect(later.whole.labelledMs).toBe(45_000);
  });

  it('changes from the first to the last third, and has a trend', () => {
    // 30 windows of a second; valence 0.5 − 0.05 t at the middle of each, t in seconds.
    const { mood } = caller(
      seconds(times(30, 'neutral' as const), (second) => ({
        valence: 0.5 - 0.05 * (second - 0.5),
        arousal: second <= 10 ? 0.2 : second <= 20 ? 0.9 : 0.5,
      })),
    );
    // The middles of the thirds lie at 5, 15 and 25 s.
    const valences = mood.thirds.map(({ valence }) => valence ?? Number.NaN);
    [0.25, -0.25, -0.75].forEach((expected, index) => {
      expect(valences[index]).toBeCloseTo(expected, 12);
    });
    expect(mood.thirds.map(({ labelledMs }) => labelledMs)).toEqual([10_000, 10_000, 10_000]);
    expect(mood.change.valence).toBeCloseTo(-1, 12);
    expect(mood.change.arousal).toBeCloseTo(0.3, 12);
    expect(mood.trend.valencePerMinute).toBeCloseTo(-3, 9);
    // Least squares by hand: means 0.2, 0.9, 0.5 at −10, 0, 10 s give 3 / 200 per s between the thirds; within a third
    // nothing changes, so Σ w (t − t̄)(y − ȳ) / Σ w (t − t̄)² = (10 · 10 · 0.3) / Σ (t − 15)² = 30 / 2247.5 per s.
    expect(mood.trend.arousalPerMinute).toBeCloseTo((60 * 30) / 2247.5, 9);
  });

  it('has no trend from a single window', () => {
    expect(caller([windowAt(0, 1000, 'anger')]).mood.trend.valencePerMinute).toBeNull();
  });

  it('of the call is that of both sides, by their labelled time', () => {
    const { mood } = metricsOf([
      ...seconds(times(6, 'anger' as const), () => ({ valence: -0.6 })),
      windowAt(1, 1000, 'happiness', { valence: 0.8 }),
      windowAt(1, 2000, 'happiness', { valence: 0.8 }),
      endAt(6000),
    ]);
    expect(mood.whole).toMatchObject({ labelledMs: 8000, shares: { anger: 0.75, happiness: 0.25 } });
    expect(mood.whole.valence).toBeCloseTo((-0.6 * 6 + 0.8 * 2) / 8, 12);
    expect(mood.thirds[0].shares).toEqual({ anger: 0.5, happiness: 0.5 });
    expect(mood.thirds[2].shares).toEqual({ anger: 1 });
  });

  it('by thirds of a call of hours is right to within 1/120 of it', () => {
    // Three hours, a window every 500 ms; the valence of each third is a constant.
    const values = [0.5, -0.5, 0.1];
    const durationMs = 3 * 3_600_000;
    const meter = new CallMeter(CHANNELS);
    for (let endMs = 500; endMs <= durationMs; endMs += 500) {
      const third = Math.min(2, Math.floor((3 * (endMs - 250)) / durationMs));
      meter.next(windowAt(0, endMs, 'neutral', { valence: values[third]!, openTurn: null }));
    }
    const { mood } = meter.metrics().sides[0]!;
    mood.thirds.forEach(({ valence, labelledMs }, index) => {
      expect(valence).toBeCloseTo(values[index]!, 1);
      expect(Math.abs((valence ?? 9) - values[index]!)).toBeLessThan(3 / 120);
      expect(labelledMs).toBeCloseTo(durationMs / 3, 0);
    });
    expect(mood.recent.labelledMs).toBe(30_000);
    expect(mood.whole.labelledMs).toBe(durationMs);
  });
});

describe('anger', () => {
  it('begins at the first window that is angry, and is over after 10 s of other labels', () => {
    const labels = [
      ...times(5, 'neutral' as const),
      ...times(4, 'anger' as const), // 5 to 9 s
      ...times(6, 'neutral' as const),
      ...times(2, 'anger' as const), // 15 to 17 s: the same episode
      ...times(5, 'sadness' as const),
      ...times(20, '.' as const), // silence does not calm
      ...times(5, 'neutral' as const),
      ...times(3, 'anger' as const), // 47 to 50 s: another, not over
      ...times(9, 'neutral' as const),
    ];
    expect(caller(seconds(labels)).anger).toEqual({
      firstMs: 5000,
      episodes: 2,
      angryMs: 9000,
      recovered: false,
      meanRecoveryMs: 12_000,
    });
    expect(caller(seconds([...labels, 'neutral'])).anger).toMatchObject({ recovered: true, meanRecoveryMs: 7500 });
  });

  it('that never came has no times', () => {
    const never = { firstMs: null, episodes: 0, angryMs: 0, recovered: null, meanRecoveryMs: null };
    expect(caller(seconds(['neutral', '.', 'sadness'])).anger).toEqual(never);
  });
});

const voice = (speechMs: number, levelDb: number | null, pitchSemitones: number | null, syllables: number) => ({
  added: { speechMs, levelDb, pitchSemitones, syllables } satisfies AddedVoice,
});

describe('the voice', () => {
  it('is compared with the first 20 s of the speech of its own side', () => {
    const events = seconds(times(70, 'neutral' as const), (second) => {
      if (second <= 20) return voice(500, -30, 24, 2);
      if (second <= 40) return voice(1000, -28, 26, 4);
      return voice(500, -20, 30, 3);
    });
    const { levelDb, pitchSemitones, syllablesPerSecond } = caller(events).voice;
    // 10 s of speech at −30 dB, then 10 s at −28 dB.
    expect(levelDb.baseline).toBeCloseTo(-29, 12);
    // 10 s, 20 s and 15 s of speech.
    expect(levelDb.whole).toBeCloseTo((-30 * 10 - 28 * 20 - 20 * 15) / 45, 12);
    expect(levelDb.recent).toBeCloseTo(-20, 12);
    expect(levelDb.change).toBeCloseTo(9, 12);
    expect(pitchSemitones.baseline).toBeCloseTo(25, 12);
    expect(pitchSemitones.change).toBeCloseTo(5, 12);
    // 80 syllables in the baseline's 20 s; 3 in every half second of speech at the end.
    expect(syllablesPerSecond.baseline).toBeCloseTo(4, 12);
    expect(syllablesPerSecond.recent).toBeCloseTo(6, 12);
    expect(syllablesPerSecond.whole).toBeCloseTo((20 * 2 + 20 * 4 + 30 * 3) / 45, 12);
  });

  it('has no baseline before 20 s of speech, and no change', () => {
    const { levelDb } = caller(seconds(times(19, 'neutral' as const), () => voice(1000, -30, null, 4))).voice;
    expect(levelDb).toEqual({ baseline: null, whole: -30, recent: -30, change: null });
  });

  it('leaves hops without voice, and sides that do not speak now, out', () => {
    const events = seconds(times(60, 'neutral' as const), (second) =>
      second <= 30 ? voice(1000, -30, second % 2 === 0 ? 20 : null, 0) : voice(0, null, null, 0),
    );
    const { levelDb, pitchSemitones } = caller(events).voice;
    expect(pitchSemitones).toMatchObject({ baseline: 20, whole: 20, recent: null, change: null });
    expect(levelDb).toMatchObject({ baseline: -30, whole: -30, recent: null, change: null });
  });

  it('is not guessed where events do not carry it', () => {
    const none = { baseline: null, whole: null, recent: null, change: null };
    const { voice } = caller(seconds(times(40, 'neutral' as const)));
    expect(voice).toEqual({ levelDb: none, pitchSemitones: none, syllablesPerSecond: none });
  });
});

describe('any windows', () => {
  const window = fc.record({
    channel: fc.integer({ min: 0, max: 1 }),
    label: fc.constantFrom(...EMOTIONS, 'unknown' as const),
    arousal: fc.double({ min: -1, max: 1, noNaN: true }),
    valence: fc.double({ min: -1, max: 1, noNaN: true }),
  });

  it('give shares that sum to one, thirds that sum to the whole, and means within what was seen', () => {
    fc.assert(
      fc.property(fc.array(window, { minLength: 1, maxLength: 700 }), (windows) => {
        const ends = [0, 0];
        const events = windows.map(({ channel, label, ...place }) => {
          ends[channel]! += 500;
          return windowAt(channel, ends[channel]!, label, place);
        });
        const call = metricsOf(events);
        for (const { whole, thirds } of [call.mood, ...call.sides.map(({ mood }) => mood)]) {
          const labelledMs = thirds.reduce((sum, third) => sum + third.labelledMs, 0);
          expect(labelledMs).toBeCloseTo(whole.labelledMs, 6);
          if (whole.labelledMs === 0) continue;
          expect(Object.values(whole.shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
        }
        const labelled = events.filter(({ label }) => label !== 'unknown');
        expect(call.mood.whole.labelledMs).toBe(labelled.length * 500);
        if (labelled.length === 0) return;
        const mean = labelled.reduce((sum, { valence }) => sum + valence, 0) / labelled.length;
        expect(call.mood.whole.valence).toBeCloseTo(mean, 9);
      }),
      { numRuns: 50 },
    );
  });

  it('give the same whether or not the metrics were asked for in between, in any order of the sides', () => {
    fc.assert(
      fc.property(fc.array(window, { maxLength: 80 }), fc.array(fc.boolean(), { maxLength: 80 }), (windows, asked) => {
        const ends = [0, 0];
        const events = windows.map(({ channel, label, ...place }) => {
          ends[channel]! += 500;
          return windowAt(channel, ends[channel]!, label, place);
        });
        const meter = new CallMeter(CHANNELS);
        events.forEach((event, index) => {
          meter.next(event);
          if (asked[index] === true) meter.metrics();
        });
        const sorted = [...events].sort((a, b) => a.channel - b.channel);
        expect(meter.metrics()).toEqual(metricsOf(sorted));
        expect(meter.metrics()).toEqual(metricsOf([...sorted].reverse().sort((a, b) => a.endMs - b.endMs)));
      }),
      { numRuns: 50 },
    );
  });
});
