/** A stream position as people read it: `0:04.5`, `1:02:03.0`. Tenths are cut, not rounded. */
export function clock(ms: number): string {
  const tenths = Math.floor(Math.max(0, ms) / 100);
  const seconds = Math.floor(tenths / 10);
  const minutes = Math.floor(seconds / 60);
  const rest = `${String(seconds % 60).padStart(2, '0')}.${tenths % 10}`;
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`;
}

/** The same without tenths, for axes and totals: `0:04`, `1:02:03`. */
export function clockSeconds(ms: number): string {
  return clock(ms).slice(0, -2);
}
