import { afterAll, describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../../src/audio/index.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import { sequenceFolder } from '../../inference/sequence-folder.ts';
import { babble } from '../../streams/babble.ts';
import { Peer } from '../harness.ts';
import { startBuilt, threads } from './built.ts';

const FORMATS: readonly AudioFormat[] = [
  { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 },
  { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 2 },
];
const SECONDS = 5;
const folder = sequenceFolder();
const servers: RunningServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

async function started(...[workers, options]: Parameters<typeof startBuilt>): Promise<RunningServer> {
  const server = await startBuilt(workers, options, folder);
  servers.push(server);
  return server;
}

/** The timelines of four streams at once, without what tells when they were made. */
async function timelines(server: RunningServer): Promise<string[][]> {
  return Promise.all(
    [...FORMATS, ...FORMATS].map(async (format, index) => {
      const analysis = { windowMs: 1000, stepMs: 200 };
      const peer = await Peer.started(server, { format, streamId: `s${index}`, analysis });
      const bytes = babble(format, SECONDS);
      const length = 997 + 311 * index;
      for (let at = 0; at < bytes.length; at += length) {
        peer.send(bytes.subarray(at, at + length));
        if (at % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      peer.json({ type: 'stop' });
      expect(await peer.closed()).toBe(1000);
      return peer.timeline.map((text) => text.replace(/"latencyMs":[^,}]*/, ''));
    }),
  );
}

describe('timelines of a sequence network', () => {
  it('are the same bytes with 0, 1 and 3 workers, at any batch size and wait', async () => {
    const inline = await timelines(await started(0));
    for (const timeline of inline) expect(timeline.length).toBeGreaterThan(SECONDS * 5);
    expect(new Set(inline[0]!.map((text) => /"raw":\{[^}]*\}/.exec(text)?.[0])).size).toBeGreaterThan(SECONDS * 5 - 2);
    expect(await timelines(await started(1))).toEqual(inline);
    expect(await timelines(await started(3))).toEqual(inline);
    expect(await timelines(await started(1, { limits: { maxBatch: 1, batchWaitMs: 0 } }))).toEqual(inline);
    expect(await timelines(await started(2, { limits: { maxBatch: 7, batchWaitMs: 40 } }))).toEqual(inline);
    expect(await timelines(await started(0, { limits: { maxBatch: 3, batchWaitMs: 0 } }))).toEqual(inline);
  }, 120_000);

  it('go on in another worker when theirs has died, on the same grid', async () => {
    const server = await started(1);
    const format = FORMATS[0]!;
    const peer = await Peer.started(server, { format, streamId: 'killed', analysis: { windowMs: 1000, stepMs: 200 } });
    const bytes = babble(format, SECONDS);
    const half = bytes.length / 2;
    peer.send(bytes.subarray(0, half));
    await expect.poll(() => peer.timeline.filter((text) => text.includes('"type":"window"')).length).toBeGreaterThan(5);
    await threads.at(-1)!.terminate();
    peer.send(bytes.subarray(half));
    peer.json({ type: 'stop' });
    expect(await peer.closed()).toBe(1000);
    const windows = peer.timeline.filter((text) => text.includes('"type":"window"'));
    const ends = windows.map((text) => Number(/"endMs":(\d+)/.exec(text)?.[1]));
    expect(ends).toEqual(Array.from({ length: SECONDS * 5 }, (_, index) => (index + 1) * 200));
    expect(peer.timeline.some((text) => text.includes('"code":"gap"'))).toBe(true);
  }, 120_000);
});
