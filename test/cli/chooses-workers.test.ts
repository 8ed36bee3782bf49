import { describe, expect, it } from 'vitest';
import { defaultWorkers } from '../../src/cli/default-workers.ts';

describe('the threads of a server that is told nothing', () => {
  it('are none on a single core, two on two, and one less than the cores on more', () => {
    expect([1, 2, 3, 4, 8, 64].map(defaultWorkers)).toEqual([0, 2, 2, 3, 7, 63]);
  });
});
