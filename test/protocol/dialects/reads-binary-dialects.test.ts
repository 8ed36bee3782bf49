import { describe, expect, it } from 'vitest';
import { MonoMixer } from '../../../src/protocol/dialects/mono-mixer.ts';
import { audioOf, errorOf, repliesOf, sessionOf, startOf } from './session.ts';

const SAMPLES = Uint8Array.of(1, 2, 3, 4);

describe('Vonage', () => {
  const connected = (contentType: unknown, more: object = {}, query = '') =>
    sessionOf('vonage', query).text(
      JSON.stringify({ event: 'websocket:connected', 'content-type': contentType, ...more }),
    );

  it.each([
    ['audio/l16;rate=8000', 8_000],
    ['audio/l16;rate=16000', 16_000],
    ['AUDIO/L16; rate=24000', 24_000],
    ['audio/l16;channels=1;rate=16000', 16_000],
  ])('sends %s at %i Hz', (contentType, sampleRateHz) => {
    expect(startOf(connected(contentType))?.format).toEqual({ encoding: 'pcm_s16le', sampleRateHz, channels: 1 });
  });

  it.each([
    ['audio/l16', /^invalid-message: .*content-type must have a rate/],
    ['audio/l16;rate=', /content-type must have a rate/],
    ['audio/opus;rate=16000', /^unknown-encoding: .*"audio\/opus"/],
    ['audio/l16;rate=96000', /^rate-out-of-range/],
    [16_000, /content-type must be a string/],
    [undefined, /content-type is missing/],
  ])('is refused with %j', (contentType, error) => {
    expect(errorOf(() => connected(contentType))).toMatch(error);
  });

  it('keeps flat headers that are no telephone numbers, and takes its options from them', () => {
    const headers = {
      queue: 'sales',
      vip: true,
      tries: 3,
      to: '+1 (312) 555-0100',
      id: 447700900123,
      sip: 'sip:a@b',
      list: [1],
      undertoneRoles: 'employee',
    };
    expect(startOf(connected('audio/l16;rate=8000', headers))).toMatchObject({
      channels: [{ name: 'mixed', role: 'employee' }],
      metadata: { queue: 'sales', vip: true, tries: 3 },
    });
    expect(startOf(connected('audio/l16;rate=8000', headers, '?roles=bot'))?.channels[0]?.role).toBe('bot');
  });

  it('sends nothing before it has said what it will send, and says it once', () => {
    const session = sessionOf('vonage');
    expect(errorOf(() => session.binary(SAMPLES))).toMatch(/^audio-before-start/);
    expect(session.text('{"event":"websocket:notify"}')).toEqual([]);
    const hello = '{"event":"websocket:connected","content-type":"audio/l16;rate=8000"}';
    session.text(hello);
    expect(errorOf(() => session.text(hello))).toMatch(/^already-started/);
  });
});

describe('Asterisk', () => {
  const started = (format: string) =>
    sessionOf('asterisk').text(`MEDIA_START connection_id:a format:${format} ptime:20`);

  it.each([
    ['ulaw', 'mulaw', 8_000],
    ['alaw', 'alaw', 8_000],
    ['slin', 'pcm_s16le', 8_000],
    ['slin12', 'pcm_s16le', 12_000],
    ['slin16', 'pcm_s16le', 16_000],
    ['slin24', 'pcm_s16le', 24_000],
    ['slin32', 'pcm_s16le', 32_000],
    ['slin44', 'pcm_s16le', 44_100],
    ['slin48', 'pcm_s16le', 48_000],
  ])('sends %s as %s at %i Hz', (format, encoding, sampleRateHz) => {
    expect(startOf(started(format))?.format).toEqual({ encoding, sampleRateHz, channels: 1 });
  });

  it.each([
    ['opus', /^unknown-encoding: The encoding "opus" is unknown; use one of ulaw, alaw, slin/],
    ['g722', /^unknown-encoding/],
    ['constructor', /^unknown-encoding/],
    ['slin96', /^rate-out-of-range: A sample rate of 96000 Hz/],
    ['slin192', /^rate-out-of-range/],
  ])('is refused with %s', (format, error) => {
    expect(errorOf(() => started(format))).toMatch(error);
  });

  it('is told to send only, in the words that it uses itself', () => {
    expect(repliesOf(started('ulaw'))).toEqual(['SET_MEDIA_DIRECTION in']);
    const json = sessionOf('asterisk').text('{"event":"MEDIA_START","format":"ulaw"}');
    expect(repliesOf(json)).toEqual(['{"command":"SET_MEDIA_DIRECTION","direction":"in"}']);
  });

  it('has a format in its first message, in either of its ways', () => {
    expect(errorOf(() => sessionOf('asterisk').text('MEDIA_START connection_id:a'))).toMatch(/format is missing/);
    expect(errorOf(() => sessionOf('asterisk').text('{"event":"MEDIA_START","format":8000}'))).toMatch(
      /format must be a string/,
    );
    expect(errorOf(() => sessionOf('asterisk').binary(SAMPLES))).toMatch(/^audio-before-start/);
    expect(sessionOf('asterisk').text('STATUS queue_length:43')).toEqual([]);
    expect(startOf(sessionOf('asterisk').text('MEDIA_START event:x __proto__:y format:alaw'))?.format.encoding).toBe(
      'alaw',
    );
  });

  it('sends one channel, and the URL may not name more', () => {
    const session = sessionOf('asterisk', '?roles=customer,employee');
    expect(errorOf(() => session.text('MEDIA_START format:ulaw'))).toMatch(
      /^too-many-channel-names: 2 channels are named but the format has 1/,
    );
  });
});

describe('Sinch', () => {
  const connect = (over: object) => ({
    command: 'connect',
    version: 1,
    callId: 'c',
    codec: 'PCM',
    sampleRate: 8000,
    callHeaders: {},
    ...over,
  });

  it.each([
    ['a codec that is unknown', { codec: 'OPUS' }, 4415],
    ['a rate that is too high', { sampleRate: 96_000 }, 4415],
    ['a rate that is none', { sampleRate: 'fast' }, 4400],
    ['roles that are none', { callHeaders: { undertoneRoles: 'boss' } }, 4400],
  ])('is turned away with %s, and told so', (_, over, closeCode) => {
    const session = sessionOf('sinch');
    const actions = session.text(JSON.stringify(connect(over)));
    expect(actions).toEqual([
      { kind: 'reply', message: '{"command":"reject"}' },
      { kind: 'hangup', closeCode, reason: expect.any(String) },
    ]);
    expect(session.binary(SAMPLES)).toEqual([]);
  });

  it('may ask once, and leaves the stream that it has', () => {
    const session = sessionOf('sinch');
    expect(repliesOf(session.text(JSON.stringify(connect({ callHeaders: undefined }))))).toEqual([
      '{"command":"answer"}',
    ]);
    expect(errorOf(() => session.text(JSON.stringify(connect({ codec: 'OPUS' }))))).toMatch(/^already-started/);
    expect(session.ended('lost')).toEqual([{ kind: 'close', leg: 'main', reason: 'disconnect' }]);
  });
});

describe('a fork of a FreeSWITCH channel', () => {
  const opened = (name: string, query: string, text?: string) => {
    const session = sessionOf(name, query);
    if (text !== undefined) session.text(text);
    return startOf(session.binary(SAMPLES));
  };

  it('has the layout that its first text or the URL says', () => {
    expect(opened('jambonz', '', '{"sampleRate":24000,"mixType":"stereo"}')?.format).toMatchObject({
      sampleRateHz: 24_000,
      channels: 2,
    });
    expect(opened('jambonz', '?sampleRateHz=8000', '{"sampleRate":"16000"}')).toMatchObject({
      format: { sampleRateHz: 16_000, channels: 1 },
      channels: [{ name: 'far', role: 'customer' }],
    });
    expect(opened('freeswitch', '?sampleRateHz=16000&mixType=stereo')?.channels).toEqual([
      { name: 'caller', role: 'unknown' },
      { name: 'callee', role: 'unknown' },
    ]);
    expect(opened('freeswitch', '?sampleRateHz=16000&mixType=mixed', 'any text')?.channels).toEqual([
      { name: 'mixed', role: 'unknown' },
    ]);
    expect(opened('freeswitch', '?sampleRateHz=16000&channels=2')?.format.channels).toBe(2);
  });

  it('of which nothing says the layout is refused with what to write', () => {
    expect(errorOf(() => opened('freeswitch', ''))).toMatch(/^invalid-query: .*\?sampleRateHz=16000&mixType=stereo/);
    expect(errorOf(() => opened('freeswitch', '?mixType=stereo', 'hello'))).toMatch(/^invalid-query/);
    expect(errorOf(() => opened('freeswitch', '?sampleRateHz=16k&mixType=stereo'))).toMatch(
      /sampleRateHz must be a whole number, not "16k"/,
    );
    expect(errorOf(() => opened('freeswitch', '?sampleRateHz=8000&mixType=both'))).toMatch(
      /mixType must be one of mono, mixed, stereo, not "both"/,
    );
  });

  it('at 64 kHz is refused as soon as it says so', () => {
    const session = sessionOf('jambonz');
    expect(errorOf(() => session.text('{"sampleRate":64000,"mixType":"mono"}'))).toBe(
      'rate-out-of-range: A sample rate of 64000 Hz is not supported; use a whole number from 8000 to 48000 Hz.',
    );
  });

  it('tells of its keys, and of what the dialplan has to say; nothing else', () => {
    const session = sessionOf('freeswitch', '?sampleRateHz=8000&mixType=mono');
    session.binary(SAMPLES);
    expect(session.text('{"event":"dtmf","dtmf":"1"}')).toEqual([{ kind: 'mark', leg: 'main', name: 'dtmf' }]);
    expect(session.text('{"mark":"a","gapMs":20}')).toEqual([
      { kind: 'gap', leg: 'main', durationMs: 20 },
      { kind: 'mark', leg: 'main', name: 'a' },
    ]);
    for (const nothing of [
      '{"gapMs":-1}',
      '{"gapMs":1e12}',
      '{"gapMs":"20"}',
      '{"mark":""}',
      '{"mark":{}}',
      'gapMs',
      '{',
      '[]',
    ]) {
      expect(session.text(nothing)).toEqual([]);
    }
  });

  it('belongs to a call: the one that the URL says, else that the first text says', () => {
    expect(opened('jambonz', '?sampleRateHz=8000', '{"callSid":"b","parentCallSid":"a"}')?.callId).toBe('a');
    expect(opened('jambonz', '?sampleRateHz=8000', '{"callSid":"b"}')?.callId).toBe('b');
    expect(opened('jambonz', '?sampleRateHz=8000&callId=c', '{"callSid":"b","undertoneCallId":"d"}')?.callId).toBe('c');
    expect(opened('jambonz', '?sampleRateHz=8000', '{"callSid":"+13125550100"}')?.callId).toBeUndefined();
  });
});

describe('LiveKit', () => {
  const header = (contentType: string) => ({ headers: { 'content-type': contentType } });
  const stereo = Uint8Array.of(10, 0, 20, 0, 0xff, 0x7f, 0xff, 0x7f, 0, 0x80, 0, 0x80);

  it('sends a track as two channels that are heard as one', () => {
    const session = sessionOf('livekit', '', header('audio/x-raw'));
    const actions = session.binary(stereo);
    expect(startOf(actions)?.format).toEqual({ encoding: 'pcm_s16le', sampleRateHz: 48_000, channels: 1 });
    expect(audioOf(actions)).toEqual([15, 0, 0xff, 0x7f, 0, 0x80]);
  });

  it('sends what the URL says instead', () => {
    const two = sessionOf('livekit', '?channels=left,right&sampleRateHz=24000').binary(stereo);
    expect(startOf(two)).toMatchObject({
      format: { sampleRateHz: 24_000, channels: 2 },
      channels: [{ name: 'left' }, { name: 'right' }],
    });
    expect(audioOf(two)).toEqual([...stereo]);
    const one = sessionOf('livekit', '?channels=1&names=guest').binary(stereo);
    expect(startOf(one)).toMatchObject({ format: { channels: 1 }, channels: [{ name: 'guest' }] });
    expect(audioOf(one)).toEqual([...stereo]);
  });

  it('is refused with a type of audio that it never sends, and with garbage for text', () => {
    expect(errorOf(() => sessionOf('livekit', '', header('audio/ogg; codecs=opus')))).toMatch(
      /^unknown-encoding: .*"audio\/ogg"/,
    );
    expect(errorOf(() => sessionOf('livekit').text('{"muted":"yes"}'))).toMatch(/muted must be true or false/);
    expect(errorOf(() => sessionOf('livekit').text('muted'))).toMatch(/^not-json/);
    expect(sessionOf('livekit').text('{"speaking":true}')).toEqual([]);
  });
});

describe('the mean of channels', () => {
  it('is the same wherever its bytes are cut', () => {
    const bytes = Uint8Array.from({ length: 400 }, (_, index) => (index * 37) % 256);
    const whole = new MonoMixer(2).push(bytes);
    expect(whole.length).toBe(200);
    for (const size of [1, 2, 3, 5, 7, 399]) {
      const mixer = new MonoMixer(2);
      const parts: number[] = [];
      for (let at = 0; at < bytes.length; at += size) parts.push(...mixer.push(bytes.subarray(at, at + size)));
      expect(parts).toEqual([...whole]);
    }
  });

  it('is between the samples, and the sample itself where they are equal', () => {
    const samples = (...values: number[]) => new Uint8Array(Int16Array.from(values).buffer);
    const mean = (...values: number[]) => [...new Int16Array(new MonoMixer(2).push(samples(...values)).buffer)];
    expect(mean(1, 3, -5, -5, 32_767, 32_767, -32_768, -32_768, 32_767, -32_768, 1, 2)).toEqual([
      2, -5, 32_767, -32_768, 0, 1,
    ]);
  });
});

describe('bare audio', () => {
  const opened = (query: string) => startOf(sessionOf('raw', query).binary(SAMPLES));

  it('is what the URL says', () => {
    expect(opened('?sampleRateHz=16000')).toEqual({
      format: { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 1 },
      channels: [{ name: 'mixed', role: 'unknown' }],
    });
    expect(opened('?encoding=mulaw&sampleRateHz=8000&channels=caller:customer,agent:employee')).toMatchObject({
      format: { encoding: 'mulaw', channels: 2 },
      channels: [
        { name: 'caller', role: 'customer' },
        { name: 'agent', role: 'employee' },
      ],
    });
    expect(opened('?sampleRateHz=8000&channels=2&names=caller,agent&roles=customer')?.channels).toEqual([
      { name: 'caller', role: 'customer' },
      { name: 'agent', role: 'unknown' },
    ]);
    expect(opened('?sampleRateHz=8000&channels=3')?.channels.map(({ name }) => name)).toEqual([
      'channel0',
      'channel1',
      'channel2',
    ]);
  });

  it.each([
    ['', /^invalid-query: .*sampleRateHz must say how the audio is laid out/],
    ['?sampleRateHz=4000', /^rate-out-of-range/],
    ['?sampleRateHz=96000', /^rate-out-of-range/],
    ['?sampleRateHz=8000.5', /sampleRateHz must be a whole number/],
    ['?sampleRateHz=8000&encoding=opus', /^unknown-encoding: The encoding "opus" is unknown; use one of pcm_s16le/],
    ['?sampleRateHz=8000&channels=9', /^channels-out-of-range/],
    ['?sampleRateHz=8000&channels=0', /^channels-out-of-range/],
    ['?sampleRateHz=8000&channels=1&names=a,b', /^too-many-channel-names/],
    ['?sampleRateHz=8000&roles=boss', /the role "boss" is not one of customer/],
  ])('is refused as "%s"', (query, error) => {
    expect(errorOf(() => sessionOf('raw', query))).toMatch(error);
  });

  it('has no text', () => {
    expect(errorOf(() => sessionOf('raw', '?sampleRateHz=8000').text('{}'))).toMatch(/it must be binary/);
  });
});
