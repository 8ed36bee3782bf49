import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMOTIONS } from '../src/emotions.ts';
import { encodeEvent } from '../src/protocol/index.ts';
import type { StoreItem, StreamOpening } from '../src/store/index.ts';

// What it costs to keep a floor of calls, two legs each and two windows a second. Built, bundled and run:
//   npx esbuild bench/store.ts --bundle --platform=node --format=esm --packages=external --outfile=.cache/bench-store.mjs
//   node .cache/bench-store.mjs [seconds] [calls] [url]
// Without a URL a SQLite file in a temporary folder. Run it with `nice` on a machine that does other things.

const [seconds = 30, calls = 300] = process.argv.slice(2, 4).map(Number);
const given = process.argv[4];
const STEP_MS = 500;
/** Windows of one step come spread over it. */
const SLICES = 10;

type StoreRoom = typeof import('../src/store/index.ts');
// The thread runs JavaScript: the built package.
const { openStore, StoreWriter } = (await import(new URL('../dist/store/index.js', import.meta.url).href)) as StoreRoom;

const folder = mkdtempSync(join(tmpdir(), 'undertone-bench-'));
const url = given ?? join(folder, 'calls.db');

function windowText(streamId: string, cursor: number, channel: number, seq: number): string {
  const random = (): number => Math.round(Math.random() * 10_000) / 10_000;
  const probabilities = () => Object.fromEntries(EMOTIONS.map((emotion) => [emotion, random()]));
  const endMs = (seq + 1) * STEP_MS;
  return encodeEvent({
    type: 'window',
    streamId,
    cursor,
    channel,
    channelName: channel === 0 ? 'caller' : 'agent',
    role: channel === 0 ? 'customer' : 'employee',
    seq,
    startMs: Math.max(0, endMs - 3000),
    endMs,
    label: EMOTIONS[seq % EMOTIONS.length]!,
    score: random(),
    confidence: random(),
    probabilities: probabilities(),
    raw: probabilities(),
    arousal: random(),
    valence: -random(),
    speechRatio: random(),
    openTurn: seq % 3 === 0 ? null : { startMs: Math.max(0, endMs - 4210), endMs: endMs - 10 },
    added: { speechMs: 490, levelDb: -20 - random() * 9, pitchSemitones: 30 + random() * 9, syllables: seq % 4 },
    quality: { levelDb: -22 - random() * 9, clippedRatio: 0 },
    latencyMs: random() * 100,
  });
}

/** CPU seconds of every thread but the main one, as Linux counts them. */
function otherThreads(): number {
  const ticks = readdirSync('/proc/self/task')
    .filter((id) => Number(id) !== process.pid)
    .map((id) => {
      const fields = readFileSync(`/proc/self/task/${id}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      return Number(fields[11]) + Number(fields[12]);
    });
  return ticks.reduce((sum, value) => sum + value, 0) / 100;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly result: T }> {
  const began = performance.now();
  const result = await work();
  return { ms: performance.now() - began, result };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
const fixed = (value: number, digits = 1): string => value.toFixed(digits);

const store = await openStore(url);
const writer = new StoreWriter(store);
const streams = Array.from({ length: calls }, (_, index): StreamOpening => {
  const channels = [
    { name: 'caller', role: 'customer' as const },
    { name: 'agent', role: 'employee' as const },
  ];
  const model = { name: 'default', version: '1', hash: 'h', labels: EMOTIONS };
  const id = `bench-${process.pid}-${index}`;
  const analysis = { windowMs: 3000, stepMs: STEP_MS, descriptors: [] };
  return {
    runId: id,
    streamId: id,
    callId: id,
    startedAtMs: Date.now(),
    model,
    analysis,
    channels,
    metadata: { caller: `+49 30 ${index}` },
  };
});
for (const stream of streams) writer.push({ kind: 'opened', stream });
await writer.flush();

const lags: number[] = [];
const asks: number[] = [];
let pushMs = 0;
let windows = 0;
let bytes = 0;
const cpuBefore = otherThreads();
const began = performance.now();
const sampling = setInterval(() => lags.push(writer.status.lagMs), 100);
for (let slice = 0; slice < (seconds * 1000 * SLICES) / STEP_MS; slice += 1) {
  const seq = Math.floor(slice / SLICES);
  const items: StoreItem[] = [];
  for (let index = slice % SLICES; index < calls; index += SLICES) {
    const { runId, streamId } = streams[index]!;
    for (const channel of [0, 1]) {
      const text = Buffer.from(windowText(streamId, 2 * seq + channel, channel, seq));
      bytes += text.length;
      items.push({ kind: 'event', runId, bytes: text, atMs: Date.now() });
    }
  }
  const before = performance.now();
  for (const item of items) writer.push(item);
  pushMs += performance.now() - before;
  windows += items.length;
  if (slice % 20 === 10) asks.push((await timed(() => store.call(streams[slice % calls]!.callId))).ms);
  const restMs = began + ((slice + 1) * STEP_MS) / SLICES - performance.now();
  if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
}
clearInterval(sampling);
const wall = (performance.now() - began) / 1000;
const cpu = otherThreads() - cpuBefore;
await writer.flush(60_000);
const { droppedEvents } = writer.status;
console.log(
  `${fixed(windows / wall, 0)} windows/s of ${fixed(bytes / windows, 0)} bytes, ${calls} calls, ${store.kind}, ${fixed(wall, 0)} s`,
);
console.log(
  `store's threads: ${fixed((100 * cpu) / wall)} % of a core; pushing: ${fixed((1000 * pushMs) / windows, 2)} µs a window`,
);
console.log(
  `lag: ${fixed(median(lags), 0)} ms in the middle, ${fixed(Math.max(...lags), 0)} ms at most; dropped ${droppedEvents}`,
);
console.log(`call() of a live call: ${fixed(median(asks))} ms in the middle, ${fixed(Math.max(...asks))} ms at most`);
const page = await timed(() => store.calls({ emotion: ['anger'], limit: 50 }));
console.log(`calls({emotion}) with ${calls} live: ${fixed(page.ms)} ms for ${page.result.calls.length}`);
await store.close();
if (given === undefined) console.log(`on disk: ${fixed(sizeOf(url) / windows, 0)} bytes a window`);

const again = await timed(() => openStore(url));
console.log(`opening after a crash: ${fixed(again.ms, 0)} ms for ${calls} lost calls, ${windows} windows`);
const erased = await timed(() => again.result.eraseCall(streams[0]!.callId, 'bench'));
console.log(`erasing a call: ${fixed(erased.ms, 0)} ms in a store of ${fixed(sizeOf(url) / 1e6)} MB`);
await again.result.close();
rmSync(folder, { recursive: true, force: true });
