import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import type { ServerEvent } from '../../src/protocol/index.ts';
import type { RunningServer } from '../../src/server/index.ts';
import { audio, MONO, SHORT, start } from '../server/harness.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.close());

const request = { format: MONO, analysis: SHORT };

describe('a stream', () => {
  it('sends audio, hears windows, and ends with its summary', async () => {
    const stream = await connect(server.url).stream({
      ...request,
      streamId: 'leg-1',
      callId: 'call-1',
      channels: [{ name: 'customer', role: 'customer' }],
      metadata: { queue: 'sales' },
    });
    expect(stream.streamId).toBe('leg-1');
    expect(stream.started).toMatchObject({ callId: 'call-1', channels: [{ name: 'customer', role: 'customer' }] });
    const windows = lastValueFrom(stream.windows$.pipe(toArray()));
    await stream.send(audio(1));
    stream.mark('here');
    await stream.send(audio(1));
    const ended = await stream.stop();
    expect(ended).toMatchObject({ type: 'ended', reason: 'stop', durationMs: 2000 });
    expect((await windows).map(({ endMs }) => endMs)).toEqual([200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000]);
  });

  it('keeps its events for the first listener, whenever it comes', async () => {
    const stream = await connect(server.url).stream(request);
    await stream.send(audio(1));
    await stream.stop();
    const events: ServerEvent[] = [];
    for await (const event of stream) events.push(event);
    expect(events[0]?.type).toBe('started');
    expect(events.at(-1)?.type).toBe('ended');
    expect(events.filter(({ type }) => type === 'window')).toHaveLength(5);
  });

  it('can send from a buffer that is used again', async () => {
    const bytes = audio(2);
    const summary = async (reuse: boolean) => {
      const stream = await connect(server.url).stream(request);
      const windows = lastValueFrom(stream.windows$.pipe(toArray()));
      const buffer = new Uint8Array(1600);
      // Fills the window, so that what follows waits in the client.
      stream.send(new Uint8Array(600_000));
      for (let at = 0; at < bytes.length; at += buffer.length) {
        const chunk = bytes.subarray(at, at + buffer.length);
        if (reuse) buffer.set(chunk);
        stream.send(reuse ? buffer : chunk);
        if (reuse) buffer.fill(0);
      }
      await stream.stop();
      return (await windows).map(({ raw }) => raw);
    };
    expect(await summary(true)).toEqual(await summary(false));
  });

  it('refuses to send after its end', async () => {
    const stream = await connect(server.url).stream(request);
    await stream.stop();
    await expect(stream.send(audio(0.1))).rejects.toMatchObject({ code: 'connection-closed' });
    expect(() => stream.mark('late')).toThrow(/has ended/);
    expect(await stream.stop()).toMatchObject({ reason: 'stop' });
  });

  it('is left by close, and the server ends it', async () => {
    const stream = await connect(server.url).stream({ ...request, streamId: 'left' });
    const events = lastValueFrom(connect(server.url).subscribe('left', { from: 'start' }).events$);
    await stream.send(audio(0.5));
    stream.close();
    await expect(stream.stop()).rejects.toMatchObject({ code: 'connection-closed' });
    expect(await events).toMatchObject({ type: 'ended', reason: 'disconnect' });
  });

  it('takes more than a message holds in one send', async () => {
    const format = { ...MONO, sampleRateHz: 48_000, encoding: 'pcm_f32le', channels: 2 } as const;
    const stream = await connect(server.url).stream({ format, analysis: { windowMs: 1000, stepMs: 1000 } });
    await stream.send(audio(4, format));
    expect(await stream.stop()).toMatchObject({ durationMs: 4000 });
  });

  it('waits in send for the server to catch up, and refuses what nobody waits for', async () => {
    const stream = await connect(server.url, { windowBytes: 131_072, maxUnackedBytes: 300_000 }).stream(request);
    let early = false;
    const sent = stream.send(new Uint8Array(320_000)).then(() => {
      expect(stream.unackedBytes).toBeLessThan(131_072);
      early = true;
    });
    expect(early).toBe(false);
    await expect(stream.send(new Uint8Array(2))).rejects.toMatchObject({ code: 'send-buffer-full' });
    await sent;
    expect(await stream.stop()).toMatchObject({ durationMs: 20_000 });
  });
});

describe('a subscription', () => {
  it('hears history and what comes live, as an observable and as an iterator', async () => {
    const connection = connect(server.url);
    const stream = await connection.stream({ ...request, streamId: 'heard' });
    await stream.send(audio(1));
    const live = connection.subscribe('heard', { from: 'start' });
    await live.ready;
    const observed = lastValueFrom(live.events$.pipe(toArray()));
    await stream.send(audio(1));
    await stream.stop();
    const iterated: ServerEvent[] = [];
    for await (const event of connection.subscribe('heard', { from: 'start' })) iterated.push(event);
    const numbered = (await observed).filter((event) => 'cursor' in event);
    expect(numbered).toEqual(iterated);
    expect(iterated.map((event) => ('cursor' in event ? event.cursor : -1))).toEqual(iterated.map((_, index) => index));
  });

  it('of every stream hears them all', async () => {
    const connection = connect(server.url);
    const all = connection.subscribe('*');
    await all.ready;
    const ended: string[] = [];
    all.events$.subscribe((event) => {
      if (event.type === 'ended') ended.push(event.streamId);
    });
    const streams = await Promise.all(['x', 'y'].map((streamId) => connection.stream({ ...request, streamId })));
    await Promise.all(streams.map((stream) => stream.stop()));
    while (ended.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(ended.sort()).toEqual(['x', 'y']);
    connection.close();
    await all.done;
  });

  it('waits for a stream, or does not', async () => {
    const waits = connect(server.url).subscribe('later');
    const first = await waits[Symbol.asyncIterator]().next();
    expect(first.value).toMatchObject({ type: 'status', code: 'waiting' });
    waits.close();
    const refused = connect(server.url).subscribe('never', { wait: false });
    await expect(refused.ready).rejects.toMatchObject({ code: 'unknown-stream' });
    await expect(lastValueFrom(refused.events$)).rejects.toMatchObject({ code: 'unknown-stream' });
  });
});

describe('errors', () => {
  it('of the server come as errors of the table, with its sentence', async () => {
    const bad = { format: { ...MONO, sampleRateHz: 96_000 } };
    await expect(connect(server.url).stream(bad)).rejects.toMatchObject({
      name: 'UndertoneError',
      code: 'rate-out-of-range',
      message: expect.stringContaining('96000 Hz'),
    });
    const first = await connect(server.url).stream({ ...request, streamId: 'twice' });
    await expect(connect(server.url).stream({ ...request, streamId: 'twice' })).rejects.toMatchObject({
      code: 'duplicate-stream',
    });
    await first.stop();
  });

  it('in the audio end the stream everywhere: events, send and stop', async () => {
    const format = { encoding: 'pcm_f32le', sampleRateHz: 8000, channels: 1 } as const;
    const stream = await connect(server.url).stream({ format, analysis: SHORT });
    const events: ServerEvent[] = [];
    const failed = new Promise((resolve) =>
      stream.events$.subscribe({ next: (event) => events.push(event), error: resolve }),
    );
    await stream.send(audio(1, format));
    stream.send(new Uint8Array(new Float32Array([0, Number.NaN]).buffer));
    expect(await failed).toMatchObject({ code: 'audio-not-finite' });
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'error' });
    await expect(stream.send(audio(0.1, format))).rejects.toMatchObject({ code: 'audio-not-finite' });
    await expect(stream.stop()).rejects.toMatchObject({ code: 'audio-not-finite' });
  });

  it('of the connection are told without the key', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    await expect(
      connect(`ws://127.0.0.1:${port}?key=s3cret`, { apiKey: 's3cret' }).stream(request),
    ).rejects.toMatchObject({
      code: 'connection-failed',
      message: expect.not.stringContaining('s3cret'),
    });
    expect(() => connect('127.0.0.1:8790')).toThrow(/begins with ws/);
    expect(() => connect('ftp://host')).toThrow(/begins with ws/);
  });

  it('of a server that is no Undertone', async () => {
    const other = createServer((_, response) => response.writeHead(200).end('hello'));
    other.on('upgrade', (_, socket) => socket.end('HTTP/1.1 418 Teapot\r\nConnection: close\r\n\r\nshort and stout'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(connect(`http://127.0.0.1:${port}`).stream(request)).rejects.toMatchObject({
      code: 'connection-failed',
      message: expect.stringContaining('HTTP status 418'),
    });
    other.close();
  });

  it('of a key', async () => {
    const locked = await start({ apiKey: 's3cret' });
    await expect(connect(locked.url).stream(request)).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(connect(locked.url, { apiKey: 'wrong' }).stream(request)).rejects.toMatchObject({
      code: 'unauthorized',
    });
    const stream = await connect(locked.url, { apiKey: 's3cret' }).stream(request);
    await stream.stop();
    await locked.close();
  });
});
