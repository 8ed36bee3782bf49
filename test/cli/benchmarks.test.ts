import { describe, expect, it } from 'vitest';
import { compare } from '../../src/cli/bench/budgets.ts';
import { json, table } from '../../src/cli/bench/report.ts';
import { median, medianCosts, percentile, slope } from '../../src/cli/bench/statistics.ts';
import { modelFolder } from '../inference/model-folder.ts';
import { undertone } from './undertone.ts';

const MACHINE = {
  cpu: 'A processor',
  cores: 2,
  memoryGb: 4,
  load: 0.1,
  node: 'v20.0.0',
  v8: '11',
  undertone: '0.0.0',
  at: '2025-01-01T00:00:00Z',
};

describe('the statistics of the benchmarks', () => {
  it('percentiles are values that were measured', () => {
    const sorted = Array.from({ length: 1000 }, (_, index) => index);
    expect([0, 0.5, 0.99, 1].map((share) => percentile(sorted, share))).toEqual([0, 500, 990, 999]);
    expect(percentile([], 0.5)).toBe(0);
    expect(median([9, 1, 5])).toBe(5);
  });

  it('the slope is that of the least-squares line', () => {
    expect(slope([1, 2, 3, 4].map((x) => ({ x, y: 7 - 2.5 * x })))).toBeCloseTo(-2.5, 12);
    // By hand: means 1 and 4/3; Σ(dx·dy) = 2, Σdx² = 2.
    expect(
      slope([
        { x: 0, y: 0 },
        { x: 1, y: 2 },
        { x: 2, y: 2 },
      ]),
    ).toBeCloseTo(1, 12);
    expect(slope([{ x: 1, y: 1 }])).toBe(0);
  });

  it('a candidate that does ten times the work costs more', () => {
    let sink = 0;
    const work = (times: number) => () => {
      for (let index = 0; index < times; index += 1) sink += Math.sqrt(index + sink);
    };
    const costs = medianCosts({ little: work(200), much: work(2000) }, { rounds: 21, calls: 10 });
    expect(costs.much).toBeGreaterThan(2 * costs.little);
  });
});

describe('the budgets', () => {
  const budgets = { a: { ratio: 0.2, name: 'ratio: a / b' }, c: { ratio: 1, name: 'ratio: c / d' } };

  it('complain of a ratio that is more than 15 % above what was recorded, and of no other', () => {
    const rows = [
      { key: 'a', value: 0.2301 },
      { key: 'c', value: 1.1499 },
      { key: 'new', value: 9 },
    ];
    expect(compare(rows, budgets, '2025-01-01')).toEqual(['a / b is 0.230, 15 % above the 0.2 of 2025-01-01']);
    expect(compare([{ key: 'a', value: 0.01 }], budgets, '')).toEqual([]);
  });
});

describe('a report', () => {
  const rows = [{ key: 'lagMs', name: 'event lag', value: 4.72159, unit: 'ms' }];

  it('names the machine, and says where it was busy', () => {
    expect(table('bench', MACHINE, rows)).toBe(
      'bench\nA processor, 2 cores, 4 GB, load 0.1; Node v20.0.0, undertone 0.0.0\n\n  event lag          4.72 ms\n',
    );
    expect(table('bench', { ...MACHINE, load: 1.5 }, rows)).toContain('The machine is busy');
  });

  it('holds everything as JSON', () => {
    expect(JSON.parse(json('load', MACHINE, rows))).toEqual({
      benchmark: 'load',
      machine: MACHINE,
      values: { lagMs: { value: 4.72159, unit: 'ms' } },
    });
  });
});

type Key = 'windows' | 'errors' | 'gaps' | 'refused' | 'lagP50Ms' | 'cpuMs' | 'files';
type Values = Partial<Record<Key, { value: number | string; unit: string }>>;

describe('undertone bench', () => {
  const model = modelFolder();
  const values = async (...args: string[]): Promise<Values> => {
    const { status, stdout, stderr } = await undertone(['bench', ...args, '--model', model, '--json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout).values;
  };

  it('load: real legs through a server of its own, every window of them', async () => {
    const found = await values('load', '--legs', '4', '--seconds', '5', '--workers', '1');
    // Two windows a second and leg, however they fall into the time that is measured.
    expect(found.windows?.value).toBeGreaterThan(4 * 2 * 5 - 8);
    expect(found.windows?.value).toBeLessThan(4 * 2 * 5 + 8);
    expect(found.errors).toEqual({ value: 0, unit: '' });
    expect([found.gaps?.value, found.refused?.value]).toEqual([0, 0]);
    expect(found.lagP50Ms?.value).toBeGreaterThan(0);
    expect(found.cpuMs?.value).toBeGreaterThan(0);
  }, 60_000);

  it('soak: legs that misbehave leave nothing open, and no error in the timelines of the others', async () => {
    const found = await values('soak', '--legs', '6', '--seconds', '8', '--workers', '1');
    expect(found.errors).toEqual({ value: 0, unit: '' });
    expect(found.files?.value).toBe(0);
    expect(found.windows?.value).toBeGreaterThan(10);
  }, 60_000);
});
