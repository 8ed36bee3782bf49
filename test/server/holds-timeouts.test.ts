import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { fakeAnalyzer } from './fake-analyzer.ts';
import { audio, Peer, pause, start } from './harness.ts';

describe('a connection that says nothing', () => {
  it('is closed when no start comes', async () => {
    const server = await start({ limits: { startTimeoutMs: 100 } });
    const peer = await Peer.stream(server);
    expect(await peer.closed()).toBe(4408);
    expect(peer.of('error')).toMatchObject([
      { code: 'start-timeout', message: expect.stringMatching(/within 0.1 s/), retryable: true },
    ]);
    await server.close();
  });

  it('is pinged, and lives as long as it answers', async () => {
    const server = await start({ limits: { pingMs: 30, idleTimeoutMs: 150 } });
    let pings = 0;
    const producer = await Peer.started(server);
    producer.socket.on('ping', () => {
      pings += 1;
    });
    const subscriber = await Peer.subscribe(server, 'stream=*');
    await pause(600);
    expect(pings).toBeGreaterThan(3);
    expect(producer.closeCode).toBeUndefined();
    expect(subscriber.closeCode).toBeUndefined();
    await server.close();
  });

  it('is closed when it does not answer, and its stream waits to be resumed', async () => {
    const server = await start({ limits: { pingMs: 30, idleTimeoutMs: 150 } });
    const socket = new WebSocket(`${server.url}/v1/stream`, { autoPong: false });
    const peer = new Peer(socket);
    await new Promise((resolve) => socket.once('open', resolve));
    peer.json({ type: 'start', streamId: 'mute', format: { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 } });
    expect(await peer.closed()).toBe(4408);
    expect(peer.of('error')).toMatchObject([{ code: 'idle-timeout' }]);
    expect(server.openStreams).toBe(1);
    const mute = new Peer(new WebSocket(`${server.url}/v1/subscribe?stream=*`, { autoPong: false }));
    expect(await mute.closed()).toBe(4408);
    await server.close();
  });

  it('is not called silent for a stall of the server', async () => {
    const server = await start({ limits: { pingMs: 5_000, idleTimeoutMs: 300 } });
    const peer = await Peer.started(server);
    await pause(200);
    // It speaks in time; the server has no time to listen.
    peer.send(audio(0.1));
    const until = performance.now() + 400;
    while (performance.now() < until);
    await pause(50);
    peer.json({ type: 'stop' });
    expect(await peer.closed()).toBe(1000);
    await server.close();
  });

  it('is not called silent while the server does not listen to it', async () => {
    // A reader that does not read stops its stream, its inbox fills, and the socket is paused: no answer can be heard.
    const server = await start({
      createAnalyzer: fakeAnalyzer(() => 500),
      limits: {
        pingMs: 100,
        idleTimeoutMs: 400,
        inboxBytes: 2_000,
        outgoingBytes: 10_000,
        historyBytesPerStream: 100_000_000,
      },
    });
    const peer = await Peer.started(server);
    peer.socket.pause();
    for (let chunk = 0; chunk < 40; chunk += 1) peer.send(audio(0.02));
    await pause(1_500);
    peer.socket.resume();
    peer.json({ type: 'stop' });
    expect(await peer.closed()).toBe(1000);
    expect(peer.of('window')).toHaveLength(20_000);
    await server.close();
  });
});
