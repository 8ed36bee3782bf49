/** Time, so that a test can hold it. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Runs once, later; returns what calls it off. Keeps no process alive. */
  after(ms: number, run: () => void): () => void;
}

/** Between the clock of the machine, which all threads share, and that of this thread, which is cheaper to read. */
const THREAD_OFFSET_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds, monotonic, the same in all threads of this process. */
export const sharedNow = (): number => THREAD_OFFSET_MS + performance.now();

export const systemClock: Clock = {
  now: sharedNow,
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};
