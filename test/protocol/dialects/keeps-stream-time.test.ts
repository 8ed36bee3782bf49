import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlignedItem } from '../../../src/protocol/dialects/track-aligner.ts';
import { TrackAligner } from '../../../src/protocol/dialects/track-aligner.ts';
import { type Arrival, chunk, expected, FORMAT, frame, run } from './tracks.ts';

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const one = (from: number, to: number, over: (number: number) => object = () => ({})): Arrival[] =>
  numbers(from, to).map((number): Arrival => [0, chunk(0, number, over(number))]);
const slots = (...parts: (readonly number[] | number)[]) =>
  expected(
    parts.flatMap((part) =>
      (typeof part === 'number' ? Array.from({ length: part }, () => undefined) : part).map((number) => [
        number === undefined ? undefined : frame(0, number),
      ]),
    ),
  );
const kinds = (items: readonly AlignedItem[]) =>
  items.map((item) =>
    item.kind === 'audio' ? item.bytes.length / 8 : item.kind === 'gap' ? `gap ${item.durationMs}` : item.name,
  );

describe('a chunk that is missing', () => {
  it('is waited for until 300 ms of audio are there behind it, then it is a gap', () => {
    const aligner = new TrackAligner({ format: { ...FORMAT, channels: 1 } });
    const emitted = [...one(1, 4), ...one(6, 30)].map((arrival) =>
      typeof arrival === 'string' ? [] : aligner.push(...arrival),
    );
    expect(emitted.slice(4, 18).flat()).toEqual([]);
    expect(kinds(emitted[18]!)).toEqual(['gap 20', 300]);
    expect(emitted.slice(19).map(kinds)).toEqual(numbers(21, 30).map(() => [20]));
  });

  it('and comes after all, too late, is dropped, and nothing shifts', () => {
    expect(run([...one(1, 4), ...one(6, 30), ...one(5, 5), ...one(31, 35)], 1)).toEqual(
      slots(numbers(1, 4), 1, numbers(6, 35)),
    );
  });

  it('at the very start is one too, if the count begins at 1', () => {
    expect(run(one(3, 30), 1)).toEqual(slots(2, numbers(3, 30)));
    // A stream joined in its middle begins with what comes.
    expect(run(one(500, 530), 1)).toEqual(slots(numbers(500, 530)));
  });

  it('is as long as the one after it', () => {
    const piece = (number: number) => ({ bytes: frame(0, number, 800), timestampMs: (number - 1) * 100 });
    expect(kinds(run([...one(1, 3, piece), ...one(5, 9, piece)], 1))).toEqual([300, 'gap 100', 500]);
  });
});

describe("the platform's clock", () => {
  const timed = (offsetMs: (number: number) => number) => (number: number) => ({
    timestampMs: (number - 1) * 20 + offsetMs(number),
  });

  it('tells of audio that was never sent, though no number is missing', () => {
    expect(
      kinds(
        run(
          one(
            1,
            50,
            timed((number) => (number > 20 ? 420 : 0)),
          ),
          1,
        ),
      ),
    ).toEqual([400, 'gap 420', 600]);
  });

  it('is not believed for less than 100 ms', () => {
    expect(
      kinds(
        run(
          one(
            1,
            50,
            timed((number) => (number > 20 ? 100 : 0)),
          ),
          1,
        ),
      ),
    ).toEqual([1000]);
    expect(
      kinds(
        run(
          one(
            1,
            500,
            timed((number) => (number * 37) % 90),
          ),
          1,
        ),
      ),
    ).toEqual([10_000]);
  });

  it('may fall behind as it likes: audio is never taken away', () => {
    expect(
      kinds(
        run(
          one(
            1,
            500,
            timed((number) => -number),
          ),
          1,
        ),
      ),
    ).toEqual([10_000]);
  });

  it('that is set to another time is another clock, and no gap', () => {
    const leap = timed((number) => (number > 20 ? 1_705_312_200_000 : 0));
    expect(kinds(run(one(1, 50, leap), 1))).toEqual([1000]);
    const back = timed((number) => (number > 20 ? 0 : 1_705_312_200_000));
    expect(kinds(run(one(1, 50, back), 1))).toEqual([1000]);
  });

  it('limits what a leap of the count may mean', () => {
    const skipped = one(1, 20);
    const after = numbers(1000, 1030).map(
      (number): Arrival => [0, chunk(0, number, { timestampMs: (number - 979) * 20 + 5 })],
    );
    expect(kinds(run([...skipped, ...after], 1))).toEqual([400, 'gap 20', 620]);
  });

  it('places a track that begins later, and one that begins at almost the same time with it', () => {
    const late = (byMs: number): Arrival[] =>
      numbers(1, 40).flatMap((number): Arrival[] => [
        [0, chunk(0, number)],
        [1, chunk(1, number, { timestampMs: (number - 1) * 20 + 5 + byMs })],
      ]);
    const at = (slot: number, number: number) => (number > 40 || number < 1 ? undefined : frame(slot, number));
    const shifted = (by: number) => expected(numbers(1, 40 + by).map((number) => [at(0, number), at(1, number - by)]));
    expect(run(late(36))).toEqual(shifted(0));
    expect(run(late(100))).toEqual(shifted(5));
  });

  it('is one for both tracks, in whichever order they come', () => {
    const arrivals = numbers(1, 30).flatMap((number): Arrival[] => [
      [0, chunk(0, number, { timestampMs: (number + 9) * 20 })],
      [1, chunk(1, number, { timestampMs: number * 20 })],
    ]);
    const pairs = numbers(0, 29).map((index) => [arrivals[2 * index]!, arrivals[2 * index + 1]!]);
    expect(run(pairs.flatMap(([a, b]) => [b!, a!]))).toEqual(run(arrivals));
    expect(run(arrivals)).toEqual(
      expected(
        numbers(1, 39).map((slot) => [
          slot > 9 ? frame(0, slot - 9) : undefined,
          slot > 30 ? undefined : frame(1, slot),
        ]),
      ),
    );
  });
});

describe('a count', () => {
  it('that begins again goes on where the last one ended', () => {
    const again = numbers(1, 40).map(
      (number): Arrival => [0, chunk(0, number, { timestampMs: 100 * 20 + (number - 1) * 20 + 5 })],
    );
    expect(kinds(run([...one(1, 100), ...again], 1))).toEqual([2800]);
  });

  it('is not begun again by one stray chunk', () => {
    expect(run([...one(1, 100), ...one(3, 3), ...one(101, 120)], 1)).toEqual(slots(numbers(1, 120)));
  });

  it('that leaps beyond all measure is no gap', () => {
    const far: Arrival[] = numbers(0, 30).map((index) => [0, { bytes: frame(0, index), chunk: 9e15 + index * 2 }]);
    expect(
      kinds(
        run(
          [...one(1, 10).map(([, piece]) => [0, { ...(piece as object), timestampMs: undefined }] as never), ...far],
          1,
        ),
      ).length,
    ).toBeLessThan(64);
    const items = run(far, 1);
    expect(items.every((item) => item.kind !== 'gap' || item.durationMs < 3_600_000)).toBe(true);
  });

  it('over all tracks together loses nothing', () => {
    const arrivals = numbers(1, 60).map(
      (number): Arrival => [
        (number + 1) % 2,
        {
          bytes: frame((number + 1) % 2, Math.ceil(number / 2)),
          chunk: number,
          timestampMs: (Math.ceil(number / 2) - 1) * 20,
        },
      ],
    );
    const whole = expected(numbers(1, 30).map((number) => [frame(0, number), frame(1, number)]));
    expect(run(arrivals)).toEqual(whole);
    // Two that change places across the tracks, and a lost one: the clock tells whose it was.
    expect(run(arrivals.map((_, index) => arrivals[index ^ 1]!))).toEqual(whole);
    const lost = expected(
      numbers(1, 30).map((number) => [number === 11 ? undefined : frame(0, number), frame(1, number)]),
    );
    expect(run(arrivals.filter((_, index) => index !== 20))).toEqual(lost);
  });
});

describe('audio without numbers', () => {
  const unnumbered = (number: number, timestampMs: number): Arrival => [0, { bytes: frame(0, number), timestampMs }];

  it('is one piece in the order of its arrival, with gaps where the clock tells of them', () => {
    expect(
      kinds(
        run(
          numbers(1, 20).map((number) => unnumbered(number, number * 20)),
          1,
        ),
      ),
    ).toEqual([400]);
    expect(
      kinds(
        run(
          numbers(1, 20).map((number) => unnumbered(number, number * 20 + (number > 10 ? 300 : 0))),
          1,
        ),
      ),
    ).toEqual([200, 'gap 300', 200]);
    expect(
      kinds(
        run(
          numbers(1, 20).map((number): Arrival => [0, { bytes: frame(0, number) }]),
          1,
        ),
      ),
    ).toEqual([400]);
  });

  it('that is repeated is dropped; two frames of one time are not', () => {
    expect(
      run(
        [1, 2, 2, 3].map((number) => unnumbered(number, number * 20)),
        1,
      ),
    ).toEqual(slots([1, 2, 3]));
    expect(
      run(
        [1, 2, 3, 4].map((number) => unnumbered(number, number < 3 ? 20 : 40)),
        1,
      ),
    ).toEqual(slots([1, 2, 3, 4]));
  });
});

describe('marks', () => {
  it('keep their place among audio that is still held back', () => {
    const arrivals: Arrival[] = [
      [0, chunk(0, 1)],
      [1, chunk(1, 1)],
      [0, chunk(0, 2)],
      'here',
      [0, chunk(0, 3)],
      [1, chunk(1, 2)],
      [1, chunk(1, 3)],
      'there',
    ];
    expect(kinds(run(arrivals))).toEqual([80, 'here', 40, 'there']);
    expect(kinds(run(['first', ...one(1, 2)], 1))).toEqual(['first', 40]);
  });

  it('come out once each, in their order, wherever they stand', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(-1), fc.tuple(fc.nat({ max: 1 }), fc.integer({ min: 1, max: 40 }))), {
          maxLength: 60,
        }),
        (script) => {
          const arrivals = script.map(
            (step, index): Arrival => (typeof step === 'number' ? `m${index}` : [step[0], chunk(step[0], step[1])]),
          );
          const names = (items: readonly (AlignedItem | Arrival)[]) =>
            items.flatMap((item) =>
              typeof item === 'string' ? [item] : 'kind' in item && item.kind === 'mark' ? [item.name] : [],
            );
          expect(names(run(arrivals))).toEqual(names(arrivals));
        },
      ),
    );
  });
});
