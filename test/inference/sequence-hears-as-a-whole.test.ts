import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROW_LENGTH } from '../../src/features/index.ts';
import { CausalNormaliser, type HeardWindow, LegState } from '../../src/inference/index.ts';
import { SEQUENCE_FIT, SEQUENCE_MEMBERS } from '../../src/training/sequence/recipe.ts';
import { referenceLogits } from './sequence-reference.ts';
import { aNetwork, SHAPE, someHops, someWeights } from './sequence-tools.ts';

const GRID = { windowMs: 1000, stepMs: 200 };
const { network, inputs, leg, members } = aNetwork();
const [trained] = members as [Float32Array];

function logitsOf(windows: readonly HeardWindow[]): Float32Array {
  const out = new Float32Array(windows.length * SHAPE.classes);
  network.answer(windows, out);
  return out;
}

/** All windows of a stream at multiples of the step and at its end, asked one by one. */
function oneByOne(hops: Float32Array, ends: readonly number[], grid = GRID): Float32Array[] {
  const state = leg(grid);
  let next = 0;
  return ends.map((end) => {
    for (; next < end; next++) state.push(hops, next * ROW_LENGTH);
    return logitsOf([state.due()]);
  });
}

describe('a stream that is heard hop by hop', () => {
  const count = 270;
  const hops = someHops(count, 'stream');
  const normalised = ((): number[][] => {
    const normaliser = new CausalNormaliser(inputs);
    const out = new Float32Array(SHAPE.inputs.length);
    return Array.from({ length: count }, (_, hop) => {
      normaliser.push(hops, hop * ROW_LENGTH, out, 0);
      return [...out];
    });
  })();

  it.each([20, 40, 100, 120, 240, 260, 267])('has after %i hops the logits of the definition over all of it', (end) => {
    const [found] = oneByOne(hops, [end]);
    const last = Math.floor(end / 4);
    // Blocks of 200 ms: the window begins with the one that holds its first hop. A frame is in the block of its last hop.
    const begin = Math.floor(Math.max(0, end - 100) / 20) * 20;
    const first = Math.ceil((begin - 3) / 4);
    const expected = referenceLogits(SHAPE, trained, normalised, Math.max(0, first), last);
    found!.forEach((logit, label) => {
      expect(logit).toBeCloseTo(expected[label]!, 4);
    });
  });

  it('has the same logits to the last bit however its windows are put together, and whatever else is heard beside it', () => {
    const streams = [
      { hops, ends: [20, 40, 60, 80, 120, 160, 200, 270] },
      { hops: someHops(400, 'other'), ends: [100, 320, 400] },
    ].map((stream) => ({ ...stream, expected: oneByOne(stream.hops, stream.ends) }));
    const flush = (waiting: { window: HeardWindow; expected: Float32Array }[]): void => {
      const logits = logitsOf(waiting.map(({ window }) => window));
      waiting.forEach(({ expected }, row) => {
        expect(logits.slice(row * SHAPE.classes, (row + 1) * SHAPE.classes)).toEqual(expected);
      });
      waiting.length = 0;
    };
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        fc.integer({ max: 90, min: 1 }),
        (asks, lag) => {
          const legs = streams.map((stream, index) => ({ ...stream, leg: leg(GRID), delay: index * lag }));
          const waiting: { window: HeardWindow; expected: Float32Array }[] = [];
          const hear = ({ leg: heard, ends, expected, hops: own }: (typeof legs)[number], place: number): void => {
            heard.push(own, place * ROW_LENGTH);
            const due = ends.indexOf(place + 1);
            if (due >= 0) waiting.push({ window: heard.due(), expected: expected[due]! });
            if (due >= 0 && asks[due % asks.length]) flush(waiting);
          };
          for (let hop = 0; hop < 400 + lag; hop++) {
            for (const each of legs) {
              if (hop >= each.delay && hop - each.delay < each.ends.at(-1)!) hear(each, hop - each.delay);
            }
          }
          flush(waiting);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('costs bounded memory where nobody asks for a window, and answers the same afterwards', () => {
    const long = someHops(1500, 'long');
    const patient = leg(GRID);
    const { bytes } = patient;
    for (let hop = 0; hop < 1500; hop++) patient.push(long, hop * ROW_LENGTH);
    expect(patient.bytes).toBe(bytes);
    const often = oneByOne(long, [200, 400, 600, 800, 1000, 1200, 1400, 1500]).at(-1);
    expect(logitsOf([patient.due()])).toEqual(often);
  });

  it('forgets what has left the window: a loud past leaves no rounding behind', () => {
    const loud = someHops(300, 'loud').map((value) => value * 30);
    const quiet = someHops(400, 'quiet');
    const heard = leg(GRID);
    const silent = new LegState(SHAPE, 1, inputs, GRID, (full) => network.settle(full));
    for (let hop = 0; hop < 300; hop++) heard.push(loud, hop * ROW_LENGTH);
    for (let hop = 0; hop < 400; hop++) {
      heard.push(quiet, hop * ROW_LENGTH);
      silent.push(quiet, hop * ROW_LENGTH);
    }
    const [after, alone] = [logitsOf([heard.due()]), logitsOf([silent.due()])];
    // The normalisation still knows of the loud second, but only by its mean: the sums are those of the window.
    expect(after.every(Number.isFinite)).toBe(true);
    expect(alone.every(Number.isFinite)).toBe(true);
    const again = leg(GRID);
    for (let hop = 0; hop < 300; hop++) again.push(loud, hop * ROW_LENGTH);
    logitsOf([again.due()]);
    for (let hop = 0; hop < 400; hop++) again.push(quiet, hop * ROW_LENGTH);
    expect(logitsOf([again.due()])).toEqual(after);
  });

  it('answers a window of no frame at all', () => {
    expect(logitsOf([leg(GRID).due()]).every(Number.isFinite)).toBe(true);
  });

  it('passes over a jump: what comes after it is in windows of its own time', () => {
    const [jumped, whole] = [leg(GRID), leg(GRID)];
    for (let hop = 0; hop < 200; hop++) jumped.push(hops, hop * ROW_LENGTH);
    const before = jumped.due();
    jumped.jump(1000);
    for (let hop = 200; hop < 220; hop++) jumped.push(hops, hop * ROW_LENGTH);
    for (let hop = 0; hop < 200; hop++) whole.push(hops, hop * ROW_LENGTH);
    expect(logitsOf([before])).toEqual(logitsOf([whole.due()]));
    const after = logitsOf([jumped.due()]);
    const expected = referenceLogits(SHAPE, trained, normalised, 50, 55);
    after.forEach((logit, label) => {
      expect(logit).toBeCloseTo(expected[label]!, 4);
    });
  });
});

describe('the state of a leg', () => {
  const shape = { ...SHAPE, inputs: SEQUENCE_FIT.inputs, width: SEQUENCE_FIT.width, dilations: SEQUENCE_FIT.dilations };
  const networks = Array.from({ length: SEQUENCE_MEMBERS }, () => someWeights(shape));
  const normalisation = { mean: shape.inputs.map(() => 0), deviation: shape.inputs.map(() => 1), clip: 5 };

  it.each([
    [3000, 500],
    [3000, 100],
    [3000, 3000],
    [1000, 30_000],
  ])(
    'takes less than 300 kB at a window of %i ms every %i, and less than 100 kB at the usual one',
    (windowMs, stepMs) => {
      const { bytes } = aNetwork(shape, networks, normalisation).leg({ windowMs, stepMs });
      expect(bytes).toBeLessThan(stepMs === 500 ? 100_000 : 300_000);
    },
  );
});

describe('several networks', () => {
  it('have the mean of the logits that each has alone', () => {
    const both = [someWeights(SHAPE, 'one'), someWeights(SHAPE, 'other')];
    const hops = someHops(150, 'stream');
    const [first, second, mean] = [[both[0]!], [both[1]!], both].map((weights) => {
      const { network: of, leg: legOf } = aNetwork(SHAPE, weights);
      const state = legOf(GRID);
      for (let hop = 0; hop < 150; hop++) state.push(hops, hop * ROW_LENGTH);
      const out = new Float32Array(SHAPE.classes);
      of.answer([state.due()], out);
      return out;
    });
    mean!.forEach((logit, label) => {
      expect(logit).toBeCloseTo((first![label]! + second![label]!) / 2, 5);
    });
  });
});
