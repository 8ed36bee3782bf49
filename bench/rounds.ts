/** Something to time: one call is one hop (or whatever the table says). */
export interface Candidate {
  readonly name: string;
  readonly run: (index: number) => void;
}

/**
 * Median time of one call of each candidate, in µs. The candidates take turns, round by round, so that a machine that
 * slows down slows all of them.
 */
export function medians(candidates: readonly Candidate[], rounds = 41, callsPerRound = 500): Map<string, number> {
  const times = new Map(candidates.map(({ name }) => [name, [] as number[]]));
  for (const { run } of candidates) for (let index = 0; index < 10 * callsPerRound; index++) run(index);
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of candidates) {
      const start = performance.now();
      for (let index = 0; index < callsPerRound; index++) run(index);
      times.get(name)!.push(((performance.now() - start) * 1000) / callsPerRound);
    }
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
