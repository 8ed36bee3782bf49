import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readForPlatform } from '../../../src/cli/platform-audio.ts';
import { UndertoneError } from '../../../src/errors.ts';
import { dialectSimulators } from '../../../src/protocol/index.ts';
import type { RunningServer, ServerOptions } from '../../../src/server/index.ts';
import { pause, start } from '../harness.ts';
import { ANALYSIS, analysed, brief, demoCall, Ear, Platform } from './platform.ts';

const call = demoCall(4);
let server: RunningServer;
afterEach(() => server?.close());

const serve = async (options: Partial<ServerOptions> = {}): Promise<RunningServer> => {
  server = await start({ ...ANALYSIS, ...options });
  return server;
};
const simulatorOf = (name: string) => dialectSimulators.find((simulator) => simulator.name === name)!;
const dial = async (name: string, query: Record<string, string> = {}, path?: string): Promise<Platform> => {
  const simulator = simulatorOf(name);
  const [socket] = await readForPlatform(call.path, simulator);
  return Platform.dial(server, { simulator, socket: socket!, query, ...(path !== undefined && { path }) });
};

describe('a socket of a platform', () => {
  it('that says nothing is closed with start-timeout', async () => {
    await serve({ limits: { startTimeoutMs: 100 } });
    const platform = await dial('twilio');
    expect(await platform.line.closed).toMatchObject({ code: 4408, reason: expect.stringMatching(/^start-timeout: /) });
  });

  it('that has stopped its stream and does not hang up is closed, as nothing is wrong', async () => {
    await serve({ limits: { idleTimeoutMs: 400, pingMs: 100 } });
    const platform = await dial('twilio');
    await platform.talk();
    await platform.farewell();
    expect(await platform.line.closed).toEqual({ code: 1000, reason: '' });
  });

  it('over the limit of streams is closed with too-many-streams, and those that are there go on', async () => {
    await serve({ limits: { maxStreams: 1 } });
    const ear = await Ear.of(server);
    const first = await dial('twilio');
    await first.talk(0.5);
    await ear.until(() => ear.events.length > 0);
    const second = await dial('telnyx');
    await second.talk();
    expect(await second.line.closed).toMatchObject({
      code: 1013,
      reason: expect.stringMatching(/^too-many-streams: /),
    });
    await first.farewell();
    expect(await ear.ends(1)).toEqual(['stop']);
    ear.close();
  });

  it('is read no faster than its audio is analysed, and loses nothing', async () => {
    await serve({ limits: { inboxBytes: 4_000 } });
    const ear = await Ear.of(server);
    const simulator = simulatorOf('azure');
    const [socket] = await readForPlatform(call.path, simulator);
    const platform = await Platform.dial(server, { simulator, socket: socket! });
    await platform.talk();
    await platform.hangUp();
    expect(await ear.ends(1)).toEqual(['stop']);
    expect(brief(ear.sides())).toEqual(brief(analysed(socket!)));
    ear.close();
  });

  it('that does not read what it asked to be sent is closed with slow-consumer, and its stream is flushed', async () => {
    await serve({ windowMs: 500, stepMs: 100, limits: { outgoingBytes: 2_000, slowCloseMs: 200 } });
    const ear = await Ear.of(server);
    const socket = new WebSocket(`${server.url}/v1/telephony/freeswitch?sampleRateHz=8000&events=window`);
    await once(socket, 'open');
    socket.pause();
    // The windows of half an hour are more than the buffers of a connection hold.
    const minute = new Uint8Array(960_000);
    for (let sent = 0; sent < 30; sent += 1) socket.send(minute);
    await ear.until(() => ear.events.some((event) => event.type === 'ended'));
    expect(ear.events.at(-1)).toMatchObject({ type: 'ended', reason: 'disconnect' });
    socket.terminate();
    ear.close();
  }, 60_000);
});

describe('a shutdown', () => {
  it('ends the streams of platforms with their last windows and hangs up with 1001', async () => {
    await serve();
    const ear = await Ear.of(server);
    const platform = await dial('twilio');
    await platform.talk();
    await platform.line.roundTrip();
    const idle = await dial('telnyx');
    await server.close();
    expect(await platform.line.closed).toMatchObject({ code: 1001 });
    expect(await idle.line.closed).toMatchObject({ code: 1001 });
    expect(ear.events.findLast((event) => event.type === 'ended')).toMatchObject({ reason: 'shutdown' });
    const [socket] = await readForPlatform(call.path, simulatorOf('twilio'));
    expect(brief(ear.sides())).toEqual(brief(analysed(socket!)));
  });

  it('asks AudioHook to reconnect, which hangs up by its own rules', async () => {
    await serve();
    const platform = await dial('audiohook');
    await platform.talk();
    await platform.line.roundTrip();
    const closing = server.close();
    while (!String(platform.replies.at(-1)).includes('"reconnect"')) await pause(5);
    await platform.farewell();
    while (!String(platform.replies.at(-1)).includes('"closed"')) await pause(5);
    expect(await platform.hangUp()).toMatchObject({ code: 1000 });
    await closing;
  });
});

describe('AudioSocket', () => {
  it('has a port for each role', async () => {
    await serve({
      telephony: {
        audioSockets: [
          { port: 0, query: 'roles=customer' },
          { port: 0, query: 'roles=employee' },
        ],
      },
    });
    const ear = await Ear.of(server);
    const simulator = simulatorOf('audiosocket');
    const [socket] = await readForPlatform(call.path, simulator);
    for (const port of server.audioSocketPorts) {
      const line = connect(port, '127.0.0.1');
      for (const { data } of simulator.messages(socket!.format, [socket!.audio])) line.write(data);
      await once(line.resume(), 'close');
    }
    await ear.ends(2);
    const roles = ear.events.flatMap((event) => (event.type === 'window' ? [event.role] : []));
    expect([...new Set(roles)].sort()).toEqual(['customer', 'employee']);
    ear.close();
  });

  it('that sends nothing any more is cut', async () => {
    await serve({ telephony: { audioSockets: [{ port: 0 }] }, limits: { idleTimeoutMs: 200, pingMs: 50 } });
    const ear = await Ear.of(server);
    const platform = await dial('audiosocket');
    await platform.talk();
    await platform.line.closed;
    expect(await ear.ends(1)).toEqual(['disconnect']);
    ear.close();
  });

  it('at a port that is in use: the server does not start, and leaves none of its own open', async () => {
    const other: Server = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as import('node:net').AddressInfo;
    const failure = start({ telephony: { audioSockets: [{ port: 0 }, { port }] } });
    await expect(failure).rejects.toThrow(new UndertoneError('port-in-use', { port, host: '127.0.0.1' }));
    other.close();
  });

  it('with a query that is wrong: the server does not start', async () => {
    await expect(start({ telephony: { audioSockets: [{ port: 0, query: 'roles=boss' }] } })).rejects.toThrow(
      /^The query is not valid: the role "boss" is not one of /,
    );
  });
});
