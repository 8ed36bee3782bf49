import { describe, expect, it } from 'vitest';
import { type DialectSession, encodeEvent, type TimelineEvent } from '../../../src/protocol/index.ts';
import { Client, words } from './audiohook-client.ts';
import { errorOf, repliesOf, sessionOf } from './session.ts';

const turn: TimelineEvent = {
  type: 'turn',
  streamId: 's',
  cursor: 3,
  channel: 0,
  channelName: 'external',
  role: 'customer',
  startMs: 1_000,
  endMs: 2_500,
  label: 'anger',
  arousal: 0.61234567,
  valence: -0.4,
};
const mark: TimelineEvent = { type: 'mark', streamId: 's', cursor: 4, name: 'dtmf', atMs: 2_600 };
const ended: TimelineEvent = {
  type: 'ended',
  streamId: 's',
  cursor: 5,
  reason: 'stop',
  durationMs: 3_000,
  channels: [],
};
const asJson = (event: TimelineEvent): unknown => JSON.parse(encodeEvent(event));

describe('events that go back over an AudioHook session', () => {
  function session(query: string): Client {
    const client = new Client(query);
    client.open();
    return client;
  }
  const back = (client: Client, event: TimelineEvent) => {
    const before = client.replies.length;
    for (const action of client.session.event?.(event) ?? []) {
      if (action.kind === 'reply') client.replies.push(JSON.parse(String(action.message)));
    }
    return client.replies.slice(before);
  };

  it('are entities of an event message, numbered among the other messages', () => {
    const client = session('?events=true');
    expect(back(client, turn)).toEqual([
      {
        version: '2',
        id: expect.any(String),
        type: 'event',
        seq: 2,
        clientseq: 1,
        parameters: { entities: [{ type: 'x-undertone-turn', data: asJson(turn) }] },
      },
    ]);
    client.say('ping');
    expect(client.replies.at(-1)).toMatchObject({ type: 'pong', seq: 3, clientseq: 2 });
  });

  it('go nowhere unless the URL asks for them, and only those that it asks for', () => {
    expect(back(session(''), turn)).toEqual([]);
    expect(back(session('?events=false'), turn)).toEqual([]);
    expect(back(session('?events=segment,mark'), turn)).toEqual([]);
    expect(back(session('?events=segment, mark'), mark)).toHaveLength(1);
    expect(back(session('?events=true'), mark)).toEqual([]);
    expect(errorOf(() => session('?events=everything'))).toMatch(
      /^invalid-query: .*events must be true, false or some of window/,
    );
  });

  it('may go back in a pause, and not before the session is open', () => {
    const client = session('?events=true');
    client.say('paused');
    expect(back(client, turn)).toHaveLength(1);
    expect(back(new Client('?events=true'), turn)).toEqual([]);
  });

  it('go back to the last one, and then the session is closed', () => {
    const client = session('?events=true');
    expect(words(client.say('close', { reason: 'end' }))).toBe('close stop');
    expect(back(client, turn).map(({ type }) => type)).toEqual(['event']);
    expect(back(client, ended).map(({ type }) => type)).toEqual(['event', 'closed']);
    expect(back(client, turn)).toEqual([]);
    expect(client.replies.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it('do not hold up the end of a session that never had a stream, or failed', () => {
    const probe = new Client('?events=true');
    probe.open({ conversationId: '00000000-0000-0000-0000-000000000000' });
    expect(words(probe.say('close', { reason: 'end' }))).toBe('closed');
    expect(words(session('?events=true').say('close', { reason: 'error' }))).toBe('close disconnect, closed');
  });

  it('tell a client to come again where this server shuts down, and to leave where the stream ended otherwise', () => {
    const shutdown = session('');
    expect(words(shutdown.streamEnded('shutdown'))).toBe('reconnect');
    expect(words(shutdown.audio())).toBe('');
    expect(words(shutdown.say('close', { reason: 'reconnect' }))).toBe('closed');
    const failed = session('');
    expect(words(failed.streamEnded('error'))).toBe('disconnect');
    expect(failed.replies.at(-1)?.parameters).toEqual({ reason: 'error' });
    const stopped = session('');
    expect(words(stopped.streamEnded('stop'))).toBe('disconnect');
    expect(stopped.replies.at(-1)?.parameters).toEqual({ reason: 'completed' });
    expect(words(stopped.say('close', { reason: 'disconnect' }))).toBe('closed');
  });
});

describe('events that go back to a module of FreeSWITCH', () => {
  const hearing = (session: DialectSession): DialectSession => {
    session.binary(new Uint8Array(4));
    return session;
  };
  const back = (session: DialectSession, event: TimelineEvent) => repliesOf(session.event?.(event) ?? []);

  it('are the event as it is, which mod_audio_stream fires as mod_audio_stream::json', () => {
    const session = hearing(sessionOf('freeswitch', '?sampleRateHz=8000&mixType=mono&events=true'));
    expect(back(session, turn)).toEqual([encodeEvent(turn)]);
  });

  it('are a message of type json, which mod_audio_fork fires as mod_audio_fork::json', () => {
    const session = hearing(sessionOf('jambonz', '?sampleRateHz=8000&mixType=mono&events=turn'));
    const [reply = ''] = back(session, turn);
    expect(JSON.parse(reply)).toEqual({ type: 'json', data: asJson(turn) });
    expect(back(session, ended)).toEqual([]);
  });

  it('go nowhere unless the URL asks for them, nor before there is a stream, nor after it', () => {
    expect(back(hearing(sessionOf('freeswitch', '?sampleRateHz=8000&mixType=mono')), turn)).toEqual([]);
    const session = sessionOf('freeswitch', '?sampleRateHz=8000&mixType=mono&events=true');
    expect(back(session, turn)).toEqual([]);
    hearing(session).ended('closed');
    expect(back(session, turn)).toEqual([]);
  });
});
