/** Something to time: one call is one hop (or whatever the table says). */
export interface Candidate {
  readonly name: string;
  readonly run: (index: number) => void;
}

const WARM_UP_CALLS = 5000;

/**
 * Median time of one call of each candidate, in µs. The candidates take turns, round by round, so that a machine that
 * slows down slows all of them; rounds are short, so that on a busy one most of them are not interrupted.
 */
export function medians(candidates: readonly Candidate[], rounds = 501, callsPerRound = 40): Map<string, number> {
  const times = new Map(candidates.map(({ name }) => [name, [] as number[]]));
  for (const { run } of candidates) for (let index = 0; index < WARM_UP_CALLS; index++) run(index);
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of candidates) {
      const first = round * callsPerRound;
      const start = performance.now();
      for (let index = first; index < first + callsPerRound; index++) run(index);
      times.get(name)!.push(((performance.now() - start) * 1000) / callsPerRound);
    }
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
