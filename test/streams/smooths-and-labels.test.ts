import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { softmax } from '../../src/streams/calibrate.ts';
import { placeOf } from '../../src/streams/circumplex.ts';
import { type DecidedWindow, interpolate, Label } from '../../src/streams/label.ts';
import type { Beside, DueWindow, Smoothed } from '../../src/streams/signals.ts';
import { Smooth } from '../../src/streams/smooth.ts';
import { fakeManifest } from './fake-model.ts';

const SET = { name: 'none', hash: 'x', length: 0 };
const window = (over: Partial<DueWindow> = {}): DueWindow => ({
  kind: 'window',
  channel: 0,
  seq: 0,
  startMs: 0,
  endMs: 500,
  features: new Float32Array(0),
  speechRatio: 1,
  openTurn: null,
  added: { speechMs: 500, levelDb: -20, pitchSemitones: null, syllables: 2 },
  quality: { levelDb: -20, clippedRatio: 0 },
  arrivedAtMs: 0,
  ...over,
});

function smoothAll(
  windows: readonly { raw: readonly number[]; endMs: number; speechRatio?: number; channel?: number }[],
  timeConstantMs = 1000,
): number[][] {
  const smooth = new Smooth(fakeManifest(SET, { smoothing: { timeConstantMs, hysteresis: 0 } }));
  const out: number[][] = [];
  for (const { raw, endMs, speechRatio = 1, channel = 0 } of windows) {
    smooth.next(
      { kind: 'calibrated', window: window({ endMs, speechRatio, channel }), raw: Float32Array.from(raw) },
      (item) => {
        if (item.kind === 'smoothed') out.push([...item.probabilities]);
      },
    );
  }
  return out;
}

describe('calibration', () => {
  it('is the softmax of the logits over the temperature', () => {
    // exp([0, 1, 2] / 2) = 1, 1.6487, 2.7183; sum 5.3670
    const [a, b, c] = softmax(Float32Array.of(0, 1, 2), 2);
    expect(a).toBeCloseTo(0.18632, 5);
    expect(b).toBeCloseTo(0.3072, 5);
    expect(c).toBeCloseTo(0.50648, 5);
  });

  it('stays finite for large logits', () => {
    expect([...softmax(Float32Array.of(1e4, 0, -1e4), 1)]).toEqual([1, 0, 0]);
  });
});

describe('smoothing', () => {
  it('passes the first window as it is', () => {
    expect(smoothAll([{ raw: [0.25, 0.75], endMs: 500 }])).toEqual([[0.25, 0.75]]);
  });

  it('weighs windows by exp(-age / time constant), against a direct computation', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            p: fc.double({ min: 0, max: 1, noNaN: true }),
            gap: fc.integer({ min: 1, max: 8 }),
            speech: fc.double({ min: 0.01, max: 1, noNaN: true }),
          }),
          { minLength: 1, maxLength: 30 },
        ),
        (steps) => {
          let endMs = 0;
          const windows = steps.map(({ p, gap, speech }) => {
            endMs += gap * 500;
            return { raw: [p, 1 - p], endMs, speechRatio: speech };
          });
          const out = smoothAll(windows, 700);
          windows.forEach(({ endMs: now }, index) => {
            let sum = 0;
            let weight = 0;
            for (const past of windows.slice(0, index + 1)) {
              const w = past.speechRatio * Math.exp(-(now - past.endMs) / 700);
              sum += w * past.raw[0]!;
              weight += w;
            }
            expect(out[index]![0]).toBeCloseTo(sum / weight, 5);
          });
        },
      ),
    );
  });

  it('lets silence change nothing, and forgets what lies before a long one', () => {
    const silent = Array.from({ length: 20 }, (_, index) => ({
      raw: [0.5, 0.5],
      endMs: 1000 + index * 500,
      speechRatio: 0,
    }));
    const out = smoothAll(
      [{ raw: [0.9, 0.1], endMs: 500 }, ...silent, { raw: [0, 1], endMs: 11_000, speechRatio: 1 }],
      1000,
    );
    expect(out[3]![0]).toBeCloseTo(0.9, 3);
    expect(out.at(-1)![0]).toBeLessThan(0.001);
  });

  it('keeps channels apart', () => {
    const out = smoothAll([
      { raw: [1, 0], endMs: 500, channel: 0 },
      { raw: [0, 1], endMs: 500, channel: 1 },
      { raw: [1, 0], endMs: 1000, channel: 0 },
    ]);
    expect(out).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
  });

  it('stays finite over a day of silence', () => {
    const smooth = new Smooth(fakeManifest(SET));
    for (let step = 1; step <= 172_800; step += 1) {
      const item: { last?: Float32Array } = {};
      smooth.next(
        { kind: 'calibrated', window: window({ endMs: step * 500, speechRatio: 0 }), raw: Float32Array.of(0.3, 0.7) },
        (out) => {
          if (out.kind === 'smoothed') item.last = out.probabilities;
        },
      );
      if (step % 10_000 === 0) expect(item.last![0]).toBeCloseTo(0.3, 5);
    }
  });
});

function labelAll(
  items: readonly { p: readonly number[]; over?: Partial<DueWindow> }[],
  manifest = fakeManifest(SET),
): DecidedWindow[] {
  const label = new Label(manifest);
  const out: DecidedWindow[] = [];
  const emit = (item: DecidedWindow | Beside): void => {
    if (item.kind === 'decided') out.push(item);
  };
  for (const { p, over } of items) {
    const probabilities = Float32Array.from(p);
    const smoothed: Smoothed = { kind: 'smoothed', window: window(over), raw: probabilities, probabilities };
    label.next(smoothed, emit);
  }
  return out;
}

describe('labels', () => {
  // Labels of the fake model: anger, happiness, neutral, sadness; hysteresis 0.1.
  it('change only to an emotion that leads by the hysteresis', () => {
    const out = labelAll([
      { p: [0.5, 0.3, 0.1, 0.1] },
      { p: [0.42, 0.48, 0.05, 0.05] },
      { p: [0.3, 0.6, 0.05, 0.05] },
      { p: [0.48, 0.42, 0.05, 0.05] },
    ]);
    expect(out.map(({ label }) => label)).toEqual(['anger', 'anger', 'happiness', 'happiness']);
    expect(out[1]!.score).toBeCloseTo(0.42, 6);
  });

  it('are unknown for silence or noise where there is too little speech, with the probabilities still there', () => {
    const [silence, noise] = labelAll([
      { p: [0.7, 0.1, 0.1, 0.1], over: { speechRatio: 0.05, quality: { levelDb: -75, clippedRatio: 0 } } },
      { p: [0.7, 0.1, 0.1, 0.1], over: { speechRatio: 0.05, quality: { levelDb: -30, clippedRatio: 0 } } },
    ]);
    expect(silence).toMatchObject({ label: 'unknown', reason: 'silence' });
    expect(noise).toMatchObject({ label: 'unknown', reason: 'noise' });
    expect(noise!.probabilities.anger).toBeCloseTo(0.7, 6);
  });

  it('outlast a short pause: it takes less speech to keep one than to get one, channel by channel', () => {
    const base = fakeManifest(SET);
    const manifest = { ...base, calibration: { ...base.calibration, minSpeechRatio: 0.2, keepSpeechRatio: 0.05 } };
    const shares = (ratios: readonly number[], channel = 0) =>
      ratios.map((speechRatio) => ({ p: [0.7, 0.1, 0.1, 0.1], over: { speechRatio, channel } }));
    const labelled = (items: Parameters<typeof labelAll>[0], of: ReturnType<typeof fakeManifest> = manifest) =>
      labelAll(items, of).map(({ label }) => label !== 'unknown');
    // Too little to begin with; enough; a pause; nothing for a while; too little to begin again; enough.
    const ratios = [0.1, 0.2, 0.06, 0.05, 0.04, 0.06, 0.19, 0.25];
    expect(labelled(shares(ratios))).toEqual([false, true, true, true, false, false, false, true]);
    // Another channel's speech keeps nothing here.
    expect(labelled([...shares([0.5], 1), ...shares([0.1])])).toEqual([true, false]);
    // Without it one share is both.
    expect(labelled(shares(ratios), { ...base, calibration: { ...base.calibration, minSpeechRatio: 0.2 } })).toEqual(
      ratios.map((ratio) => ratio >= 0.2),
    );
  });

  it('are kept through a pause whatever they were unsure of before it', () => {
    const base = fakeManifest(SET);
    const manifest = { ...base, calibration: { ...base.calibration, threshold: 0.6, keepSpeechRatio: 0.02 } };
    const out = labelAll(
      [
        { p: [0.5, 0.3, 0.1, 0.1] },
        { p: [0.5, 0.3, 0.1, 0.1], over: { speechRatio: 0.05 } },
        { p: [0.9, 0.1, 0, 0], over: { speechRatio: 0.05 } },
      ],
      manifest,
    );
    expect(out.map(({ reason, label }) => reason ?? label)).toEqual(['low-confidence', 'low-confidence', 'anger']);
  });

  it('are unknown below the confidence that the manifest asks for', () => {
    const base = fakeManifest(SET);
    const manifest = {
      ...base,
      calibration: {
        ...base.calibration,
        threshold: 0.5,
        confidence: { score: [0.2, 0.6, 1], accuracy: [0.2, 0.5, 0.9] },
      },
    };
    const [low, high] = labelAll([{ p: [0.55, 0.45, 0, 0] }, { p: [0.8, 0.2, 0, 0] }], manifest);
    expect(low).toMatchObject({ label: 'unknown', reason: 'low-confidence' });
    expect(low!.confidence).toBeCloseTo(0.4625, 6);
    expect(low!.score).toBeCloseTo(0.55, 6);
    expect(high).toMatchObject({ label: 'anger' });
    expect(high!.confidence).toBeCloseTo(0.7, 6);
    expect(high).not.toHaveProperty('reason');
  });
});

describe('the confidence map', () => {
  it('is linear between its points and constant outside', () => {
    const at = (x: number) => interpolate([0.2, 0.6, 1], [0.1, 0.5, 0.9], x);
    expect([0, 0.2, 0.4, 0.6, 0.8, 1, 1.5].map((x) => Number(at(x).toFixed(6)))).toEqual([
      0.1, 0.1, 0.3, 0.5, 0.7, 0.9, 0.9,
    ]);
  });
});

describe('arousal and valence', () => {
  it('stay within -1 and 1, and put emotions in their quadrants', () => {
    const labels = ['anger', 'happiness', 'neutral', 'sadness'] as const;
    expect(placeOf(labels, Float32Array.of(1, 0, 0, 0)).arousal).toBeGreaterThan(0.5);
    expect(placeOf(labels, Float32Array.of(1, 0, 0, 0)).valence).toBeLessThan(-0.5);
    expect(placeOf(labels, Float32Array.of(0, 1, 0, 0)).valence).toBeGreaterThan(0.5);
    expect(placeOf(labels, Float32Array.of(0, 0, 1, 0))).toEqual({ arousal: 0, valence: 0 });
    expect(placeOf(labels, Float32Array.of(0, 0, 0, 1)).arousal).toBeLessThan(-0.5);
  });
});
