import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ServerEvent } from '../../../src/protocol/index.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import { audio, MONO_BYTES_PER_SECOND, Peer, pause, startMessage } from '../harness.ts';
import { startBuilt, threads } from './built.ts';

const servers: RunningServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));
const server = async (...args: Parameters<typeof startBuilt>): Promise<RunningServer> => {
  const started = await startBuilt(...args);
  servers.push(started);
  return started;
};
beforeEach(() => {
  threads.length = 0;
});

const CHUNK = MONO_BYTES_PER_SECOND / 10;
type Window = Extract<ServerEvent, { type: 'window' }>;

/** Cursors from 0 without holes, sequences too, windows on the grid, `ended` last. */
function expectIntact(peer: Peer, seconds: number, stepMs = 200): void {
  const timeline = peer.timeline.map((text) => JSON.parse(text) as ServerEvent & { cursor: number });
  expect(timeline.map(({ cursor }) => cursor)).toEqual(timeline.map((_, index) => index));
  const windows = timeline.filter((event): event is ServerEvent & Window => event.type === 'window');
  expect(windows.map(({ seq, endMs }) => [seq, endMs])).toEqual(
    windows.map((_, index) => [index, (index + 1) * stepMs]),
  );
  expect(windows).toHaveLength((seconds * 1000) / stepMs);
  const ended = timeline.at(-1);
  expect(ended).toMatchObject({ type: 'ended', durationMs: seconds * 1000 });
  expect(ended?.type === 'ended' && ended.channels[0]?.windows).toBe(windows.length);
}

async function sendSlowly(peer: Peer, bytes: Uint8Array, between: (chunk: number) => Promise<void> | void = () => {}) {
  for (let at = 0; at < bytes.length; at += CHUNK) {
    await between(at / CHUNK);
    peer.send(bytes.subarray(at, at + CHUNK));
    await pause(10);
  }
}

describe('a worker that dies', () => {
  it('is replaced: its streams go on with a gap, their numbers and their grid intact; marks and the end are not lost', async () => {
    const running = await server(2);
    const peers = await Promise.all(['a', 'b', 'c', 'd'].map((streamId) => Peer.started(running, { streamId })));
    const [victim] = threads;
    await Promise.all(
      peers.map((peer, index) =>
        sendSlowly(peer, audio(6), async (chunk) => {
          if (chunk === 20) peer.json({ type: 'mark', name: 'before' });
          if (chunk === 25 && index === 0) await victim!.terminate();
          if (chunk === 26) peer.json({ type: 'mark', name: 'after' });
        }),
      ),
    );
    for (const peer of peers) peer.json({ type: 'stop' });
    for (const peer of peers) {
      expect(await peer.closed()).toBe(1000);
      expectIntact(peer, 6);
      expect(peer.of('mark').map(({ name }) => name)).toEqual(['before', 'after']);
      expect(peer.of('error')).toEqual([]);
    }
    // Two streams were on the worker that died, and only they have a gap.
    const gaps = peers.map((peer) => peer.of('status').filter(({ code }) => code === 'gap').length);
    expect([...gaps].sort()).toEqual([0, 0, 1, 1]);
    expect(threads).toHaveLength(3);
  }, 60_000);

  it('while it stops a stream does not keep the stream from ending', async () => {
    const running = await server(1);
    const peer = await Peer.started(running);
    peer.send(audio(3));
    peer.json({ type: 'stop' });
    await threads[0]!.terminate();
    expect(await peer.closed()).toBe(1000);
    expectIntact(peer, 3);
  }, 60_000);

  it('three times in a minute refuses new streams with a retryable error, and keeps those there are', async () => {
    const running = await server(1);
    const peer = await Peer.started(running, { streamId: 'old' });
    for (let death = 1; death <= 3; death += 1) {
      peer.send(audio(1));
      await peer.until((event) => event.type === 'window' && event.endMs >= death * 1000 - 200);
      await threads.at(-1)!.terminate();
      while (threads.length <= death) await pause(20);
    }
    const refused = await Peer.stream(running);
    refused.json(startMessage({ streamId: 'new' }));
    expect(await refused.closed()).toBe(1013);
    expect(refused.of('error')).toMatchObject([{ code: 'analysis-unavailable', retryable: true }]);
    peer.json({ type: 'stop' });
    expect(await peer.closed()).toBe(1000);
    expectIntact(peer, 3);
    expect(peer.of('status').filter(({ code }) => code === 'gap').length).toBeGreaterThanOrEqual(2);
  }, 60_000);
});

describe('a full ring', () => {
  it('holds the sender and loses nothing: a minute of audio at once comes out whole', async () => {
    const running = await server(1);
    const peer = await Peer.started(running);
    const bytes = audio(60);
    // The ring holds a second or two, the inbox one.
    for (let at = 0; at < bytes.length; at += 200_000) peer.send(bytes.subarray(at, at + 200_000));
    peer.json({ type: 'mark', name: 'after all of it' });
    peer.json({ type: 'stop' });
    expect(await peer.closed()).toBe(1000);
    expectIntact(peer, 60);
    expect(peer.of('mark')).toMatchObject([{ atMs: 60_000 }]);
    expect(peer.of('status')).toEqual([]);
  }, 60_000);

  it('does so too where the worker is gone for a while', async () => {
    const running = await server(1);
    const peer = await Peer.started(running);
    void threads[0]!.terminate();
    const bytes = audio(30);
    for (let at = 0; at < bytes.length; at += 50_000) peer.send(bytes.subarray(at, at + 50_000));
    peer.json({ type: 'stop' });
    expect(await peer.closed()).toBe(1000);
    expectIntact(peer, 30);
  }, 60_000);
});

describe('audio that cannot be analysed', () => {
  it('ends its stream with the same error as without workers, and no other', async () => {
    const running = await server(1);
    const format = { encoding: 'pcm_f32le', sampleRateHz: 8000, channels: 1 } as const;
    const witness = await Peer.started(running, { streamId: 'witness' });
    const peer = await Peer.started(running, { streamId: 'broken', format });
    peer.send(audio(1, format));
    peer.send(new Uint8Array(Float32Array.of(0, Number.NaN).buffer));
    peer.send(audio(1, format));
    expect(await peer.closed()).toBe(4400);
    expect(peer.of('error')).toMatchObject([{ code: 'audio-not-finite', retryable: false }]);
    expect(peer.of('ended')).toMatchObject([{ reason: 'error' }]);
    expect(peer.of('window').map(({ endMs }) => endMs)).toContain(800);
    await sendSlowly(witness, audio(2));
    witness.json({ type: 'stop' });
    expect(await witness.closed()).toBe(1000);
    expectIntact(witness, 2);
  }, 60_000);
});

describe('a burst at ten times real time', () => {
  it('is analysed whole, and holds up nobody who keeps to real time', async () => {
    const running = await server(1);
    const live = await Peer.started(running, { streamId: 'live' });
    const bursts = await Promise.all([1, 2, 3].map((n) => Peer.started(running, { streamId: `burst ${n}` })));
    const bytes = audio(10);
    const sending = bursts.map(async (peer) => {
      for (let at = 0; at < bytes.length; at += CHUNK) {
        peer.send(bytes.subarray(at, at + CHUNK));
        await pause(10);
      }
      peer.json({ type: 'stop' });
    });
    for (let chunk = 0; chunk < 20; chunk += 1) {
      live.send(bytes.subarray(chunk * CHUNK, (chunk + 1) * CHUNK));
      await pause(100);
    }
    await Promise.all(sending);
    live.json({ type: 'stop' });
    for (const peer of bursts) {
      expect(await peer.closed()).toBe(1000);
      expectIntact(peer, 10);
      expect(peer.of('status')).toEqual([]);
    }
    expect(await live.closed()).toBe(1000);
    expectIntact(live, 2);
  }, 60_000);
});

describe('a subscriber that reads nothing', () => {
  it('costs the streams and the others nothing', async () => {
    const running = await server(1, { limits: { outgoingBytes: 10_000, slowCloseMs: 60_000 } });
    const stalled = await Peer.subscribe(running, 'stream=*');
    stalled.socket.pause();
    const watching = await Peer.subscribe(running, 'stream=heard');
    const peer = await Peer.started(running, { streamId: 'heard' });
    await sendSlowly(peer, audio(8));
    peer.json({ type: 'stop' });
    expect(await peer.closed()).toBe(1000);
    expectIntact(peer, 8);
    expect(await watching.closed()).toBe(1000);
    expect(watching.timeline).toEqual(peer.timeline);
    stalled.socket.terminate();
  }, 60_000);
});

describe('two hundred connections opened and dropped in a second', () => {
  it.each([0, 1])(
    'leave nothing behind with %i workers',
    async (workers) => {
      const running = await server(workers, { limits: { resumeMs: 100 } });
      const witness = await Peer.started(running, { streamId: 'witness' });
      const sending = sendSlowly(witness, audio(3));
      const bytes = audio(0.5);
      await Promise.all(
        Array.from({ length: 200 }, async (_, index) => {
          await pause(index * 5);
          const peer = await Peer.stream(running);
          if (index % 4 > 0) peer.json(startMessage({ streamId: `dropped ${index}` }));
          if (index % 4 > 1) peer.send(bytes.subarray(0, 3_333));
          if (index % 4 > 2) await peer.until((event) => event.type === 'started');
          peer.socket.terminate();
        }),
      );
      await sending;
      witness.json({ type: 'stop' });
      expect(await witness.closed()).toBe(1000);
      expectIntact(witness, 3);
      for (let wait = 0; running.openStreams > 0 && wait < 200; wait += 1) await pause(50);
      expect(running.openStreams).toBe(0);
    },
    60_000,
  );
});
