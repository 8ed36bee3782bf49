import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workOf } from '../../../src/server/http/reports/job.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import type { Store } from '../../../src/store/index.ts';
import { CHANNELS, StreamScript } from '../../store/script.ts';
import { startBuilt, threads } from '../workers/built.ts';
import { ask, httpOf } from './harness.ts';

// Long reports are made in a thread, which runs from the built package only.

type StoreRoom = typeof import('../../../src/store/index.ts');

let folder: string;
let store: Store;
let server: RunningServer;
let script: StreamScript;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'undertone-long-'));
  const { openStore } = (await import(new URL('../../../dist/store/index.js', import.meta.url).href)) as StoreRoom;
  store = await openStore(join(folder, 'calls.db'));
  script = new StreamScript({ callId: 'long', channels: CHANNELS });
  for (let endMs = 500; endMs <= 400_000; endMs += 500) for (const channel of [0, 1]) script.window(channel, endMs);
  await store.write(script.ended(400_000).take());
  server = await startBuilt(1, { store });
});
afterAll(async () => {
  await server.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

describe('a long call', () => {
  it('is made into reports and files in a thread of their own, the same as short ones', async () => {
    const timelines = await store.timeline('long');
    expect(timelines[0]?.events.join('').length).toBeGreaterThan(400_000);
    const before = threads.length;
    const asked = [
      ['report?format=html', { report: 'html' }],
      ['report?format=json', { report: 'json' }],
      ['timeline?format=csv', { timeline: 'csv' }],
      ['timeline?format=textgrid', { timeline: 'textgrid' }],
    ] as const;
    const answers = await Promise.all(asked.map(([path]) => ask(httpOf(server), 'GET', `/v1/calls/long/${path}`)));
    answers.forEach(({ status, body }, index) => {
      expect(status).toBe(200);
      expect(body).toBe(workOf({ what: asked[index]![1], timelines, withheld: [] }));
    });
    // One for all of them.
    expect(threads.length - before).toBe(1);
  });
});
