import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningServer, ServerOptions } from '../../../src/server/index.ts';
import { BreakableProxy } from '../../client/breakable-proxy.ts';
import { audio, MONO, Peer, pause, SHORT, start, windowLines } from '../harness.ts';
import { IoPeer, type TransportName } from './client.ts';

let server: RunningServer;
let proxy: BreakableProxy;
let peer: IoPeer;
// The client for Node sometimes does not notice that a poll was cut, and finds out with the next ping that does not come.
beforeEach(() => serve({ limits: { pingMs: 200, idleTimeoutMs: 800 } }));
afterEach(async () => {
  peer?.socket.disconnect();
  proxy.close();
  await server.close();
});

async function serve(options: Partial<ServerOptions> = {}): Promise<void> {
  proxy?.close();
  await server?.close();
  server = await start(options);
  proxy = new BreakableProxy(server.port);
  await proxy.listen();
}

/** The real client with its own reconnection, through a proxy that can be cut. */
async function connect(transport: TransportName): Promise<IoPeer> {
  const url = await proxyUrl();
  peer = await IoPeer.connect({ ...server, url }, transport, {
    reconnectionDelay: 20,
    reconnectionDelayMax: 50,
    retries: 20,
    ackTimeout: 1_000,
  });
  return peer;
}
const proxyUrl = async (): Promise<string> => {
  proxy.close();
  proxy = new BreakableProxy(server.port);
  return proxy.listen();
};

/** Cuts until the client has noticed: who polls has no connection between two requests. */
async function cutOff(): Promise<void> {
  let noticed = false;
  peer.socket.once('disconnect', () => {
    noticed = true;
  });
  while (!noticed) {
    proxy.cut();
    await pause(5);
  }
}

const cursorsOf = (of: IoPeer): number[] => of.timeline.map((event) => ('cursor' in event ? event.cursor : -1));

describe.each<TransportName>(['websocket', 'polling'])(
  'a client of Socket.IO over %s whose connection is cut',
  (transport) => {
    it('gets every event once when it comes back, without a word of its own', async () => {
      await connect(transport);
      const sender = await Peer.started(server, { streamId: 'call' });
      await peer.socket.emitWithAck('subscribe', { stream: 'call', from: 'start' });
      await peer.socket.emitWithAck('subscribe', { stream: '*' });
      const { id } = peer.socket;
      for (let cut = 0; cut < 5; cut += 1) {
        const before = peer.of('window').length;
        sender.send(audio(1));
        await peer.until(() => peer.of('window').length > before);
        // Events are on their way while it is cut, and come while it is gone.
        sender.send(audio(1));
        await cutOff();
        await peer.until(() => peer.socket.connected);
        expect(peer.socket.recovered).toBe(true);
      }
      sender.json({ type: 'stop' });
      await sender.closed();
      await peer.until(() => peer.closed.length > 0 && peer.of('ended').length === 2);
      expect(peer.socket.id).toBe(id);
      const each = cursorsOf(peer).sort((a, b) => a - b);
      const expected = sender.timeline.map((_, index) => index);
      // Twice: it subscribed to the stream, and to all streams.
      expect(each).toEqual(expected.flatMap((cursor) => [cursor, cursor]));
      expect(peer.closed).toEqual([{ code: 1000, stream: 'call' }]);
    });

    it('goes on sending where the server stands, with nothing lost and nothing twice', async () => {
      const bytes = audio(6);
      await connect(transport);
      await peer.socket.emitWithAck('start', { format: MONO, analysis: SHORT });
      for (let at = 0, index = 0; at < bytes.length; at += 4_001, index += 1) {
        const sent = peer.socket.emitWithAck('audio', bytes.slice(at, at + 4_001), at);
        if (index % 5 === 2) proxy.cut();
        expect(await sent).toBeUndefined();
      }
      expect(await peer.socket.emitWithAck('stop')).toMatchObject({ type: 'ended', durationMs: 6_000 });
      const whole = await Peer.started(server);
      whole.send(bytes);
      whole.json({ type: 'stop' });
      await whole.closed();
      expect(windowLines(peer.events)).toEqual(windowLines(whole.events));
      expect(cursorsOf(peer)).toEqual(cursorsOf(peer).map((_, index) => index));
      expect(peer.of('started')).toHaveLength(1);
    });
  },
);

describe('a client of Socket.IO that does not come back', () => {
  it('has its stream ended when its time is over', async () => {
    await serve({ limits: { resumeMs: 200 } });
    const watcher = await Peer.subscribe(server, 'stream=call&from=start');
    await connect('websocket');
    await peer.socket.emitWithAck('start', { format: MONO, analysis: SHORT, streamId: 'call' });
    await peer.socket.emitWithAck('audio', audio(1));
    proxy.refuse = true;
    proxy.cut();
    const ended = await watcher.until((event) => event.type === 'ended');
    expect(ended).toMatchObject({ reason: 'disconnect', durationMs: 1_000 });
    expect(server.openStreams).toBe(0);
  });

  it('and hung up itself, at once', async () => {
    const watcher = await Peer.subscribe(server, 'stream=call&from=start');
    await connect('websocket');
    await peer.socket.emitWithAck('start', { format: MONO, analysis: SHORT, streamId: 'call' });
    peer.socket.disconnect();
    expect(await watcher.until((event) => event.type === 'ended')).toMatchObject({ reason: 'disconnect' });
  });

  it('in time, goes on with the token of its stream and the cursors of its subscriptions', async () => {
    await serve({ limits: { outgoingBytes: 2_000 } });
    const sender = await Peer.started(server, { streamId: 'call' });
    await connect('websocket');
    await peer.socket.emitWithAck('subscribe', { stream: 'call', from: 'start' });
    sender.send(audio(1));
    await peer.until(() => peer.of('window').length > 2);
    await cutOff();
    // More than what is kept for a client that comes back.
    sender.send(audio(10));
    sender.json({ type: 'stop' });
    await sender.closed();
    await peer.until(() => peer.socket.connected);
    expect(peer.socket.recovered).toBe(false);
    await peer.socket.emitWithAck('subscribe', { stream: 'call', from: Math.max(...cursorsOf(peer)) + 1 });
    await peer.until(() => peer.of('ended').length > 0);
    expect(cursorsOf(peer)).toEqual(sender.timeline.map((_, index) => index));
  });
});
