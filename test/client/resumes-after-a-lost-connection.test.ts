import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import type { ServerEvent } from '../../src/protocol/index.ts';
import type { RunningServer } from '../../src/server/index.ts';
import { audio, MONO, pause, SHORT, start, windowLines } from '../server/harness.ts';
import { BreakableProxy } from './breakable-proxy.ts';

let server: RunningServer;
let proxy: BreakableProxy;
let url: string;
beforeAll(async () => {
  server = await start({ limits: { resumeMs: 2_000 } });
});
afterAll(() => server.close());
beforeEach(async () => {
  proxy = new BreakableProxy(server.port);
  url = await proxy.listen();
});
afterEach(() => proxy.close());

const STEREO = { ...MONO, channels: 2 };
const request = { format: STEREO, analysis: SHORT };
const bytes = audio(4, STEREO);

async function run(to: string): Promise<ServerEvent[]> {
  const stream = await connect(to).stream(request);
  const events = lastValueFrom(stream.events$.pipe(toArray()));
  // A chunk that is no whole number of samples: a cut may fall inside one.
  for (let at = 0, index = 0; at < bytes.length; at += 1001, index += 1) {
    await stream.send(bytes.subarray(at, at + 1001));
    if (index % 20 === 0) {
      stream.mark(`mark ${index}`);
      // Lets the server keep up, so that cuts fall between audio that is acknowledged and audio that is not.
      await pause(2);
    }
  }
  await stream.stop();
  return events;
}

const cursors = (events: readonly ServerEvent[]): number[] =>
  events.flatMap((event) => ('cursor' in event ? [event.cursor] : []));
const marks = (events: readonly ServerEvent[]): object[] =>
  events.flatMap((event) => (event.type === 'mark' ? [{ name: event.name, atMs: event.atMs }] : []));

describe('a stream whose connection is cut', () => {
  it.each([[[1_500]], [[20_011]], [[40_000, 30_000, 20_003]], [[5_000, 5_001, 5_002, 5_003, 5_004, 5_005, 5_006]]])(
    'goes on with the same windows and marks, every cursor once, cut after %j bytes',
    async (cuts) => {
      const whole = await run(server.url);
      proxy.cutAfterBytes.push(...cuts);
      const cut = await run(url);
      expect(proxy.connections).toBe(cuts.length + 1);
      expect(windowLines(cut)).toEqual(windowLines(whole));
      expect(marks(cut)).toEqual(marks(whole));
      expect(cursors(cut)).toEqual(cursors(cut).map((_, index) => index));
      expect(cut.filter((event) => event.type === 'started')).toHaveLength(cuts.length + 1);
      expect(cut.at(-1)).toMatchObject({ type: 'ended', reason: 'stop', durationMs: 4000 });
    },
  );

  it('after stop still gets its last events', async () => {
    const stream = await connect(url).stream(request);
    const events = lastValueFrom(stream.events$.pipe(toArray()));
    await stream.send(bytes);
    const stopped = stream.stop();
    await pause(1);
    proxy.cut();
    expect(await stopped).toMatchObject({ reason: 'stop' });
    expect(cursors(await events)).toEqual(cursors(await events).map((_, index) => index));
  });

  it('tries again while the server cannot be reached', async () => {
    const stream = await connect(url).stream(request);
    await stream.send(bytes.subarray(0, 32_000));
    proxy.refuse = true;
    proxy.cut();
    await pause(300);
    proxy.refuse = false;
    await stream.send(bytes.subarray(32_000));
    expect(await stream.stop()).toMatchObject({ reason: 'stop', durationMs: 4000 });
    expect(proxy.connections).toBeGreaterThan(2);
  });

  it('fails when the server has given it up', async () => {
    const stream = await connect(url).stream({ ...request, streamId: 'given-up' });
    const watched = lastValueFrom(connect(server.url).subscribe('given-up', { from: 'start' }).events$.pipe(toArray()));
    await stream.send(bytes.subarray(0, 32_000));
    proxy.refuse = true;
    proxy.cut();
    const events = await watched;
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'disconnect' });
    expect(events).toContainEqual(expect.objectContaining({ type: 'status', code: 'paused' }));
    proxy.refuse = false;
    await expect(stream.stop()).rejects.toMatchObject({ code: 'unknown-token' });
  });

  it('fails with connection-lost when it may not resume, or the server stays away', async () => {
    const once = await connect(url, { resumeMs: 0 }).stream(request);
    const patient = await connect(url, { resumeMs: 250 }).stream(request);
    proxy.refuse = true;
    proxy.cut();
    await expect(once.stop()).rejects.toMatchObject({ code: 'connection-lost' });
    await expect(patient.stop()).rejects.toMatchObject({ code: 'connection-lost' });
    await expect(lastValueFrom(patient.events$)).rejects.toMatchObject({ code: 'connection-lost' });
  });
});

describe('a subscription whose connection is cut', () => {
  it('goes on at the next cursor', async () => {
    const stream = await connect(server.url).stream({ ...request, streamId: 'cut-sub' });
    const subscription = connect(url).subscribe('cut-sub', { from: 'start' });
    const events = lastValueFrom(subscription.events$.pipe(toArray()));
    await subscription.ready;
    for (let at = 0; at < bytes.length; at += 16_000) {
      await stream.send(bytes.subarray(at, at + 16_000));
      await pause(20);
      proxy.cut();
    }
    await stream.stop();
    const seen = cursors(await events);
    expect(seen).toEqual(seen.map((_, index) => index));
    expect(proxy.connections).toBeGreaterThan(1);
  });
});
