import { asUndertoneError, type UndertoneError } from '../errors.ts';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 2_000;

export interface RetryOptions {
  /** Tries go on for so long, ms. */
  readonly forMs: number;
  /** Asked before every try: whether it is still wanted. */
  readonly wanted: () => boolean;
}

/** Tries until it works, with growing pauses, as long as the error may pass; resolves to the last error when time is over. */
export async function retry(
  attempt: () => Promise<void>,
  { forMs, wanted }: RetryOptions,
): Promise<UndertoneError | undefined> {
  const until = performance.now() + forMs;
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
    try {
      if (wanted()) await attempt();
      return undefined;
    } catch (thrown) {
      const error = asUndertoneError(thrown);
      // Half of the pause is random, so that the clients of a server that was lost do not all come back at once.
      const pauseMs = delayMs * (0.5 + Math.random() / 2);
      if (!error.retryable || performance.now() + pauseMs > until) return error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
