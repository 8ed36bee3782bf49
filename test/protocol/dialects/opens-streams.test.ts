import { describe, expect, it } from 'vitest';
import { UndertoneError } from '../../../src/errors.ts';
import { autoDialect, type DialectAction, dialects, type Handshake } from '../../../src/protocol/index.ts';

const handshake = (query = '', headers = {}): Handshake => ({
  url: new URL(`wss://voice.example.com/v1/telephony${query}`),
  headers,
  subprotocols: [],
});
const payload = (byte: number, length = 160): string => Buffer.alloc(length, byte).toString('base64');
const session = (name: string, query = '') => dialects.find((dialect) => dialect.name === name)!.open(handshake(query));
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    if (error instanceof UndertoneError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return undefined;
};
const opens = (actions: readonly DialectAction[]) =>
  actions.flatMap((action) => (action.kind === 'open' ? [{ leg: action.leg, ...action.start }] : []));

describe('participants of Azure', () => {
  const metadata = JSON.stringify({
    kind: 'AudioMetadata',
    audioMetadata: { encoding: 'PCM', sampleRate: 16000, channels: 1 },
  });
  const audio = (participant: string, second: number, length = 640) =>
    JSON.stringify({
      kind: 'AudioData',
      audioData: {
        timestamp: new Date(1_731_698_172_000 + second * 1000).toISOString(),
        participantRawID: participant,
        data: payload(7, length),
      },
    });

  it('who come later are streams of their own, at their place in the time of the call', () => {
    const call = session('azure', '?channels=a,b,c,d');
    call.text(metadata);
    const first = [...call.text(audio('4:+15555550100', 0)), ...call.text(audio('8:acs:x', 0))];
    expect(opens(first)).toMatchObject([
      {
        leg: 'main',
        channels: [
          { name: 'a', role: 'customer' },
          { name: 'b', role: 'employee' },
        ],
      },
    ]);
    const later = call.text(audio('28:bot', 30));
    expect(later).toMatchObject([
      { kind: 'open', start: { channels: [{ name: 'c', role: 'bot' }] } },
      { kind: 'gap', durationMs: 30_000 },
      { kind: 'audio' },
    ]);
    expect(JSON.stringify([...first, ...later].filter(({ kind }) => kind === 'open'))).not.toContain('5550100"');
  });

  it('are sixteen streams at most, and the further ones are told of once', () => {
    const call = session('azure');
    call.text(metadata);
    const actions = Array.from({ length: 40 }, (_, index) => call.text(audio(`8:acs:${index}`, index, 9_600))).flat();
    expect(opens(actions).length).toBe(16);
    expect(actions.filter(({ kind }) => kind === 'status')).toMatchObject([{ code: 'overload', leg: 'main' }]);
    expect(call.ended('lost').filter(({ kind }) => kind === 'close').length).toBe(16);
  });

  it('who are silent and sent without audio leave a gap, and nobody shifts', () => {
    const call = session('azure');
    call.text(metadata);
    const silent = (second: number) =>
      JSON.stringify({
        kind: 'AudioData',
        audioData: { timestamp: new Date(1_731_698_172_000 + second * 1000).toISOString(), data: '', silent: true },
      });
    const actions = [audio('', 0), silent(0.02), silent(0.04), audio('', 1)].flatMap((message) => call.text(message));
    expect([...actions, ...call.ended('closed')]).toMatchObject([
      { kind: 'open' },
      { kind: 'audio' },
      { kind: 'gap', durationMs: 980 },
      { kind: 'audio' },
      { kind: 'close', reason: 'stop' },
    ]);
  });
});

describe('streams of Voximplant', () => {
  const start = (tag: string, sequenceNumber: number) =>
    JSON.stringify({
      event: 'start',
      sequenceNumber,
      start: { tag, mediaFormat: { encoding: 'PCM16', sampleRate: 8000 } },
    });

  it('that start again without a stop are closed first; a start that is repeated is nothing', () => {
    const call = session('voximplant');
    expect(call.text(start('a', 0)).map(({ kind }) => kind)).toEqual(['open']);
    expect(call.text(start('a', 0))).toEqual([]);
    expect(call.text(start('a', 1)).map(({ kind }) => kind)).toEqual(['close', 'open']);
  });

  it('are named by their tags, but not by phone numbers', () => {
    const call = session('voximplant');
    const named = (tag: string) => opens(call.text(start(tag, 0)))[0]?.channels[0]?.name;
    expect(['agent', '+15555550100', ''].map(named)).toEqual(['agent', 'mixed', 'mixed']);
  });

  it('in other encodings are refused, with those that are heard', () => {
    const opus = JSON.stringify({
      event: 'start',
      sequenceNumber: 0,
      start: { mediaFormat: { encoding: 'OPUS', sampleRate: 48000 } },
    });
    expect(codeOf(() => session('voximplant').text(opus))).toBe(
      'unknown-encoding: The encoding "OPUS" is unknown; use one of pcm16, ulaw, alaw.',
    );
  });
});

describe('a stream', () => {
  const start = (over: object = {}, more: object = {}) =>
    JSON.stringify({
      event: 'start',
      stream_id: 's',
      start: { call_control_id: 'v3:c', media_format: { encoding: 'PCMU', sample_rate: 8000, ...over }, ...more },
    });

  it.each(['G722', 'OPUS', 'AMR-WB', ''])('of Telnyx in %j is refused, with what would be heard', (encoding) => {
    expect(codeOf(() => session('telnyx').text(start({ encoding })))).toBe(
      `unknown-encoding: The encoding "${encoding}" is unknown; use one of pcmu, pcma, l16.`,
    );
  });

  it('at a rate beyond the limits, or of more channels than one, is refused', () => {
    expect(codeOf(() => session('telnyx').text(start({ sample_rate: 96000 })))).toMatch(/^rate-out-of-range/);
    expect(codeOf(() => session('telnyx').text(start({ channels: 2 })))).toMatch(
      /^invalid-message.*channels must be 1/,
    );
  });

  it('has its L16 in the byte order that the URL says', () => {
    const heard = (query: string) => {
      const call = session('telnyx', query);
      call.text(start({ encoding: 'L16' }));
      call.text(
        JSON.stringify({
          event: 'media',
          media: { track: 'inbound', chunk: '1', payload: Buffer.from([1, 2]).toString('base64') },
        }),
      );
      return call.ended('closed').find(({ kind }) => kind === 'audio');
    };
    expect(heard('')).toMatchObject({ bytes: Uint8Array.of(2, 1) });
    expect(heard('?l16=little')).toMatchObject({ bytes: Uint8Array.of(1, 2) });
    expect(codeOf(() => session('telnyx', '?l16=middle'))).toMatch(/^invalid-query/);
  });

  it('with half a sample in a payload is refused', () => {
    const call = session('telnyx');
    call.text(start({ encoding: 'L16' }));
    const half = JSON.stringify({ event: 'media', media: { track: 'inbound', chunk: '1', payload: payload(1, 3) } });
    expect(codeOf(() => call.text(half))).toMatch(/media\.payload must hold whole samples of 2 bytes/);
  });

  it('that has begun does not begin as another one, but may be announced twice', () => {
    const call = session('telnyx');
    call.text(start());
    expect(call.text(start())).toEqual([]);
    expect(codeOf(() => call.text(start().replace('"s"', '"t"')))).toMatch(/^already-started/);
  });

  it('takes its options from parameters where the query is cut off, the query first', () => {
    const parameters = {
      custom_parameters: { undertoneRoles: 'employee', undertoneCallId: 'c-1', undertoneChannels: 'x', team: 'blue' },
    };
    const media = JSON.stringify({
      event: 'media',
      media: { track: 'inbound', chunk: '1', payload: payload(1, 4_000) },
    });
    const opened = (query: string) => {
      const call = session('telnyx', query);
      call.text(start({}, parameters));
      return opens(call.text(media))[0];
    };
    expect(opened('')).toMatchObject({
      callId: 'c-1',
      channels: [{ name: 'x', role: 'employee' }],
      metadata: { team: 'blue' },
    });
    expect(opened('?roles=bot')).toMatchObject({ channels: [{ name: 'x', role: 'bot' }] });
    const wrong = { custom_parameters: { undertoneRoles: 'boss' } };
    expect(codeOf(() => session('telnyx').text(start({}, wrong)))).toMatch(/^invalid-query/);
  });

  it('has no audio before its start', () => {
    const media = JSON.stringify({ event: 'media', media: { track: 'inbound', chunk: '1', payload: payload(1) } });
    for (const name of ['twilio', 'telnyx', 'exotel', 'plivo', 'voximplant']) {
      expect(codeOf(() => session(name).text(media))).toMatch(/^audio-before-start/);
    }
    expect(codeOf(() => session('funasr').binary(new Uint8Array(2)))).toMatch(/^audio-before-start/);
  });
});

describe('detection', () => {
  const connected = '{"event":"connected","protocol":"Call","version":"1.0.0"}';

  it('waits for the message after a hello, and refuses what no dialect claims', () => {
    const call = autoDialect.open(handshake());
    expect(call.text(connected)).toEqual([]);
    expect(codeOf(() => call.text('{"event":"begin"}'))).toMatch(/^invalid-message: .*name yours in the path/);
    expect(call.ended('lost')).toEqual([]);
  });

  it('does not wait for ever', () => {
    const call = autoDialect.open(handshake());
    call.text(connected);
    expect(codeOf(() => call.text(connected))).toMatch(/^invalid-message/);
  });
});
