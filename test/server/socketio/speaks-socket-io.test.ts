import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningServer, ServerOptions } from '../../../src/server/index.ts';
import { audio, MONO, Peer, SHORT, start, windowLines } from '../harness.ts';
import { IoPeer, type TransportName } from './client.ts';

let server: RunningServer;
let peers: IoPeer[] = [];
afterEach(async () => {
  for (const { socket } of peers) socket.disconnect();
  peers = [];
  await server?.close();
});

const serve = async (options: Partial<ServerOptions> = {}): Promise<void> => {
  server = await start(options);
};
async function connect(
  ...[transport, options]: [TransportName, Parameters<typeof IoPeer.connect>[2]?]
): Promise<IoPeer> {
  const peer = await IoPeer.connect(server, transport, options);
  peers.push(peer);
  return peer;
}
const REQUEST = { format: MONO, analysis: SHORT };

/** The windows that the native protocol gives of the same audio. */
async function native(bytes: Uint8Array): Promise<string[]> {
  const peer = await Peer.started(server);
  peer.send(bytes);
  peer.json({ type: 'stop' });
  await peer.closed();
  return windowLines(peer.events);
}

describe.each<TransportName>(['websocket', 'polling'])('Socket.IO over %s', (transport) => {
  it('streams audio with acknowledgements and gives the events of the native protocol', async () => {
    await serve();
    const peer = await connect(transport);
    expect(peer.socket.io.engine.transport.name).toBe(transport);
    const started = await peer.socket.emitWithAck('start', REQUEST);
    expect(started).toMatchObject({ type: 'started', receivedSamples: 0, analysis: SHORT });
    const bytes = audio(4);
    for (let at = 0; at < bytes.length; at += 3_201) {
      expect(await peer.socket.emitWithAck('audio', bytes.slice(at, at + 3_201))).toBeUndefined();
      if (at === 0) expect(await peer.socket.emitWithAck('mark', { name: 'here' })).toBeUndefined();
    }
    const summary = await peer.socket.emitWithAck('stop');
    await peer.until(() => peer.closed.length > 0);
    expect(summary).toMatchObject({ type: 'ended', reason: 'stop', durationMs: 4_000 });
    expect(peer.closed).toEqual([{ code: 1000 }]);
    expect(peer.of('started')).toEqual([started]);
    expect(peer.timeline.at(-1)).toEqual(summary);
    expect(peer.timeline.map((event) => ('cursor' in event ? event.cursor : -1))).toEqual(
      peer.timeline.map((_, index) => index),
    );
    expect(peer.of('mark')).toHaveLength(1);
    expect(windowLines(peer.events)).toEqual(await native(bytes));
  });

  it('carries one stream after another, and what it subscribes to beside it', async () => {
    await serve();
    const sender = await connect(transport);
    const reader = await connect(transport);
    expect(await reader.socket.emitWithAck('subscribe', { stream: 'a' })).toBeUndefined();
    expect(await reader.socket.emitWithAck('subscribe', { stream: 'b', from: 'start' })).toBeUndefined();
    for (const streamId of ['a', 'b']) {
      await sender.socket.emitWithAck('start', { ...REQUEST, streamId });
      await sender.socket.emitWithAck('audio', audio(2));
      await sender.socket.emitWithAck('stop');
    }
    await reader.until(() => reader.closed.length === 2);
    expect(reader.closed).toEqual([
      { code: 1000, stream: 'a' },
      { code: 1000, stream: 'b' },
    ]);
    for (const streamId of ['a', 'b']) {
      const of = (peer: IoPeer) => peer.timeline.filter((event) => 'streamId' in event && event.streamId === streamId);
      expect(of(reader)).toEqual(of(sender));
      expect(of(reader).length).toBeGreaterThan(8);
    }
    expect(reader.of('status').map(({ code }) => code)).toEqual(['waiting', 'waiting']);
  });

  it('leaves a stream that it subscribed to, and hears it no more', async () => {
    await serve();
    const sender = await connect(transport);
    const reader = await connect(transport);
    await reader.socket.emitWithAck('subscribe', { stream: '*' });
    await sender.socket.emitWithAck('start', REQUEST);
    await sender.socket.emitWithAck('audio', audio(1));
    await reader.until(() => reader.of('window').length > 0);
    await reader.socket.emitWithAck('unsubscribe', { stream: '*' });
    const heard = reader.events.length;
    await sender.socket.emitWithAck('audio', audio(1));
    await sender.socket.emitWithAck('stop');
    await reader.socket.emitWithAck('unsubscribe', { stream: 'never' });
    expect(reader.events.length).toBe(heard);
  });

  it('tells an error by its event and its acknowledgement, and works on', async () => {
    await serve();
    const peer = await connect(transport);
    const wrong = { ...REQUEST, format: { ...MONO, sampleRateHz: 1 } };
    expect(await peer.socket.emitWithAck('start', wrong)).toMatchObject({ type: 'error', code: 'rate-out-of-range' });
    expect(await peer.socket.emitWithAck('audio', audio(0.1))).toMatchObject({ code: 'audio-before-start' });
    expect(await peer.socket.emitWithAck('subscribe', { stream: 'x', wait: false })).toMatchObject({
      code: 'unknown-stream',
    });
    expect(await peer.socket.emitWithAck('subscribe', { stream: '' })).toMatchObject({ code: 'invalid-query' });
    await peer.until(() => peer.closed.length === 4);
    expect(peer.closed).toEqual([
      { code: 4415 },
      { code: 4400 },
      { code: 4404, stream: 'x' },
      { code: 4400, stream: '' },
    ]);
    expect(peer.of('error').map(({ code }) => code)).toEqual([
      'rate-out-of-range',
      'audio-before-start',
      'unknown-stream',
      'invalid-query',
    ]);
    expect(await peer.socket.emitWithAck('start', REQUEST)).toMatchObject({ type: 'started' });
    expect(await peer.socket.emitWithAck('start', REQUEST)).toMatchObject({ code: 'already-started' });
  });

  it('needs the key where there is one: in a header, in the query or in its own handshake', async () => {
    await serve({ apiKey: 'k3y' });
    const refused = {
      message: expect.stringMatching(/^The API key is missing or wrong/),
      data: { code: 'unauthorized' },
    };
    await expect(connect(transport)).rejects.toMatchObject(refused);
    await expect(connect(transport, { auth: { key: 'wrong' } })).rejects.toMatchObject(refused);
    await connect(transport, { auth: { key: 'k3y' } });
    await connect(transport, { query: { key: 'k3y' } });
    await connect(transport, { extraHeaders: { authorization: 'Bearer k3y' } });
  });

  it('is for no page of elsewhere where there is no key', async () => {
    await serve();
    await expect(connect(transport, { extraHeaders: { origin: 'https://elsewhere.example' } })).rejects.toThrow();
    await connect(transport, { extraHeaders: { origin: 'http://localhost:3000' } });
  });

  it('is flushed, told and hung up at a shutdown', async () => {
    await serve();
    const peer = await connect(transport, { reconnection: false });
    await peer.socket.emitWithAck('start', REQUEST);
    await peer.socket.emitWithAck('audio', audio(1));
    await server.close();
    await peer.until(() => !peer.socket.connected);
    expect(peer.of('status').map(({ code }) => code)).toContain('draining');
    expect(peer.of('ended')).toMatchObject([{ reason: 'shutdown', durationMs: 1_000 }]);
    expect(peer.closed).toEqual([{ code: 1001 }]);
  });
});

describe('the gateway', () => {
  it('stands beside the WebSockets of the server, which do not notice', async () => {
    await serve();
    const [peer, socket] = await Promise.all([connect('websocket'), Peer.started(server, { streamId: 'native' })]);
    await peer.socket.emitWithAck('subscribe', { stream: 'native', from: 'start' });
    socket.send(audio(2));
    socket.json({ type: 'stop' });
    expect(await socket.closed()).toBe(1000);
    await peer.until(() => peer.closed.length > 0);
    expect(peer.timeline).toEqual(socket.timeline.map((text) => JSON.parse(text)));
    expect((await fetch(`${server.url.replace('ws:', 'http:')}/healthz`)).status).toBe(200);
    const other = new WebSocket(`${server.url}/elsewhere`);
    await new Promise((resolve) => other.once('error', resolve));
  });

  it('has no other namespace', async () => {
    await serve();
    const { io } = await import('socket.io-client');
    const socket = io(server.url.replace('ws:', 'http:'), { transports: ['websocket'], forceNew: true });
    const error = await new Promise<Error>((resolve) => socket.once('connect_error', resolve));
    socket.disconnect();
    expect(error.message).toMatch(/^There is nothing at the namespace/);
  });

  it('holds the acknowledgement of audio until there is room, and stops who does not wait', async () => {
    await serve({ limits: { inboxBytes: 20_000 } });
    const patient = await connect('websocket');
    await patient.socket.emitWithAck('start', REQUEST);
    const bytes = audio(20);
    for (let at = 0; at < bytes.length; at += 16_000) {
      await patient.socket.emitWithAck('audio', bytes.slice(at, at + 16_000));
    }
    expect(await patient.socket.emitWithAck('stop')).toMatchObject({ type: 'ended', durationMs: 20_000 });
    const hasty = await connect('websocket');
    await hasty.socket.emitWithAck('start', REQUEST);
    for (let sent = 0; sent < 100; sent += 1) hasty.socket.emit('audio', bytes.slice(0, 16_000));
    await hasty.until(() => hasty.closed.length > 0);
    expect(hasty.of('error')[0]).toMatchObject({ code: 'audio-too-fast', retryable: true });
    expect(hasty.closed[0]).toEqual({ code: 4429 });
    expect(hasty.of('ended')).toMatchObject([{ reason: 'error' }]);
  });

  it('takes audio once that comes twice with its position, and tells of audio that is missing', async () => {
    await serve();
    const peer = await connect('websocket');
    await peer.socket.emitWithAck('start', REQUEST);
    const bytes = audio(2);
    await peer.socket.emitWithAck('audio', bytes.slice(0, 10_000), 0);
    await peer.socket.emitWithAck('audio', bytes.slice(0, 10_000), 0);
    await peer.socket.emitWithAck('audio', bytes.slice(5_000, 20_000), 5_000);
    await peer.socket.emitWithAck('audio', bytes.slice(20_000), 20_000);
    expect(await peer.socket.emitWithAck('stop')).toMatchObject({ durationMs: 2_000 });
    expect(windowLines(peer.events)).toEqual(await native(bytes));
    await peer.socket.emitWithAck('start', REQUEST);
    expect(await peer.socket.emitWithAck('audio', bytes.slice(0, 100), 1)).toMatchObject({ code: 'invalid-message' });
    await peer.until(() => peer.closed.length === 2);
    expect(peer.closed).toEqual([{ code: 1000 }, { code: 4400 }]);
  });

  it('answers an event that it does not know, and ends the stream as a message of that type would', async () => {
    await serve();
    const peer = await connect('websocket');
    const raw = peer.socket as unknown as {
      timeout(ms: number): { emitWithAck(name: string, ...args: unknown[]): Promise<unknown> };
    };
    const ask = (name: string, ...args: unknown[]): Promise<unknown> => raw.timeout(5_000).emitWithAck(name, ...args);
    const unknown = { type: 'error', code: 'unknown-type', retryable: false };
    expect(await ask('bogus', {})).toMatchObject({ ...unknown, message: expect.stringContaining('"bogus"') });
    expect(await ask('x'.repeat(1_000))).toMatchObject({ message: expect.stringMatching(/^.{1,250}$/) });
    expect(await ask('error')).toMatchObject(unknown);
    await peer.socket.emitWithAck('start', REQUEST);
    expect(await ask('bogus', {})).toMatchObject(unknown);
    await peer.until(() => peer.closed.length === 4);
    expect(peer.of('error')).toMatchObject([unknown, unknown, unknown, unknown]);
    expect(peer.closed).toEqual([{ code: 4400 }, { code: 4400 }, { code: 4400 }, { code: 4400 }]);
    expect(peer.of('ended')).toMatchObject([{ reason: 'error' }]);
    await peer.socket.emitWithAck('start', REQUEST);
    expect(await ask('mark', { name: 7 })).toMatchObject({ code: 'invalid-message' });
  });

  it('lives through whatever is emitted, and so do the others', async () => {
    await serve();
    const witness = await Peer.started(server, { streamId: 'witness' });
    const peer = await connect('websocket');
    const raw = peer.socket as unknown as { emit(name: string, ...args: unknown[]): void };
    const wild = [
      undefined,
      null,
      1,
      'text',
      [],
      [[]],
      {},
      { type: 'stop' },
      new Uint8Array(3),
      { __proto__: { stream: 'x' } },
    ];
    for (const name of [
      'start',
      'audio',
      'mark',
      'stop',
      'subscribe',
      'unsubscribe',
      'error',
      'toString',
      '__proto__',
    ]) {
      for (const value of wild) {
        raw.emit(name, value);
        raw.emit(name, value, value, () => {});
      }
    }
    raw.emit('start', { ...REQUEST, metadata: { a: new Uint8Array(10) } });
    raw.emit('start', REQUEST);
    raw.emit('audio', 'no bytes');
    raw.emit('audio', new Uint8Array(1_048_577));
    expect(await peer.socket.emitWithAck('start', REQUEST)).toBeDefined();
    witness.send(audio(2));
    witness.json({ type: 'stop' });
    expect(await witness.closed()).toBe(1000);
    expect(witness.of('error')).toEqual([]);
  });
});
