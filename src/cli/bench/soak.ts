import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../protocol/index.ts';
import type { BenchOptions } from '../bench.ts';
import { defaultWorkers } from '../default-workers.ts';
import { usageOf } from './process-usage.ts';
import { randomFrom } from './random.ts';
import type { Row } from './report.ts';
import { ServerProcess } from './server-process.ts';
import { BEHAVIOURS, SoakLeg, type SoakTally } from './soak-leg.ts';
import { legAudio } from './speech.ts';
import { slope } from './statistics.ts';

const TICK_MS = 5;
const SAMPLE_MS = 1_000;
/** A leg lives so long, evenly spread. */
const LIFE_MS = { min: 2_000, max: 15_000 };
/** Of a stream: what has ended is kept for five minutes, and would look like a leak until then. */
const HISTORY_BYTES = 4_096;
/** Sockets close in this time. */
const QUIET_MS = 3_000;

/** Legs that come and go, some badly behaved, and a subscriber of all that never reads: what is left of them? */
export async function benchSoak(options: BenchOptions): Promise<readonly Row[]> {
  const { legs, seconds, workers = defaultWorkers() } = options;
  const audio = await legAudio(options.audio, 'pcm_s16le');
  const args = ['--model', options.model, '--workers', String(workers), '--history-bytes', String(HISTORY_BYTES)];
  const server = await ServerProcess.start(args);
  try {
    const random = randomFrom(7);
    const tally: SoakTally = { legs: 0, windows: 0, refused: 0, errors: 0, firstError: '' };
    const filesBefore = (await usageOf(server.pid)).openFiles;
    const memory: { x: number; y: number }[] = [];
    const began = performance.now();
    const stalled = new WebSocket(`${server.url}/v1/subscribe?stream=*`, [SUBPROTOCOL]);
    stalled.on('open', () => stalled.pause());
    stalled.on('error', () => {});
    let alive: SoakLeg[] = [];
    let sampledAtMs = 0;
    for (let now = began; now - began < seconds * 1_000; now = performance.now()) {
      alive = alive.filter((leg) => !leg.gone);
      // Half of them well behaved; a few at a time, so that they do not all come in one moment.
      for (let fresh = 0; alive.length < legs && fresh < 3; fresh += 1)
        alive.push(newLeg(server.url, audio, tally, random));
      for (const leg of alive) leg.tick(now);
      if (now - sampledAtMs >= SAMPLE_MS) {
        sampledAtMs = now;
        memory.push({ x: (now - began) / 60_000, y: (await usageOf(server.pid)).rssBytes / 1e6 });
      }
      await pause(TICK_MS);
    }
    for (const leg of alive) leg.end();
    const endBy = performance.now() + 20_000;
    while (alive.some((leg) => !leg.gone) && performance.now() < endBy) {
      for (const leg of alive) leg.tick(performance.now());
      await pause(TICK_MS);
    }
    stalled.terminate();
    await pause(QUIET_MS);
    const filesAfter = (await usageOf(server.pid)).openFiles;
    return rowsOf(tally, memory, filesAfter - filesBefore, options);
  } finally {
    await server.stop();
  }
}

function newLeg(url: string, audio: Uint8Array, tally: SoakTally, random: () => number): SoakLeg {
  const behaviour = random() < 0.5 ? 'well' : BEHAVIOURS[Math.floor(random() * BEHAVIOURS.length)]!;
  return new SoakLeg(url, behaviour, LIFE_MS.min + random() * (LIFE_MS.max - LIFE_MS.min), audio, tally);
}

function rowsOf(
  tally: SoakTally,
  memory: readonly { x: number; y: number }[],
  files: number,
  options: BenchOptions,
): readonly Row[] {
  // The first half is warming up: code is compiled, heaps find their size, histories fill.
  const settled = memory.slice(Math.floor(memory.length / 2));
  return [
    { key: 'legs', name: 'legs at once', value: options.legs, unit: `for ${options.seconds} s` },
    { key: 'allLegs', name: 'legs in all', value: tally.legs, unit: '' },
    { key: 'windows', name: 'windows checked', value: tally.windows, unit: '' },
    {
      key: 'memoryMb',
      name: 'server memory at the end',
      value: memory.at(-1)?.y ?? 0,
      unit: `MB, ${memory[0]?.y.toFixed(0)} at the beginning`,
    },
    { key: 'slopeMb', name: 'memory slope over the second half', value: slope(settled), unit: 'MB a minute' },
    { key: 'files', name: 'open files more than before, all gone', value: files, unit: '' },
    { key: 'refused', name: 'refused because of overload', value: tally.refused, unit: '' },
    { key: 'errors', name: 'errors in the timelines', value: tally.errors, unit: tally.firstError },
  ];
}
