import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connect } from '../../src/client/index.ts';
import { audio, MONO, Peer, pause, SHORT, start, windowLines } from './harness.ts';

describe('a server that shuts down', () => {
  it('flushes every stream to its end, tells everyone, and closes with 1001', async () => {
    const reference = await start();
    const whole = await Peer.started(reference);
    whole.send(audio(2.5));
    whole.json({ type: 'stop' });
    await whole.closed();
    await reference.close();

    const server = await start();
    const producers = [await Peer.started(server, { streamId: 'a' }), await Peer.started(server, { streamId: 'b' })];
    const subscribers = [
      await Peer.subscribe(server, 'stream=a&from=start'),
      await Peer.subscribe(server, 'stream=*'),
      await Peer.subscribe(server, 'stream=never'),
    ];
    const fresh = await Peer.stream(server);
    for (const peer of producers) peer.send(audio(2.5));
    // What has reached the server counts, analysed or not.
    await Promise.all(
      producers.map((peer) => peer.until((event) => event.type === 'ack' && event.receivedSamples >= 16_000)),
    );
    await server.close();

    for (const peer of producers) {
      expect(await peer.closed()).toBe(1001);
      expect(windowLines(peer.events)).toEqual(windowLines(whole.events));
      expect(peer.of('status')).toMatchObject([{ code: 'draining' }]);
      expect(peer.of('ended')).toMatchObject([{ reason: 'shutdown', durationMs: 2500 }]);
      expect(peer.events.at(-1)!.type).toBe('ended');
    }
    for (const peer of [...subscribers, fresh]) {
      expect(await peer.closed()).toBe(1001);
      expect(peer.of('status').map(({ code }) => code)).toContain('draining');
    }
    expect(subscribers[0]!.timeline).toEqual(producers[0]!.timeline);
    expect(
      subscribers[1]!
        .of('ended')
        .map(({ streamId }) => streamId)
        .sort(),
    ).toEqual(['a', 'b']);
    await expect(Peer.stream(server)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('flushes streams that wait to be resumed, too', async () => {
    const server = await start({ limits: { resumeMs: 60_000 } });
    const all = await Peer.subscribe(server, 'stream=*');
    const gone = await Peer.started(server, { streamId: 'gone' });
    gone.send(audio(1));
    await gone.until((event) => event.type === 'window');
    gone.socket.terminate();
    await all.until((event) => event.type === 'status' && event.code === 'paused');
    await server.close();
    expect(all.of('ended')).toMatchObject([{ streamId: 'gone', reason: 'shutdown', durationMs: 1000 }]);
  });

  it('takes nothing new meanwhile', async () => {
    const server = await start();
    const slow = await Peer.started(server);
    slow.send(audio(60));
    slow.send(audio(60));
    await slow.until((event) => event.type === 'ack');
    const closing = server.close({ drainMs: 20_000 });
    await expect(Peer.stream(server)).rejects.toThrow();
    await closing;
    expect(slow.of('ended')).toMatchObject([{ reason: 'shutdown' }]);
    expect(server.openStreams).toBe(0);
  });

  it('answers a request that was on its way with shutting-down', async () => {
    const server = await start();
    const stream = await Peer.started(server);
    stream.send(audio(60));
    stream.send(audio(60));
    await stream.until((event) => event.type === 'ack');
    const ask = async (path: string, headers: string): Promise<(rest: string) => Promise<string>> => {
      const socket = connectTcp(server.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}`);
      return async (rest) => {
        socket.end(rest);
        let text = '';
        for await (const part of socket) text += String(part);
        return text;
      };
    };
    const key = `Sec-WebSocket-Key: ${'A'.repeat(22)}==\r\nSec-WebSocket-Version: 13\r\n`;
    const upgrade = await ask('/v1/stream', `Connection: Upgrade\r\nUpgrade: websocket\r\n${key}`);
    const health = await ask('/healthz', 'Connection: close\r\n');
    await pause(20);
    const closing = server.close({ drainMs: 20_000 });
    expect(await upgrade('\r\n')).toMatch(/^HTTP\/1.1 503 .*"code":"shutting-down"/s);
    expect(await health('\r\n')).toMatch(/^HTTP\/1.1 503 .*"status":"draining"/s);
    await closing;
    expect(await stream.closed()).toBe(1001);
  });

  it('cuts what does not close in time', async () => {
    const server = await start();
    const socket = new WebSocket(`${server.url}/v1/stream`);
    const deaf = new Peer(socket);
    await new Promise((resolve) => socket.once('open', resolve));
    deaf.json({ type: 'start', format: MONO, analysis: SHORT });
    await deaf.until((event) => event.type === 'started');
    socket.pause();
    const before = performance.now();
    await server.close({ drainMs: 200 });
    expect(performance.now() - before).toBeLessThan(5_000);
    socket.resume();
    expect([1001, 1006]).toContain(await deaf.closed());
  });

  it('may be closed twice, and its port is free then', async () => {
    const server = await start();
    await Promise.all([server.close(), server.close()]);
    const again = await start({ port: server.port });
    expect(again.port).toBe(server.port);
    await again.close();
    await pause(1);
  });

  it('ends a client of ours with its summary', async () => {
    const server = await start();
    const stream = await connect(server.url).stream({ format: MONO, analysis: SHORT });
    const iterated: string[] = [];
    const reading = (async () => {
      for await (const event of stream) iterated.push(event.type);
    })();
    await stream.send(audio(1));
    await pause(50);
    await server.close();
    await reading;
    expect(iterated.at(-1)).toBe('ended');
    expect(await stream.stop()).toMatchObject({ reason: 'shutdown', durationMs: 1000 });
    await expect(stream.send(audio(0.1))).rejects.toMatchObject({ code: 'connection-closed' });
  });
});
