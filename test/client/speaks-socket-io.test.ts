import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ConnectOptions, connect } from '../../src/client/index.ts';
import { socketIo } from '../../src/client/socket.io.ts';
import type { ServerEvent } from '../../src/protocol/index.ts';
import type { RunningServer } from '../../src/server/index.ts';
import { audio, MONO, pause, SHORT, start, windowLines } from '../server/harness.ts';
import { BreakableProxy } from './breakable-proxy.ts';

const STEREO = { ...MONO, channels: 2 };
const request = { format: STEREO, analysis: SHORT };
const bytes = audio(4, STEREO);

let server: RunningServer;
let proxy: BreakableProxy;
let url: string;
beforeAll(async () => {
  server = await start({ limits: { resumeMs: 5_000 } });
});
afterAll(() => server.close());
beforeEach(async () => {
  proxy = new BreakableProxy(server.port);
  url = await proxy.listen();
});
afterEach(() => proxy.close());

async function run(to: string, options: ConnectOptions = {}, everyMs = 0): Promise<ServerEvent[]> {
  const stream = await connect(to, options).stream(request);
  const events = lastValueFrom(stream.events$.pipe(toArray()));
  for (let at = 0, index = 0; at < bytes.length; at += 1001, index += 1) {
    await stream.send(bytes.subarray(at, at + 1001));
    if (index % 20 === 0) {
      stream.mark(`mark ${index}`);
      if (everyMs > 0) await pause(everyMs);
    }
  }
  await stream.stop();
  return events;
}

const cursors = (events: readonly ServerEvent[]): number[] =>
  events.flatMap((event) => ('cursor' in event ? [event.cursor] : []));
const marks = (events: readonly ServerEvent[]): object[] =>
  events.flatMap((event) => (event.type === 'mark' ? [{ name: event.name, atMs: event.atMs }] : []));

const TRANSPORTS: [string, ConnectOptions][] = [
  ['found when it is needed', { transport: 'socket.io' }],
  ['over a WebSocket', { transport: socketIo({ transports: ['websocket'] }) }],
  ['over polling', { transport: socketIo({ transports: ['polling'] }) }],
];

describe.each(TRANSPORTS)('the client with Socket.IO, %s', (_, options) => {
  it('gives the events of the client with WebSockets', async () => {
    const whole = await run(server.url);
    const events = await run(server.url, options);
    expect(windowLines(events)).toEqual(windowLines(whole));
    expect(marks(events)).toEqual(marks(whole));
    expect(cursors(events)).toEqual(cursors(events).map((_, index) => index));
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['started', 'ack', 'ended']));
  });

  it('subscribes, to what there is and to what is not there', async () => {
    const connection = connect(server.url, options);
    const stream = await connection.stream(request);
    await stream.send(bytes);
    const ended = await stream.stop();
    const heard: ServerEvent[] = [];
    for await (const event of connection.subscribe(stream.streamId, { from: 'start' })) heard.push(event);
    expect(cursors(heard)).toEqual(Array.from({ length: ended.cursor + 1 }, (_, cursor) => cursor));
    const none = connection.subscribe('not-there', { wait: false });
    await expect(none.ready).rejects.toMatchObject({ code: 'unknown-stream' });
    const wrong = connection.stream({ format: { ...MONO, sampleRateHz: 1 } });
    await expect(wrong).rejects.toMatchObject({ code: 'rate-out-of-range' });
  });

  it('leaves, and the server hears of it at once', async () => {
    const connection = connect(server.url, options);
    const stream = await connection.stream({ ...request, streamId: 'left' });
    const subscription = connect(server.url).subscribe('left', { from: 'start' });
    await subscription.ready;
    stream.close();
    const heard: ServerEvent[] = [];
    for await (const event of subscription) heard.push(event);
    expect(heard.at(-1)).toMatchObject({ type: 'ended', reason: 'disconnect' });
  });

  it('is told that it may not, and that nobody is there', async () => {
    const locked = await start({ apiKey: 's3cret' });
    await expect(connect(locked.url, options).stream(request)).rejects.toMatchObject({ code: 'unauthorized' });
    const stream = await connect(locked.url, { ...options, apiKey: 's3cret' }).stream(request);
    expect(await stream.stop()).toMatchObject({ reason: 'stop' });
    await locked.close();
    await expect(connect(locked.url, options).stream(request)).rejects.toMatchObject({ code: 'connection-failed' });
  });
});

describe('the client with Socket.IO over a WebSocket that is cut', () => {
  it('goes on with the same windows and marks, every cursor once', async () => {
    const whole = await run(server.url);
    proxy.cutAfterBytes.push(20_011, 30_000, 9_003);
    const cut = await run(url, { transport: socketIo({ transports: ['websocket'] }) }, 2);
    expect(proxy.connections).toBe(4);
    expect(windowLines(cut)).toEqual(windowLines(whole));
    expect(marks(cut)).toEqual(marks(whole));
    expect(cursors(cut)).toEqual(cursors(cut).map((_, index) => index));
  });
});
