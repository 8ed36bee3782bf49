import { readdir, readFile } from 'node:fs/promises';

/** What a process has used, read from Linux' /proc. */
export interface Usage {
  readonly atMs: number;
  /** CPU by thread, ms; the main thread has the id of the process. */
  readonly threads: ReadonlyMap<number, number>;
  readonly rssBytes: number;
  readonly openFiles: number;
}

export async function usageOf(pid: number): Promise<Usage> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const threads = new Map<number, number>();
  for (const task of tasks) {
    // Its first number: time on a core, ns. A thread may end between the two reads.
    const text = await readFile(`/proc/${pid}/task/${task}/schedstat`, 'utf8').catch(() => '0');
    threads.set(Number(task), Number(text.split(' ')[0]) / 1e6);
  }
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return {
    atMs: performance.now(),
    threads,
    rssBytes: 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0),
    openFiles: (await readdir(`/proc/${pid}/fd`)).length,
  };
}

/** CPU between two looks, ms: of the main thread, of the busiest others (the workers), of the rest (compiler, collector). */
export function cpuBetween(before: Usage, after: Usage, pid: number, workers: number) {
  const spent = (thread: number): number => (after.threads.get(thread) ?? 0) - (before.threads.get(thread) ?? 0);
  const others = [...after.threads.keys()]
    .filter((thread) => thread !== pid)
    .map(spent)
    .sort((a, b) => b - a);
  const sum = (values: readonly number[]): number => values.reduce((total, ms) => total + ms, 0);
  return { main: spent(pid), workers: sum(others.slice(0, workers)), rest: sum(others.slice(workers)) };
}
