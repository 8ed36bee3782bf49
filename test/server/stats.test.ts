import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureSet } from '../../src/features/index.ts';
import { AnalysisStats, Distribution, timed } from '../../src/server/stats.ts';
import { fakeManifest, LinearModel } from '../streams/fake-model.ts';

describe('a distribution', () => {
  it('has every value in the bucket that it ends in, and their sum', () => {
    const bounds = [1, 2.5, 10];
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true })), (values) => {
        const distribution = new Distribution(bounds);
        for (const value of values) distribution.observe(value);
        const upTo = (bound: number): number => values.filter((value) => value <= bound).length;
        const rising = [...bounds, Number.POSITIVE_INFINITY].map(upTo);
        expect(distribution.counts).toEqual(rising.map((count, index) => count - (rising[index - 1] ?? 0)));
        expect(distribution.sum).toBeCloseTo(
          values.reduce((sum, value) => sum + value, 0),
          6,
        );
      }),
    );
  });
});

describe('what an analysis takes', () => {
  it('lies in memory that another thread reads, each figure in its place', () => {
    const memory = new SharedArrayBuffer(AnalysisStats.BYTES);
    const [writer, reader] = [new AnalysisStats(memory), new AnalysisStats(memory)];
    writer.ring.observe(3);
    writer.model.observe(4);
    writer.latency.observe(5);
    writer.batch.observe(6);
    expect([reader.ring, reader.model, reader.latency, reader.batch].map(({ sum }) => sum)).toEqual([3, 4, 5, 6]);
    const total = ({ counts }: Distribution): number => counts.reduce((sum, count) => sum + count, 0);
    expect([reader.ring, reader.model, reader.latency, reader.batch].map(total)).toEqual([1, 1, 1, 1]);
  });

  it('counts calls of the model, which answers the same', () => {
    const stats = new AnalysisStats();
    let nowMs = 0;
    const clock = (): number => {
      nowMs += 7;
      return nowMs;
    };
    const model = new LinearModel(fakeManifest(featureSet));
    const counted = timed(model, stats, clock);
    const features = new Float32Array(3 * featureSet.length).fill(2);
    expect(counted.predict(features, 3)).toEqual(model.predict(features, 3));
    expect([stats.model.sum, stats.batch.sum]).toEqual([7, 3]);
    expect(counted).toMatchObject({ hash: model.hash, runtime: model.runtime, manifest: model.manifest });
    expect('sequence' in counted).toBe(false);
  });
});
