import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SegmentMerger } from '../../src/streams/segments.ts';
import { TurnDetector } from '../../src/streams/turns.ts';

describe('segments', () => {
  it('merge windows of one label and tile the time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('anger', 'neutral', 'unknown'), { minLength: 1, maxLength: 40 }),
        (labels) => {
          const merger = new SegmentMerger();
          const segments = labels.flatMap((label, index) => merger.push(label, 0.5, (index + 1) * 500) ?? []);
          segments.push(merger.end()!);
          expect(merger.end()).toBeUndefined();
          expect(segments[0]!.startMs).toBe(0);
          expect(segments.at(-1)!.endMs).toBe(labels.length * 500);
          segments.slice(1).forEach((segment, index) => {
            expect(segment.startMs).toBe(segments[index]!.endMs);
            expect(segment.label).not.toBe(segments[index]!.label);
          });
          expect(segments.flatMap(({ label, windows }) => new Array<string>(windows).fill(label))).toEqual(labels);
        },
      ),
    );
  });

  it('give the mean of the scores', () => {
    const merger = new SegmentMerger();
    merger.push('anger', 0.4, 500);
    merger.push('anger', 0.8, 1000);
    expect(merger.push('neutral', 0.1, 1500)).toEqual({
      startMs: 0,
      endMs: 1000,
      label: 'anger',
      meanScore: 0.6000000000000001,
      windows: 2,
    });
  });
});

/** A string of hops, # speech and . none, as turns. */
function turnsOf(hops: string) {
  const detector = new TurnDetector();
  const turns = [...hops].flatMap((hop, index) => detector.push(hop === '#', (index + 1) * 10) ?? []);
  return { turns, last: detector.end() };
}

describe('turns', () => {
  it('end with a pause of 700 ms, at the last speech', () => {
    const { turns, last } = turnsOf('.'.repeat(10) + '#'.repeat(50) + '.'.repeat(70) + '#'.repeat(30));
    expect(turns).toEqual([{ startMs: 100, endMs: 600 }]);
    expect(last).toEqual({ startMs: 1300, endMs: 1600 });
  });

  it('go on over a shorter pause', () => {
    const { turns, last } = turnsOf('#'.repeat(30) + '.'.repeat(69) + '#'.repeat(30));
    expect(turns).toEqual([]);
    expect(last).toEqual({ startMs: 0, endMs: 1290 });
  });

  it('need 200 ms of speech', () => {
    const { turns, last } = turnsOf('#'.repeat(19) + '.'.repeat(100));
    expect(turns).toEqual([]);
    expect(last).toBeUndefined();
  });
});
