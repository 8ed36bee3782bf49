import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlignedItem, TrackAligner } from '../../../src/protocol/dialects/track-aligner.ts';
import { type Arrival, chunk, digest, expected, FORMAT, FRAME, frame, run } from './tracks.ts';

const both = (length: number) =>
  Array.from({ length }, (_, index): Arrival[] => [
    [0, chunk(0, index + 1)],
    [1, chunk(1, index + 1)],
  ]).flat();
const whole = (length: number) =>
  expected(Array.from({ length }, (_, index) => [frame(0, index + 1), frame(1, index + 1)]));

describe('tracks of one call', () => {
  it('become the channels of one stream, as soon as both are there', () => {
    const aligner = new TrackAligner({ format: FORMAT });
    expect(aligner.push(0, chunk(0, 1))).toEqual([]);
    expect(aligner.push(1, chunk(1, 1))).toEqual(whole(1));
    expect(aligner.push(1, chunk(1, 2))).toEqual([]);
    expect(aligner.push(0, chunk(0, 2))).toHaveLength(1);
    expect(run(both(100))).toEqual(whole(100));
  });

  it('end with silence for the one that is shorter', () => {
    const arrivals: Arrival[] = [...both(3), [0, chunk(0, 4)], [0, chunk(0, 5, { bytes: frame(0, 5, 40) })]];
    const [audio] = run(arrivals);
    expect(audio).toMatchObject({ kind: 'audio' });
    const bytes = audio?.kind === 'audio' ? audio.bytes : new Uint8Array();
    expect(bytes.length).toBe((4 * FRAME + 40) * 2);
    expect(bytes[3 * FRAME * 2 + 1]).toBe(0xff);
    expect(bytes[3 * FRAME * 2]).toBe(frame(0, 4)[0]);
  });

  it('of 16-bit samples keep their bytes together', () => {
    const aligner = new TrackAligner({ format: { encoding: 'pcm_s16le', sampleRateHz: 8_000, channels: 2 } });
    aligner.push(0, { bytes: Uint8Array.of(1, 2, 3, 4), chunk: 1 });
    expect(aligner.push(1, { bytes: Uint8Array.of(5, 6, 7, 8), chunk: 1 })).toEqual([
      { kind: 'audio', bytes: Uint8Array.of(1, 2, 5, 6, 3, 4, 7, 8) },
    ]);
    aligner.push(0, { bytes: Uint8Array.of(9, 10), chunk: 2 });
    expect(aligner.flush()).toEqual([{ kind: 'audio', bytes: Uint8Array.of(9, 10, 0, 0) }]);
  });
});

/** Frames that arrive at most `delay` frames late, so in another order. */
const delays = (length: number, most: number) =>
  fc.array(fc.integer({ min: 0, max: most }), { minLength: length, maxLength: length });
const byArrival = <T>(items: readonly (readonly [at: number, item: T])[]): T[] =>
  items
    .map((entry, index) => ({ entry, index }))
    .sort((a, b) => a.entry[0] - b.entry[0] || a.index - b.index)
    .map(({ entry }) => entry[1]);

describe('the order in which chunks arrive', () => {
  const LENGTH = 60;
  const WHOLE = digest(whole(LENGTH));
  /**
   * Per track a chunk overtakes ten others at most, and one track runs ten ahead of the other. The first chunk of a track
   * is not overtaken: a number that both tracks have had tells that each is counted by itself, and where the first
   * numbers come so mixed that none comes twice, chunks may be taken for a shared count.
   */
  const firstInTime = fc.tuple(delays(LENGTH, 10), delays(LENGTH, 10)).map(([a, b]): [number[], number[]] => [
    [0, ...a.slice(1)],
    [0, ...b.slice(1)],
  ]);
  const network = fc.record({
    delays: firstInTime,
    skew: fc.tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 10 })),
    repeated: fc.array(
      fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 1, max: LENGTH }), fc.integer({ min: 0, max: 20 })),
    ),
    jitter: delays(LENGTH, 40),
  });
  type Network = typeof network extends fc.Arbitrary<infer T> ? T : never;

  const arrivalsOf = (net: Network, lost: (track: number, number: number) => boolean): Arrival[] => {
    const sent: [number, Arrival][] = [];
    for (let number = 1; number <= LENGTH; number += 1) {
      for (const track of [0, 1]) {
        if (lost(track, number)) continue;
        const timestampMs = (number - 1) * 20 + 5 + net.jitter[number - 1]!;
        const at = number + net.delays[track]![number - 1]! + net.skew[track]!;
        sent.push([at, [track, chunk(track, number, { timestampMs })]]);
        for (const [of, repeated, later] of net.repeated) {
          if (of === track && repeated === number)
            sent.push([at + later, [track, chunk(track, number, { timestampMs })]]);
        }
      }
    }
    return byArrival(sent);
  };

  it('changes nothing within the bounds, and neither do repetitions and a jittering clock', () => {
    fc.assert(
      fc.property(network, (net) => {
        expect(digest(run(arrivalsOf(net, () => false)))).toEqual(WHOLE);
      }),
      { numRuns: 200 },
    );
  });

  it('changes nothing when chunks are lost either: a gap where both are, silence where one is', () => {
    // The first of each track is there, or nobody could know that there was one; the last too.
    const losses = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 2, max: LENGTH - 1 })), {
      maxLength: 40,
      selector: ([track, number]) => track * 1000 + number,
    });
    fc.assert(
      fc.property(network, losses, (net, lost) => {
        const gone = new Set(lost.map(([track, number]) => track * 1000 + number));
        const isLost = (track: number, number: number) => gone.has(track * 1000 + number);
        const slots = Array.from({ length: LENGTH }, (_, index) =>
          [0, 1].map((track) => (isLost(track, index + 1) ? undefined : frame(track, index + 1))),
        );
        // Fewer delays: what is waited for is given up after 300 ms of audio behind it.
        const gentle = {
          ...net,
          delays: [net.delays[0].map((d) => d % 4), net.delays[1].map((d) => d % 4)] as Network['delays'],
        };
        expect(digest(run(arrivalsOf(gentle, isLost)))).toEqual(digest(expected(slots)));
      }),
      { numRuns: 200 },
    );
  });

  it('of a single track changes nothing', () => {
    fc.assert(
      fc.property(delays(LENGTH, 12), (late) => {
        const sent = late.map((delay, index): [number, Arrival] => [index + delay, [0, chunk(0, index + 1)]]);
        expect(run(byArrival(sent), 1)).toEqual(
          expected(Array.from({ length: LENGTH }, (_, index) => [frame(0, index + 1)])),
        );
      }),
    );
  });
});

const samplesOf = (items: readonly AlignedItem[]): number =>
  items.reduce((sum, item) => sum + (item.kind === 'audio' ? item.bytes.length / 3 : 0), 0);

describe('what is held back', () => {
  it('is what another track lacks, and half a second at most', () => {
    const sent = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 2000 })), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(sent, (pieces) => {
        const aligner = new TrackAligner({ format: { ...FORMAT, channels: 3 } });
        const sentSamples = [0, 0, 0];
        const next = [1, 1, 1];
        let emitted = 0;
        for (const [track, length] of pieces) {
          const timestampMs = sentSamples[track]! / 8;
          const piece = { bytes: frame(track, next[track]!, length), chunk: next[track]!, timestampMs };
          emitted += samplesOf(aligner.push(track, piece));
          sentSamples[track]! += length;
          next[track]! += 1;
          expect(emitted).toBeGreaterThanOrEqual(Math.max(...sentSamples) - 4000);
          expect(emitted).toBeLessThanOrEqual(Math.max(Math.min(...sentSamples), Math.max(...sentSamples) - 4000, 0));
        }
        emitted += samplesOf(aligner.flush());
        expect(emitted).toBe(Math.max(...sentSamples));
        expect(aligner.flush()).toEqual([]);
      }),
    );
  });

  it('of one track alone waits for the other half a second, then no longer', () => {
    const aligner = new TrackAligner({ format: FORMAT });
    const emitted = Array.from({ length: 100 }, (_, index) => aligner.push(0, chunk(0, index + 1)));
    expect(emitted.slice(0, 25).flat()).toEqual([]);
    expect(emitted.slice(25).every((items) => items.length === 1)).toBe(true);
    const late = aligner.push(1, chunk(1, 1));
    expect(late).toEqual([]);
  });
});
