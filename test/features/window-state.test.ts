import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { descriptorIndex, descriptors, ROW_LENGTH } from '../../src/features/descriptors.ts';
import { functionalNames } from '../../src/features/functionals.ts';
import { WindowState } from '../../src/features/window-state.ts';
import { functionalsFromScratch, largestMagnitude } from './window-state-reference.ts';

const SPEECH = descriptorIndex('speech');
const F0 = descriptorIndex('f0Semitones');

/** mulberry32: the rows follow from one seed, so that a counterexample shrinks to a few numbers. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Scenario {
  readonly seed: number;
  /** How likely the speech gate turns over at each hop. */
  readonly flapping: number;
  /** Share of values that are not defined. */
  readonly undefinedShare: number;
}

/** Kinds of descriptors, in turn: over the range and beyond, constant, a large offset with tiny variations, tiny after huge. */
const valueKinds: readonly ((random: number, low: number, high: number, hop: number) => number)[] = [
  (random, low, high) => low + (high - low) * random,
  (_, low, high) => low + (high - low) * 0.7,
  (random) => 4000 + 1e-3 * random,
  (random, _low, _high, hop) => (hop % 97 < 3 ? 1e8 : 1e-6) * (random - 0.5),
  (random, low, high) => low + (high - low) * (1.4 * random - 0.2),
];

function* rowsOf({ seed, flapping, undefinedShare }: Scenario): Generator<Float32Array> {
  const random = randomNumbers(seed);
  let speech = random() < 0.5;
  for (let hop = 0; ; hop++) {
    if (random() < flapping) speech = !speech;
    const row = Float32Array.from(descriptors, ({ range: [low, high] }, at) => {
      const value = valueKinds[(at + seed) % valueKinds.length]!(random(), low, high, hop);
      return random() < undefinedShare ? Number.NaN : value;
    });
    row[SPEECH] = speech ? 0.5 + random() / 2 : 0.499 * random();
    yield row;
  }
}

function expectEqualToScratch(state: WindowState, window: readonly Float32Array[]): void {
  const out = new Float32Array(functionalNames.length).fill(123);
  state.functionals(out);
  const expected = functionalsFromScratch(window);
  expect(expected.size).toBe(functionalNames.length);
  functionalNames.forEach((name, at) => {
    const truth = expected.get(name)!;
    if (Number.isNaN(truth)) expect(out[at], name).toBeNaN();
    else {
      // The output is Float32: its own rounding comes on top (a slope can be 200 times the largest value).
      const tolerance = 1e-6 * largestMagnitude(window, name) + 2 ** -23 * Math.abs(truth);
      if (!(Math.abs(out[at]! - truth) <= tolerance)) expect.fail(`${name}: ${out[at]} instead of ${truth}`);
    }
  });
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  flapping: fc.constantFrom(0, 0.02, 0.3, 1),
  undefinedShare: fc.constantFrom(0, 0.05, 0.6, 1),
});

describe('the functionals of a window', () => {
  it('equal a computation from scratch after any run of pushes', () => {
    fc.assert(
      fc.property(
        scenario,
        fc.integer({ min: 2, max: 90 }),
        fc.integer({ min: 1, max: 300 }),
        (given, hops, pushes) => {
          const state = new WindowState(hops);
          const window: Float32Array[] = [];
          const rows = rowsOf(given);
          for (let pushed = 0; pushed < pushes; pushed++) {
            const row = rows.next().value as Float32Array;
            state.push(row);
            window.push(row);
            if (window.length > hops) window.shift();
          }
          expectEqualToScratch(state, window);
          expect(state.hops).toBe(window.length);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('equal it at every hop of a stream, also at the windows that are used', () => {
    for (const hops of [17, 50, 300]) {
      const state = new WindowState(hops);
      const window: Float32Array[] = [];
      const rows = rowsOf({ seed: hops, flapping: 0.05, undefinedShare: 0.1 });
      for (let pushed = 0; pushed < 2.3 * hops; pushed++) {
        const row = rows.next().value as Float32Array;
        state.push(row);
        window.push(row);
        if (window.length > hops) window.shift();
        if (hops < 100 || pushed % 23 === 0) expectEqualToScratch(state, window);
      }
    }
  });

  it('do not drift over an hour of audio', () => {
    const state = new WindowState(300);
    const window: Float32Array[] = [];
    const random = randomNumbers(7);
    // One minute of rows, again and again with another speed, is cheaper than an hour of new ones.
    const minute = Array.from({ length: 6000 }, (_, hop) => {
      const row = new Float32Array(ROW_LENGTH);
      for (let at = 0; at < ROW_LENGTH; at++) {
        row[at] = at % 3 === 0 ? 1e5 * (random() < 0.01 ? 1 : 1e-7) * random() : 3e4 + 1e-2 * random();
      }
      row[SPEECH] = hop % 700 < 500 ? 0.9 : 0.1;
      if (hop % 7 === 0) row[F0] = Number.NaN;
      return row;
    });
    for (let hop = 0; hop < 360_000; hop++) {
      const row = minute[(hop * (1 + Math.floor(hop / 90_000))) % 6000]!;
      state.push(row);
      if (hop >= 360_000 - 300) window.push(row);
    }
    expectEqualToScratch(state, window);
  });

  it('forget what was before a reset', () => {
    const state = new WindowState(40);
    const rows = rowsOf({ seed: 5, flapping: 0.1, undefinedShare: 0.1 });
    for (let hop = 0; hop < 130; hop++) state.push(rows.next().value as Float32Array);
    state.reset();
    expect([state.hops, state.speechRatio, state.voicedRatio]).toEqual([0, 0, 0]);
    const window = Array.from({ length: 25 }, () => rows.next().value as Float32Array);
    for (const row of window) state.push(row);
    expectEqualToScratch(state, window);
  });
});

/** A speech row, with some descriptors set by name. */
function speechRow(values: Readonly<Record<string, number>>): Float32Array {
  const row = new Float32Array(ROW_LENGTH);
  row[SPEECH] = 1;
  for (const [name, value] of Object.entries(values)) row[descriptorIndex(name)] = value;
  return row;
}

function read(state: WindowState): (name: string) => number {
  const out = new Float32Array(functionalNames.length);
  state.functionals(out);
  return (name) => {
    const at = functionalNames.indexOf(name);
    expect(at, name).toBeGreaterThanOrEqual(0);
    return out[at]!;
  };
}

describe('the functionals by hand', () => {
  it('of a level that rises by 2 dB a hop', () => {
    const state = new WindowState(100);
    for (const levelDb of [-40, -38, -36, -34, -32]) state.push(speechRow({ levelDb }));
    const value = read(state);
    expect(value('levelDb.mean')).toBe(-36);
    expect(value('levelDb.deviation')).toBeCloseTo(Math.sqrt(8), 6);
    expect(value('levelDb.minimum')).toBe(-40);
    expect(value('levelDb.maximum')).toBe(-32);
    expect(value('levelDb.slope')).toBeCloseTo(200, 4);
    expect(value('levelDb.meanAbsDelta')).toBe(2);
  });

  it('percentiles interpolate inside the bin and stay between the extremes', () => {
    // chroma0: bins of 1/256 over [0, 1]; ten values at 0.25 and ten at 0.75 fill bins 64 and 192.
    const state = new WindowState(100);
    for (let hop = 0; hop < 20; hop++) state.push(speechRow({ chroma0: hop < 10 ? 0.25 : 0.75, chroma1: 0.3 }));
    const value = read(state);
    expect(value('chroma0.percentile20')).toBeCloseTo((64 + 0.4) / 256, 6);
    expect(value('chroma0.percentile50')).toBeCloseTo(65 / 256, 6);
    expect(value('chroma0.percentile80')).toBe(0.75);
    expect(value('chroma1.percentile20')).toBeCloseTo(0.3, 7);
    expect(value('chroma1.percentile80')).toBeCloseTo(0.3, 7);
  });

  it('a pause breaks the deltas but not the time axis of the slope', () => {
    const state = new WindowState(100);
    const pause = speechRow({ levelDb: -90 });
    pause[SPEECH] = 0.4;
    for (const levelDb of [-30, -29]) state.push(speechRow({ levelDb }));
    for (let hop = 0; hop < 8; hop++) state.push(pause);
    for (const levelDb of [-20, -19]) state.push(speechRow({ levelDb }));
    const value = read(state);
    expect(value('levelDb.meanAbsDelta')).toBe(1);
    expect(value('levelDb.slope')).toBeCloseTo(100, 4);
    expect(value('speechRatio')).toBeCloseTo(4 / 12, 6);
    expect(state.speechRatio).toBe(4 / 12);
    expect(state.meanLevelDb).toBeCloseTo((-30 - 29 - 20 - 19 - 8 * 90) / 12, 6);
  });

  it('pitch counts voiced hops alone, and speech every hop', () => {
    const state = new WindowState(100);
    state.push(speechRow({ f0Semitones: 30, hnrDb: 10 }));
    state.push(speechRow({ f0Semitones: Number.NaN, hnrDb: -5 }));
    const quiet = speechRow({ f0Semitones: 40, hnrDb: 20 });
    quiet[SPEECH] = 0.25;
    state.push(quiet);
    const value = read(state);
    expect(value('f0Semitones.mean')).toBe(30);
    expect(value('hnrDb.mean')).toBe(10);
    expect(value('speech.mean')).toBe(0.75);
    expect(value('voicedRatio')).toBeCloseTo(1 / 3, 6);
    expect(state.voicedRatio).toBe(1 / 3);
  });

  it('without enough hops are NaN', () => {
    const state = new WindowState(100);
    const quiet = speechRow({});
    quiet[SPEECH] = 0;
    state.push(quiet);
    const silent = read(state);
    for (const name of functionalNames) {
      if (['speech.mean', 'speechRatio', 'voicedRatio'].includes(name)) expect(silent(name), name).toBe(0);
      else expect(silent(name), name).toBeNaN();
    }
    state.push(speechRow({ levelDb: -20 }));
    const single = read(state);
    expect(single('levelDb.mean')).toBe(-20);
    expect(single('levelDb.percentile50')).toBe(-20);
    for (const name of ['deviation', 'slope', 'meanAbsDelta']) expect(single(`levelDb.${name}`), name).toBeNaN();
  });
});

describe('a window state', () => {
  it('gives the means of the extras over all hops, skipping what is not defined', () => {
    const state = new WindowState(4, 2);
    const push = (speech: number, first: number, second: number) => {
      const row = new Float32Array(ROW_LENGTH + 2);
      row[SPEECH] = speech;
      row[ROW_LENGTH] = first;
      row[ROW_LENGTH + 1] = second;
      state.push(row);
    };
    push(1, 99, Number.NaN);
    push(0, 1, Number.NaN);
    push(1, 2, Number.NaN);
    push(0, Number.POSITIVE_INFINITY, Number.NaN);
    push(1, 6, Number.NaN);
    const out = new Float32Array(2);
    state.extraMeans(out);
    expect([...out]).toEqual([3, Number.NaN]);
  });

  it('refuses a window that it cannot count', () => {
    for (const hops of [0, 1, 2.5, -3, 65_536, Number.NaN]) expect(() => new WindowState(hops)).toThrow(RangeError);
  });

  it('of three seconds takes at most 400 kB', () => {
    expect(new WindowState(300).bytes).toBeLessThanOrEqual(400_000);
  });

  it('names every functional once, in the order of the row', () => {
    expect(new Set(functionalNames).size).toBe(functionalNames.length);
    expect(functionalNames.slice(0, 3)).toEqual(['logMel0.mean', 'logMel0.deviation', 'logMel1.mean']);
    expect(functionalNames.slice(-3)).toEqual(['speech.mean', 'speechRatio', 'voicedRatio']);
    expect(functionalNames.filter((name) => name.startsWith('levelDb.'))).toEqual([
      'levelDb.mean',
      'levelDb.deviation',
      'levelDb.minimum',
      'levelDb.maximum',
      'levelDb.percentile20',
      'levelDb.percentile50',
      'levelDb.percentile80',
      'levelDb.slope',
      'levelDb.meanAbsDelta',
    ]);
  });
});
