import { describe, expect, it } from 'vitest';
import type { TrainableClassifier } from '../../../src/training/classifiers/classifier.ts';
import { CostMeter } from '../../../src/training/classifiers/cost-meter.ts';

describe('what a classifier takes', () => {
  let clock = 0;
  /** Takes 3 s to learn from each row, and 10 µs for each that it scores. */
  const classifier: TrainableClassifier<number> = {
    name: 'svm',
    variant: 'as it was',
    async fit(rows, labels, { seed }) {
      clock += rows.length * 3e6;
      return {
        labels: ['anger', 'fear'],
        parameters: rows.length + labels.length,
        settings: { seed: Number(seed) },
        predict: (of) => {
          clock += of.length * 10;
          return Float32Array.from([...of, ...of]);
        },
      };
    },
  };

  it('is counted, and changes nothing of what comes out', async () => {
    const meter = new CostMeter(() => clock);
    const measured = meter.on(classifier);
    expect([measured.name, measured.variant]).toEqual(['svm', 'as it was']);
    const fitted = await measured.fit([1, 2, 3], ['anger', 'fear', 'fear'], { seed: '7' });
    clock += 1e9;
    expect([fitted.labels, fitted.parameters, fitted.settings]).toEqual([['anger', 'fear'], 6, { seed: 7 }]);
    expect([...fitted.predict([5, 6])]).toEqual([5, 6, 5, 6]);
    const again = await measured.fit([1], ['anger'], { seed: '8' });
    again.predict([1, 2, 3]);
    expect(meter.take()).toEqual({ trainingCpuSeconds: 12, predictionMicroseconds: 10 });
    expect(meter.take()).toEqual({ trainingCpuSeconds: 0, predictionMicroseconds: 0 });
  });

  it('is read from the clock of the processor', async () => {
    const meter = new CostMeter();
    const measured = meter.on({
      ...classifier,
      fit: async (...given: Parameters<typeof classifier.fit>) => {
        let sum = 0;
        for (let n = 0; n < 3e7; n++) sum += Math.sqrt(n);
        return { ...(await classifier.fit(...given)), parameters: sum };
      },
    });
    await measured.fit([], [], { seed: '1' });
    expect(meter.take().trainingCpuSeconds).toBeGreaterThan(0);
  });
});
