import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { STORE } from './built.ts';
import { PostgresCluster } from './postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'undertone-kill-'));
let cluster: PostgresCluster;
beforeAll(async () => {
  cluster = await PostgresCluster.start();
});
afterAll(async () => {
  await cluster.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(['sqlite', 'postgres'] as const)('a store: %s', (kind) => {
  it('of a process that is killed in the middle of a batch is whole, and its calls are lost', async () => {
    const url = kind === 'sqlite' ? join(folder, 'killed.db') : await cluster.database();
    const child = spawn(process.execPath, [join(import.meta.dirname, 'writes-until-killed.mjs'), STORE, url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let kept = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      kept = Number(line);
      if (kept >= 2000) break;
    }
    await expect(openStore(url)).rejects.toMatchObject({ code: 'store-in-use' });
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    if (kind === 'sqlite') expect(existsSync(`${url}-wal`)).toBe(true);
    const store = await openStore(url);
    const call = await store.call('killed');
    expect(call).toMatchObject({ state: 'lost', metadata: { caller: '1' } });
    const { events } = (await store.timeline('killed'))[0]!;
    // Whole batches: those that were said to be kept, and perhaps more.
    expect(events.length % 100).toBe(0);
    expect(events.length).toBeGreaterThanOrEqual(kept);
    const cursors = events.map((text) => JSON.parse(text).cursor);
    expect(cursors).toEqual(events.map((_, index) => index));
    expect(call?.marks).toHaveLength(events.length / 10);
    await store.close();
  });
});
