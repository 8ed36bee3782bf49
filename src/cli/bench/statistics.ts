/** The value below which `share` of the sorted values lie. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

export function median(values: readonly number[]): number {
  return percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

/** Slope of the least-squares line through (x, y), y per x. */
export function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const n = points.length;
  if (n < 2) return 0;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / n;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / n;
  const covariance = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return variance === 0 ? 0 : covariance / variance;
}

/**
 * Median cost of one call of each candidate, in µs of wall time. They take turns, in short rounds, so that a machine that slows
 * down slows all of them and on a busy one most rounds are not interrupted.
 */
export function medianCosts<Name extends string>(
  candidates: Readonly<Record<Name, (index: number) => void>>,
  { rounds = 301, calls = 40 } = {},
): Record<Name, number> {
  const names = Object.keys(candidates) as Name[];
  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (const name of names) for (let index = 0; index < 2_000; index += 1) candidates[name](index);
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      const first = round * calls;
      const began = performance.now();
      for (let index = first; index < first + calls; index += 1) candidates[name](index);
      times.get(name)?.push(((performance.now() - began) * 1000) / calls);
    }
  }
  return Object.fromEntries([...times].map(([name, values]) => [name, median(values)])) as Record<Name, number>;
}
