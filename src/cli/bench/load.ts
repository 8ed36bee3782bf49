import { fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StreamingResampler } from '../../audio/index.ts';
import { UndertoneError } from '../../errors.ts';
import type { BenchOptions } from '../bench.ts';
import { defaultWorkers } from '../default-workers.ts';
import type { GeneratorMessage, LoadPlan, LoadResult } from './load-plan.ts';
import { cpuBetween, type Usage, usageOf } from './process-usage.ts';
import type { Row } from './report.ts';
import { ServerProcess } from './server-process.ts';
import { legAudio } from './speech.ts';

/** What counts as held. */
const P99_MS = 250;
const MOST_TRIALS = 12;

export interface LoadRun {
  readonly legs: number;
  readonly seconds: number;
  readonly result: LoadResult;
  /** Server CPU per leg-second, ms. */
  readonly cpu: { readonly main: number; readonly workers: number; readonly rest: number };
  readonly idle: Usage;
  /** With a tenth of the legs: code is compiled, heaps have their first size. */
  readonly warm: Usage;
  readonly before: Usage;
  readonly after: Usage;
}

const workersOf = ({ workers }: BenchOptions): number => workers ?? defaultWorkers();

export async function benchLoad(options: BenchOptions): Promise<readonly Row[]> {
  return rowsOf(await run(options, options.legs), options);
}

/** One server, one generator. */
export async function run(options: BenchOptions, legs: number): Promise<LoadRun> {
  const folder = await mkdtemp(join(tmpdir(), 'undertone-bench-'));
  const audioFile = join(folder, 'audio');
  await writeFile(audioFile, await legAudio(options.audio, options.codec));
  const workers = workersOf(options);
  const { model, batchSize, batchWaitMs } = options;
  const args = ['--model', model, '--workers', String(workers), '--max-streams', String(legs + 100)];
  if (batchSize !== undefined) args.push('--batch-size', String(batchSize));
  if (batchWaitMs !== undefined) args.push('--batch-wait-ms', String(batchWaitMs));
  const server = await ServerProcess.start(args);
  try {
    const idle = await usageOf(server.pid);
    const plan: LoadPlan = {
      url: server.url,
      legs,
      seconds: options.seconds,
      encoding: options.codec,
      audioFile,
      analysis: options.stepMs === undefined ? {} : { stepMs: options.stepMs },
      lookAheadMs: new StreamingResampler(8_000).lookAheadMs,
    };
    const { result, warm, before, after } = await generate(plan, server.pid);
    const legSeconds = (legs * (after.atMs - before.atMs)) / 1000;
    const spent = cpuBetween(before, after, server.pid, workers);
    const cpu = { main: spent.main / legSeconds, workers: spent.workers / legSeconds, rest: spent.rest / legSeconds };
    return { legs, seconds: options.seconds, result, cpu, idle, warm, before, after };
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
}

type Measured = Pick<LoadRun, 'result' | 'warm' | 'before' | 'after'>;

function generate(plan: LoadPlan, pid: number): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./generator.js', import.meta.url)));
    let warm: Promise<Usage> | undefined;
    let before: Promise<Usage> | undefined;
    let after: Promise<Usage> | undefined;
    child.on('message', (message: GeneratorMessage) => {
      if (message.type === 'warm') warm = usageOf(pid);
      else if (message.type === 'measuring') before = usageOf(pid);
      else if (message.type === 'measured') after = usageOf(pid);
      else if (message.type === 'result' && warm && before && after) {
        const { result } = message;
        Promise.all([warm, before, after]).then(([early, first, last]) => {
          resolve({ result, warm: early, before: first, after: last });
        }, reject);
      }
    });
    child.on('exit', (code) => {
      if (code !== 0) reject(new UndertoneError('usage', { detail: 'The generator of the load has failed.' }));
    });
    child.send(plan);
  });
}

function rowsOf({ legs, result, cpu, idle, warm, before, after }: LoadRun, options: BenchOptions): readonly Row[] {
  const { lag, latency, lateness } = result;
  const value = (key: string, name: string, of: number | string, unit: string): Row => ({ key, name, value: of, unit });
  const growth = (after.rssBytes - warm.rssBytes) / (legs - Math.ceil(legs / 10)) / 1000;
  const seconds = (after.atMs - before.atMs) / 1000;
  return [
    value('legs', 'legs', legs, `${options.codec} at 8 kHz, ${options.seconds} s, ${workersOf(options)} workers`),
    value(
      'windows',
      'windows received',
      result.windows,
      `and by the subscriber of all streams ${result.subscriberEvents} events`,
    ),
    value('lagP50Ms', 'event lag p50', lag.p50, 'ms'),
    value('lagP95Ms', '          p95', lag.p95, 'ms'),
    value('lagP99Ms', '          p99', lag.p99, 'ms'),
    value('lagMaxMs', '          max', lag.max, 'ms'),
    value('latencyP50Ms', 'latencyMs of the windows p50', latency.p50, 'ms'),
    value('latencyP99Ms', '                         p99', latency.p99, 'ms'),
    value('cpuMs', 'server CPU per leg-second', cpu.main + cpu.workers + cpu.rest, 'ms'),
    value('cpuMainMs', '  thread of the sockets', cpu.main, 'ms'),
    value('cpuWorkersMs', '  workers', cpu.workers, 'ms'),
    value('cpuRestMs', '  compiler, collector, model threads', cpu.rest, 'ms'),
    value(
      'rssMb',
      'server memory',
      after.rssBytes / 1e6,
      `MB, ${(idle.rssBytes / 1e6).toFixed(0)} before the first leg`,
    ),
    value('perLegKb', '  more per leg, from a tenth of them to all', growth, 'kB'),
    value('historyKb', '  of that history', result.historyBytesPerLeg / 1000, 'kB'),
    value('generatorCpu', 'generator CPU', result.generatorCpuMs / seconds / 10, '% of a core'),
    value('latenessP99Ms', 'generator late p99', lateness.p99, `ms, max ${lateness.max.toFixed(0)} ms`),
    value('gaps', 'gaps', result.gaps, ''),
    value('overloads', 'overload events', result.overloads, ''),
    value('refused', 'refused', result.refused, ''),
    value('errors', 'timeline and connection errors', result.errors, result.firstError),
    value('held', `p99 ≤ ${P99_MS} ms, no gap, nothing refused`, held(result) ? 'yes' : 'no', late(lateness)),
  ];
}

/** A generator that is late measures the machine, not the server. */
const late = ({ p99 }: LoadResult['lateness']): string =>
  p99 > 25 ? 'but the generator was late itself: measure again where nothing else runs' : '';

const held = ({ lag, gaps, overloads, refused, errors, windows }: LoadResult): boolean =>
  windows > 0 && lag.p99 <= P99_MS && gaps + overloads + refused + errors === 0;

/** Doubles the legs until they do not hold, then halves the interval, to a twentieth. */
export async function findCapacity(options: BenchOptions): Promise<readonly Row[]> {
  const trials: Row[] = [];
  let best: LoadRun | undefined;
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let legs = options.legs;
  for (let trial = 0; trial < MOST_TRIALS; trial += 1) {
    const done = await run(options, legs);
    const holds = held(done.result);
    const { lag, gaps, overloads, refused } = done.result;
    const said = `p50 ${lag.p50.toFixed(0)}, p99 ${lag.p99.toFixed(0)} ms, ${gaps} gaps, ${overloads} overloads, ${refused} refused`;
    trials.push({ key: `trial${trial}`, name: `${legs} legs: ${said}`, value: holds ? 'held' : 'not held', unit: '' });
    if (holds) {
      low = legs;
      best = done;
    } else high = legs;
    if (high - low <= Math.max(5, low / 20)) break;
    legs = high === Number.POSITIVE_INFINITY ? 2 * legs : Math.round((low + high) / 2);
  }
  const capacity: Row = { key: 'capacity', name: 'legs that are held', value: low, unit: '' };
  return [...trials, capacity, ...(best === undefined ? [] : rowsOf(best, options))];
}
