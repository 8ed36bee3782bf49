import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningServer } from '../../../src/server/index.ts';
import { audio, MONO, start } from '../harness.ts';
import { ANALYSIS, Ear } from './platform.ts';

let server: RunningServer;
let ear: Ear;
beforeAll(async () => {
  server = await start(ANALYSIS);
  ear = await Ear.of(server);
});
afterAll(async () => {
  ear?.close();
  await server?.close();
});

interface Message {
  readonly type?: string;
  readonly seq?: number;
  readonly data?: unknown;
  readonly parameters?: { readonly entities?: readonly { readonly type: string; readonly data: unknown }[] };
}

/** A platform that keeps what it is told. */
async function dial(path: string, protocols: string[] = []) {
  const socket = new WebSocket(`${server.url}${path}`, protocols);
  const told: Message[] = [];
  socket.on('message', (data) => told.push(JSON.parse(String(data)) as Message));
  await once(socket, 'open');
  return { socket, told };
}

describe('events on the socket of the platform', () => {
  it('are those that the URL asks for, the same as everyone gets', async () => {
    ear.again();
    const { socket, told } = await dial('/v1/telephony/jambonz?events=window,ended', ['audio.jambonz.org']);
    socket.send(JSON.stringify({ callSid: 'call-1', sampleRate: 8000, mixType: 'mono' }));
    socket.send(audio(2, MONO));
    await ear.until(() => ear.events.filter(({ type }) => type === 'window').length >= 7);
    socket.close();
    await once(socket, 'close');
    await ear.ends(1);
    const windows = ear.events.filter(({ type }) => type === 'window');
    expect(told.map(({ type }) => type)).toEqual(told.map(() => 'json'));
    // What came after the platform hung up is not for it.
    expect(told.map(({ data }) => data)).toEqual(windows.slice(0, told.length));
    expect(told.length).toBeGreaterThanOrEqual(7);
  });

  it('are none where it asks for none', async () => {
    ear.again();
    const { socket, told } = await dial('/v1/telephony/freeswitch?sampleRateHz=8000');
    socket.send(audio(2, MONO));
    await ear.until(() => ear.events.filter(({ type }) => type === 'window').length >= 7);
    socket.close();
    await ear.ends(1);
    expect(told).toEqual([]);
  });
});

describe('AudioHook', () => {
  it('pauses and goes on: the timeline jumps by what was discarded, in the order of the audio', async () => {
    ear.again();
    const { socket, told } = await dial('/v1/telephony/audiohook?events=turn,ended');
    let seq = 0;
    const say = (type: string, parameters: object): void => {
      seq += 1;
      const serverseq = Math.max(0, ...told.map((message) => message.seq ?? 0));
      const id = '30b0e395-84d3-4570-ac13-9a62d8f514c0';
      socket.send(JSON.stringify({ version: '2', id, type, seq, serverseq, position: 'PT0S', parameters }));
    };
    const organizationId = 'd7934305-0972-4844-938e-9060eef73d05';
    const conversationId = '090eaa2f-72fa-480a-83e0-8667ff89c0ec';
    const participant = { id: '883efee8-3d6c-4537-b500-6d7ca4b92fa0', ani: '', aniName: '', dnis: '' };
    const media = [{ type: 'audio', format: 'L16', channels: ['external'], rate: 8000 }];
    say('open', { organizationId, conversationId, participant, media });
    socket.send(audio(2, MONO));
    say('paused', {});
    say('resumed', { start: 'PT2S', discarded: 'PT60S' });
    socket.send(audio(2, MONO));
    say('close', { reason: 'end' });
    while (told.at(-1)?.type !== 'closed') await once(socket, 'message');
    socket.close();
    expect(await ear.ends(1)).toEqual(['stop']);
    const timeline = ear.events.flatMap((event) => {
      if (event.type === 'status') return [event.code];
      return event.type === 'window' ? [`${event.endMs}`] : [];
    });
    const order = ['1750', 'paused', 'gap', 'resumed', '64000'].map((item) => timeline.indexOf(item));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
    expect(ear.events.at(-1)).toMatchObject({ type: 'ended', durationMs: 64_000 });
    // Its answers come before the last word, and hold what everyone got.
    const entities = told.flatMap(({ parameters }) => parameters?.entities ?? []);
    expect(entities.at(-1)).toEqual({ type: 'x-undertone-ended', data: ear.events.at(-1) });
    expect(told.map((message) => message.seq)).toEqual(told.map((_, index) => index + 1));
  });
});
