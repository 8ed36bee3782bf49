/** Time, so that a test can hold it. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Runs once, later; returns what calls it off. Keeps no process alive. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};
