import type { Stretch } from '../../protocol/index.ts';

/** What a walk along the time axis keeps of silences: since when one lasts, and the longest that has ended. */
export interface SilenceRecord {
  silentSinceMs: number | undefined;
  longestSilence: Stretch | null;
}

export function beginSilence(record: SilenceRecord, ms: number): void {
  record.silentSinceMs = ms;
}

export function endSilence(record: SilenceRecord, ms: number): void {
  const startMs = record.silentSinceMs;
  record.silentSinceMs = undefined;
  if (startMs === undefined) return;
  const longest = record.longestSilence;
  if (ms - startMs > (longest === null ? 0 : longest.endMs - longest.startMs)) {
    record.longestSilence = { startMs, endMs: ms };
  }
}
