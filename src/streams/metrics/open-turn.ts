import type { Stretch } from '../../protocol/index.ts';
import type { MeteredWindow } from './metered-window.ts';

/** As the turns of the pipeline: this much speech makes one. */
const LEAST_SPEECH_MS = 200;

/**
 * The turn that is open at the end of a window, guessed from the share of speech in it where the event does not say. Speech
 * that no known turn accounts for is taken to reach to the window's end, and to go on until its turn is told, which is
 * 700 ms after its last speech. Right to within a window.
 */
export function guessOpenTurn(
  { startMs, endMs, speechRatio }: MeteredWindow,
  lastTurnEndMs: number,
  before: Stretch | undefined,
): Stretch | undefined {
  const knownMs = Math.max(0, lastTurnEndMs - startMs);
  const speechMs = speechRatio * (endMs - startMs) - knownMs;
  if (speechMs < LEAST_SPEECH_MS) return undefined;
  return { startMs: before?.startMs ?? Math.max(lastTurnEndMs, endMs - speechMs), endMs };
}
