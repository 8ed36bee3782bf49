import { describe, expect, it } from 'vitest';
import { Client, CONVERSATION, NULL_UUID, SESSION, words } from './audiohook-client.ts';

const REACH = {
  preparing: () => new Client(),
  active: () => opened(''),
  paused: () => {
    const client = opened('');
    client.say('paused');
    return client;
  },
  closing: () => {
    const client = opened('?events=true');
    client.say('close', { reason: 'end' });
    return client;
  },
  refused: () => {
    const client = opened('');
    client.audio(new Uint8Array(1));
    return client;
  },
  closed: () => {
    const client = opened('');
    client.say('close', { reason: 'end' });
    return client;
  },
} as const;
type State = keyof typeof REACH;

function opened(query: string): Client {
  const client = new Client(query);
  client.open();
  return client;
}

const INPUTS = {
  open: (client: Client) => client.open(),
  close: (client: Client) => client.say('close', { reason: 'end' }),
  'close error': (client: Client) => client.say('close', { reason: 'error' }),
  ping: (client: Client) => client.say('ping', { rtt: 'PT0.1S' }),
  paused: (client: Client) => client.say('paused'),
  resumed: (client: Client) => client.say('resumed', { start: 'PT0.02S', discarded: 'PT2.5S' }),
  discarded: (client: Client) => client.say('discarded', { start: 'PT0S', discarded: 'PT0.5S' }),
  update: (client: Client) => client.say('update', { language: 'es-US' }),
  error: (client: Client) => client.say('error', { code: 408, message: 'x' }),
  audio: (client: Client) => client.audio(),
  garbage: (client: Client) => client.text('{'),
} as const;
type Input = keyof typeof INPUTS;

/** Of every state: what each input gives, and where it leads. A dash is nothing. */
const TABLE: Readonly<Record<State, Readonly<Record<Input, readonly [says: string, leadsTo: State]>>>> = {
  preparing: {
    open: ['opened, open', 'active'],
    close: ['closed', 'closed'],
    'close error': ['closed', 'closed'],
    ping: ['pong', 'preparing'],
    paused: ['', 'preparing'],
    resumed: ['', 'preparing'],
    discarded: ['', 'preparing'],
    update: ['', 'preparing'],
    error: ['', 'preparing'],
    audio: ['disconnect', 'refused'],
    garbage: ['disconnect', 'refused'],
  },
  active: {
    open: ['', 'active'],
    close: ['close stop, closed', 'closed'],
    'close error': ['close disconnect, closed', 'closed'],
    ping: ['pong', 'active'],
    paused: ['status paused', 'paused'],
    resumed: ['gap 2500', 'active'],
    discarded: ['gap 500', 'active'],
    update: ['updated', 'active'],
    error: ['', 'active'],
    audio: ['audio', 'active'],
    garbage: ['close disconnect, disconnect', 'refused'],
  },
  paused: {
    open: ['', 'paused'],
    close: ['close stop, closed', 'closed'],
    'close error': ['close disconnect, closed', 'closed'],
    ping: ['pong', 'paused'],
    paused: ['', 'paused'],
    resumed: ['gap 2500, status resumed', 'active'],
    discarded: ['gap 500', 'paused'],
    update: ['updated', 'paused'],
    error: ['', 'paused'],
    audio: ['close disconnect, disconnect', 'refused'],
    garbage: ['close disconnect, disconnect', 'refused'],
  },
  closing: {
    open: ['', 'closing'],
    close: ['', 'closing'],
    'close error': ['', 'closing'],
    ping: ['pong', 'closing'],
    paused: ['', 'closing'],
    resumed: ['', 'closing'],
    discarded: ['', 'closing'],
    update: ['', 'closing'],
    error: ['', 'closing'],
    audio: ['', 'closing'],
    garbage: ['', 'closing'],
  },
  refused: {
    open: ['', 'refused'],
    close: ['closed', 'closed'],
    'close error': ['closed', 'closed'],
    ping: ['pong', 'refused'],
    paused: ['', 'refused'],
    resumed: ['', 'refused'],
    discarded: ['', 'refused'],
    update: ['', 'refused'],
    error: ['', 'refused'],
    audio: ['', 'refused'],
    garbage: ['', 'refused'],
  },
  closed: {
    open: ['', 'closed'],
    close: ['', 'closed'],
    'close error': ['', 'closed'],
    ping: ['', 'closed'],
    paused: ['', 'closed'],
    resumed: ['', 'closed'],
    discarded: ['', 'closed'],
    update: ['', 'closed'],
    error: ['', 'closed'],
    audio: ['', 'closed'],
    garbage: ['', 'closed'],
  },
};

/** No two states answer a ping, audio and a close alike. */
function stateOf(reach: () => Client): State | undefined {
  const answers = ['ping', 'audio', 'close'].map((input) => words(INPUTS[input as Input](reach()))).join(' | ');
  const states = Object.keys(TABLE) as State[];
  return states.find((state) => {
    const { ping, audio, close } = TABLE[state];
    return answers === [ping[0], audio[0], close[0]].join(' | ');
  });
}

describe.each(Object.keys(TABLE) as State[])('an AudioHook session that is %s', (state) => {
  it.each(Object.entries(TABLE[state]))('on %s says and becomes %j', (input, [says, leadsTo]) => {
    const client = REACH[state]();
    expect(words(INPUTS[input as Input](client))).toBe(says);
    const reached = stateOf(() => {
      const again = REACH[state]();
      INPUTS[input as Input](again);
      return again;
    });
    expect(reached).toBe(leadsTo);
  });
});

describe('the numbers of an AudioHook session', () => {
  const info = (client: Client): unknown => client.replies.at(-1)?.parameters.info;

  it('rise by one on both sides, and every answer names the message that it is to', () => {
    const client = new Client();
    client.open();
    client.say('paused');
    client.say('ping');
    client.say('update', { language: 'es-US' });
    client.say('close', { reason: 'end' });
    expect(client.replies.map(({ type, seq, clientseq, id }) => [type, seq, clientseq, id])).toEqual([
      ['opened', 1, 1, SESSION],
      ['pong', 2, 3, SESSION],
      ['updated', 3, 4, SESSION],
      ['closed', 4, 5, SESSION],
    ]);
  });

  it.each([
    ['a number that was left out', { seq: 3 }, /seq must rise by one/],
    ['a number that came before', { seq: 1 }, /seq must rise by one/],
    ['an answer that was never given', { serverseq: 2 }, /serverseq is of a message that was never sent/],
    ['another id', { id: CONVERSATION }, /id must be the one of the session/],
    ['another version', { version: '3' }, /version must be "2"/],
    ['no position', { position: undefined }, /position is missing/],
    ['a position that is none', { position: '12.5' }, /position must be a duration/],
    ['a number that is none', { seq: '2' }, /seq must be a whole number/],
    ['parameters that are none', { parameters: [] }, /parameters must be an object/],
    ['a type that is unknown', { type: 'transcribe' }, /message type "transcribe" is unknown/],
    [
      'a duration of years',
      { type: 'discarded', parameters: { start: 'PT0S', discarded: 'PT99999999S' } },
      /24 hours at most/,
    ],
    [
      'a negative duration',
      { type: 'discarded', parameters: { start: 'PT0S', discarded: 'PT-1S' } },
      /must be a duration/,
    ],
    ['a reason that is none', { type: 'close', parameters: { reason: 'bored' } }, /reason must be end, error/],
  ])('are refused with %s, and the reason says why', (_, over, reason) => {
    const client = new Client();
    client.open();
    expect(words(client.say('ping', {}, over))).toBe('close disconnect, disconnect');
    expect(client.replies.at(-1)?.parameters).toMatchObject({ reason: 'error' });
    expect(info(client)).toMatch(reason);
    expect(String(info(client))).toMatch(/^Client Error: /);
  });

  it('belong to the session that the request named', () => {
    const client = new Client('', { 'audiohook-session-id': CONVERSATION });
    expect(words(client.open())).toBe('disconnect');
    expect(client.replies[0]).toMatchObject({ id: CONVERSATION, seq: 1, parameters: { reason: 'error' } });
    const anonymous = new Client('', { 'audiohook-session-id': NULL_UUID });
    expect(words(anonymous.open())).toBe('opened, open');
    expect(anonymous.replies[0]?.id).toBe(SESSION);
  });

  it('allow no text over 65,535 characters', () => {
    const padded = (length: number) => {
      const text = JSON.stringify({
        version: '2',
        id: SESSION,
        type: 'ping',
        seq: 2,
        serverseq: 1,
        position: 'PT0S',
        parameters: { rtt: 'PT1S', pad: '' },
      });
      return text.replace('"pad":""', `"pad":"${'x'.repeat(length - text.length)}"`);
    };
    const client = opened('');
    expect(words(client.text(padded(65_535)))).toBe('pong');
    expect(words(opened('').text(padded(65_536)))).toBe('close disconnect, disconnect');
  });
});
