import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LiveStream } from '../src/server/live-stream.ts';
import { openRecordings } from '../src/server/recordings/index.ts';

// What it costs the thread with the sockets to record calls: stereo of 16 bits, a packet every 20 ms. Bundled and run:
//   npx esbuild bench/recordings.ts --bundle --platform=node --format=esm --packages=external --outfile=.cache/bench-recordings.mjs
//   node .cache/bench-recordings.mjs [seconds] [calls] [rate]
// The share of a core is CPU time over wall time; it holds on a busy machine, too, the delays do not.

const [seconds = 20, calls = 300, sampleRateHz = 8_000] = process.argv.slice(2, 5).map(Number);
const PACKET_MS = 20;
const format = { encoding: 'pcm_s16le', sampleRateHz, channels: 2 } as const;
const packet = Buffer.alloc((sampleRateHz * PACKET_MS * 4) / 1000, 1);

const folder = mkdtempSync(join(tmpdir(), 'undertone-bench-'));
const recordings = await openRecordings({ folder, keys: [Buffer.alloc(32, 7)] });
const { tap } = recordings;
const streams = Array.from(
  { length: calls },
  () =>
    ({
      runId: randomUUID(),
      streamId: 's',
      callId: 'c',
      startedAtMs: 0,
      endReason: 'stop',
      format,
      settings: { channels: [], analysis: { windowMs: 1000, stepMs: 500, descriptors: [] } },
    }) as unknown as LiveStream,
);

const startedMs = performance.now();
const cpuBefore = process.cpuUsage();
/** Calls begin at different moments, as calls do. */
const live: LiveStream[] = [];
let packets = 0;
await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    for (let count = 0; count < Math.ceil(calls / 50) && live.length < calls; count += 1) {
      const next = streams[live.length];
      if (next === undefined) break;
      tap.opened?.(next);
      live.push(next);
    }
    for (const stream of live) tap.input?.(stream, { kind: 'audio', bytes: packet });
    packets += live.length;
    if (performance.now() - startedMs < seconds * 1000) return;
    clearInterval(timer);
    resolve();
  }, PACKET_MS);
});
const wallS = (performance.now() - startedMs) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
const megabytes = (packets * packet.length) / 1e6;
const share = (user + system) / 1e6 / wallS;
for (const stream of live) tap.ended?.(stream, undefined);
await recordings.close();
rmSync(folder, { recursive: true });
console.log(
  `${calls} calls, ${(megabytes / wallS).toFixed(1)} MB/s for ${wallS.toFixed(1)} s: ${(100 * share).toFixed(1)} % of a core, ` +
    `${((100 * share * wallS) / megabytes).toFixed(2)} % for each MB/s; ${recordings.status().writtenBytes} bytes written, ` +
    `${recordings.status().failed} failed`,
);
