/**
 * When a message is tried again, after each failure: 5 s, then three times as long each time, up to 9 hours; the last one
 * is about 23 hours after the first. In words: 5 s, 15 s, 45 s, 2¼ min, 7 min, 20 min, 1 h, 3 h, 9 h, 9 h.
 */
const FIRST_MS = 5_000;
const FACTOR = 3;
const LONGEST_MS = FIRST_MS * FACTOR ** 8;
export const MAX_ATTEMPTS = 11;
/** Each wait is that much shorter or longer, at random, so that those who failed together do not come back together. */
const JITTER = 0.2;
/** A receiver may ask for this much at most. */
const LONGEST_ASKED_MS = 24 * 3_600_000;

/**
 * How long to wait after a failure, ms.
 *
 * @param attempts that were made, 1 at least
 * @param random 0 to 1
 */
export function waitMs(attempts: number, random: number): number {
  const plain = Math.min(LONGEST_MS, FIRST_MS * FACTOR ** (attempts - 1));
  return Math.round(plain * (1 - JITTER + 2 * JITTER * random));
}

/** What `Retry-After` asks for (RFC 9110, 10.2.3: seconds, or a date), ms from now; `undefined` where it asks for nothing. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const ms = /^\d{1,10}$/.test(text) ? Number(text) * 1000 : dateMs(text) - nowMs;
  return Number.isFinite(ms) ? Math.max(0, Math.min(LONGEST_ASKED_MS, ms)) : undefined;
}

/** An HTTP date, or NaN: `Date.parse` alone would take almost anything. */
const dateMs = (text: string): number => (/^[A-Z][a-z]+, .+ GMT$/.test(text) ? Date.parse(text) : Number.NaN);
