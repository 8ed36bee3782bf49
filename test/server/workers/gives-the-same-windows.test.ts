import { afterAll, describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../../src/audio/index.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import { readAlertRules } from '../../../src/streams/index.ts';
import { audio, Peer } from '../harness.ts';
import { startBuilt } from './built.ts';

const FORMATS: readonly AudioFormat[] = [
  { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 },
  { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 2 },
  { encoding: 'pcm_f32le', sampleRateHz: 44_100, channels: 1 },
];
const SECONDS = 6;
const servers: RunningServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

/** The timelines of six streams at once, without what tells when they were made. */
async function timelines(server: RunningServer): Promise<string[][]> {
  servers.push(server);
  return Promise.all(
    [...FORMATS, ...FORMATS].map(async (format, index) => {
      const peer = await Peer.started(server, {
        format,
        streamId: `s${index}`,
        analysis: { windowMs: 1000, stepMs: 200 },
      });
      const bytes = audio(SECONDS, format);
      // Lengths that end anywhere in a sample, and differ from stream to stream.
      const length = 997 + 311 * index;
      for (let at = 0; at < bytes.length; at += length) {
        peer.send(bytes.subarray(at, at + length));
        if (at % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      peer.json({ type: 'mark', name: 'after all of it' });
      peer.json({ type: 'stop' });
      expect(await peer.closed()).toBe(1000);
      return peer.timeline.map((text) => text.replace(/"latencyMs":[\d.]+/, ''));
    }),
  );
}

const rules = readAlertRules(
  'rules:\n  - { name: fast, when: { measure: anger, above: 0.2 }, for: 0.4 s }\n  - { name: quiet, when: { measure: silence, above: 0.5 s } }',
);

describe('the timelines of several streams at once', () => {
  it('are the same bytes with 0, 1 and 3 workers, at any batch size and wait', async () => {
    const inline = await timelines(await startBuilt(0));
    for (const timeline of inline) expect(timeline.length).toBeGreaterThan(SECONDS * 5);
    expect(await timelines(await startBuilt(1))).toEqual(inline);
    expect(await timelines(await startBuilt(3))).toEqual(inline);
    expect(await timelines(await startBuilt(1, { limits: { maxBatch: 1, batchWaitMs: 0 } }))).toEqual(inline);
    expect(await timelines(await startBuilt(2, { limits: { maxBatch: 7, batchWaitMs: 40 } }))).toEqual(inline);
    expect(await timelines(await startBuilt(0, { limits: { maxBatch: 3, batchWaitMs: 0 } }))).toEqual(inline);
  }, 120_000);

  it('are so with alert rules too', async () => {
    const inline = await timelines(await startBuilt(0, { rules }));
    expect(inline.flat().some((text) => text.includes('"type":"alert"'))).toBe(true);
    expect(await timelines(await startBuilt(1, { rules }))).toEqual(inline);
  }, 120_000);
});
