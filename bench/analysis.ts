/**
 * What a second of audio costs in process, by step and window, and how long until the first result.
 *
 *     npm run bench:features
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { encodeSamples } from '../src/audio/index.ts';
import { loadModel, type WindowModel } from '../src/inference/index.ts';
import { createAnalyzer } from '../src/streams/index.ts';
import { median } from './rounds.ts';
import { speechLike } from './speech-like.ts';

const STEPS_MS = [100, 250, 500, 1000];
const WINDOWS_MS = [1000, 3000, 10_000];
const SECONDS = 20;
const ROUNDS = 7;
const FORMAT = { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 1 } as const;
const MODEL = fileURLToPath(new URL('../models/default', import.meta.url));

/** CPU time of this process, ms: what else runs on the machine does not count, though it slows the caches. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** CPU of the whole recording, its windows classified in batches across time, ms. */
function analyse(model: WindowModel, audio: Uint8Array, windowMs: number, stepMs: number): number {
  const start = cpuMs();
  const stream = createAnalyzer({ model, schedule: () => {} }).open({
    streamId: 'bench',
    callId: 'bench',
    format: FORMAT,
    channels: [{ name: 'mixed', role: 'unknown' }],
    analysis: { windowMs, stepMs, descriptors: [] },
  });
  stream.events.subscribe();
  for (let at = 0; at < audio.length; at += 640) stream.push(audio.subarray(at, at + 640));
  stream.stop('stop');
  return cpuMs() - start;
}

/** Prints the table; rounds take turns, so that a machine that slows down slows every cell. */
export async function benchAnalysis(): Promise<void> {
  const began = performance.now();
  const model = await loadModel(MODEL);
  const loadedMs = performance.now() - began;
  const audio = encodeSamples(FORMAT, [speechLike(SECONDS)]);
  const cells = WINDOWS_MS.flatMap((windowMs) =>
    STEPS_MS.map((stepMs) => ({ windowMs, stepMs, times: [] as number[] })),
  );
  for (const cell of cells) analyse(model, audio, cell.windowMs, cell.stepMs);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const cell of cells) cell.times.push(analyse(model, audio, cell.windowMs, cell.stepMs) / SECONDS);
  }
  const costs = (windowMs: number): number[] =>
    cells.filter((cell) => cell.windowMs === windowMs).map((cell) => median(cell.times));
  console.log(`\nA second of audio in process, model ${model.manifest.name} on ${model.runtime}: ms of CPU`);
  console.log(
    `  ${'window'.padEnd(10)}${STEPS_MS.map((step) => `step ${step} ms`.padStart(14)).join('')}${'one more window, µs'.padStart(24)}`,
  );
  for (const windowMs of WINDOWS_MS) {
    const row = costs(windowMs);
    const windows = 1000 / STEPS_MS[0]! - 1000 / STEPS_MS.at(-1)!;
    const oneMore = ((row[0]! - row.at(-1)!) / windows) * 1000;
    console.log(
      `  ${`${windowMs / 1000} s`.padEnd(10)}${row.map((ms) => ms.toFixed(2).padStart(14)).join('')}${oneMore.toFixed(1).padStart(24)}`,
    );
  }
  const [short, , long] = WINDOWS_MS.map((windowMs) => costs(windowMs).reduce((sum, ms) => sum + ms, 0));
  console.log(`  window of 10 s against 1 s, all steps: × ${(long! / short!).toFixed(2)}`);
  console.log(`\nModel loaded, its runtime started: ${loadedMs.toFixed(0)} ms`);
  model.dispose();
  console.log(
    `Process start to first window (fresh processes, median of 5): ${median(Array.from({ length: 5 }, firstResultMs)).toFixed(0)} ms`,
  );
}

const CLI = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const DEMO = fileURLToPath(new URL('../examples/demo-call.wav', import.meta.url));

/** `undertone analyze` of the demo call, from the start of the process to its first window on standard output, ms. */
function firstResultMs(): number {
  const began = performance.now();
  const script = `"${process.execPath}" "${CLI}" analyze "${DEMO}" --format jsonl 2>/dev/null | grep -m 1 '"type":"window"'`;
  execFileSync('sh', ['-c', script], { stdio: 'ignore' });
  return performance.now() - began;
}
