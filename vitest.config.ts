import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // No test passes or fails by its time; this only ends one that hangs, on a machine that does other things too.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores: more workers than that only makes timing-sensitive socket tests wait for each other.
    maxWorkers: 2,
  },
});
