import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../src/audio/index.ts';
import { AUDIO_ENCODINGS, MAX_CHANNELS, MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ } from '../../src/audio/index.ts';
import { type ErrorCode, UndertoneError } from '../../src/errors.ts';
import {
  CHANNELS,
  DEFAULT_ANALYSIS_LIMITS,
  MAX_TEXT_BYTES,
  parseClientMessage,
  RATE_HZ,
  WIRE_ENCODINGS,
  type WireFormat,
} from '../../src/protocol/index.ts';

const format = { encoding: 'mulaw', sampleRateHz: 8000, channels: 2 };
const start = (more: object = {}) => JSON.stringify({ type: 'start', format, ...more });

function failure(text: string, limits = DEFAULT_ANALYSIS_LIMITS): { code: ErrorCode; message: string } {
  try {
    parseClientMessage(text, limits);
  } catch (error) {
    if (error instanceof UndertoneError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error(`accepted: ${text.slice(0, 100)}`);
}

describe('a start message', () => {
  it('gets every default filled in', () => {
    expect(
      parseClientMessage('{"type":"start","format":{"encoding":"mulaw","sampleRateHz":8000,"channels":1}}'),
    ).toEqual({
      type: 'start',
      format: { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 },
      channels: [{ name: 'mixed', role: 'unknown' }],
      analysis: { windowMs: 3000, stepMs: 500, descriptors: [] },
      metadata: {},
    });
  });

  it('keeps what it says', () => {
    const said = {
      type: 'start',
      streamId: 'leg-1 ☎',
      callId: 'call 7',
      format: { encoding: 'pcm_f32le', sampleRateHz: 44100, channels: 2 },
      channels: [
        { name: 'customer', role: 'customer' },
        { name: 'agent', role: 'employee' },
      ],
      analysis: { windowMs: 1000, stepMs: 250, descriptors: ['loudness'] },
      metadata: { queue: 'sales', priority: 2, recorded: true },
      resume: { token: 'abc', from: 12 },
    };
    expect(parseClientMessage(JSON.stringify(said))).toEqual(said);
  });

  it('names the channels that it does not name by their index, and gives none a role', () => {
    const message = parseClientMessage(start({ channels: [{ name: 'customer' }] }));
    expect(message).toMatchObject({
      channels: [
        { name: 'customer', role: 'unknown' },
        { name: 'channel1', role: 'unknown' },
      ],
    });
  });

  it('takes a step alone, a window alone, and cuts the default step to a shorter window', () => {
    const limits = { ...DEFAULT_ANALYSIS_LIMITS, defaults: { windowMs: 4000, stepMs: 1000, descriptors: ['rms'] } };
    const analysis = (asked: object) =>
      (parseClientMessage(start({ analysis: asked }), limits) as { analysis: object }).analysis;
    expect(analysis({ stepMs: 250 })).toEqual({ windowMs: 4000, stepMs: 250, descriptors: ['rms'] });
    expect(analysis({ windowMs: 6000 })).toEqual({ windowMs: 6000, stepMs: 1000, descriptors: ['rms'] });
    expect(analysis({ windowMs: 500 })).toEqual({ windowMs: 500, stepMs: 500, descriptors: ['rms'] });
    expect(analysis({ descriptors: ['zcr', 'zcr'] })).toEqual({ windowMs: 4000, stepMs: 1000, descriptors: ['zcr'] });
  });

  it('knows the formats of the audio room and no others', () => {
    expect(WIRE_ENCODINGS).toEqual(AUDIO_ENCODINGS);
    expect(RATE_HZ).toEqual({ min: MIN_SAMPLE_RATE_HZ, max: MAX_SAMPLE_RATE_HZ });
    expect(CHANNELS.max).toBe(MAX_CHANNELS);
    const wire: WireFormat = { encoding: 'alaw', sampleRateHz: 8000, channels: 1 };
    const audio: AudioFormat = wire;
    expect(audio).toBe(wire);
  });
});

describe('the other messages', () => {
  it('are a mark with its name and a stop', () => {
    expect(parseClientMessage('{"type":"mark","name":"transfer"}')).toEqual({ type: 'mark', name: 'transfer' });
    expect(parseClientMessage('{"type":"stop"}')).toEqual({ type: 'stop' });
  });
});

describe('bad input gets its own error', () => {
  const invalid = (detail: string) => ({ code: 'invalid-message', message: `The message is not valid: ${detail}.` });
  const cases: readonly (readonly [what: string, text: string, error: { code: string; message: string | RegExp }])[] = [
    ['text that is not JSON', 'hello', { code: 'not-json', message: /not JSON/ }],
    ['no text', '', { code: 'not-json', message: /not JSON/ }],
    ['half an object', '{"type":', { code: 'not-json', message: /not JSON/ }],
    ['a number', '7', invalid('it must be a JSON object with a type')],
    ['null', 'null', invalid('it must be a JSON object with a type')],
    ['a list', '[{"type":"stop"}]', invalid('it must be a JSON object with a type')],
    ['an object without a type', '{"format":{}}', invalid('type is missing')],
    ['a type that is inherited', '{"__proto__":{"type":"stop"}}', invalid('type is missing')],
    ['a type that is no string', '{"type":1}', invalid('type must be a string')],
    ['an unknown type', '{"type":"begin"}', { code: 'unknown-type', message: /"begin" is unknown/ }],
    ['a type named like a method', '{"type":"toString"}', { code: 'unknown-type', message: /"toString"/ }],
    ['a start without a format', '{"type":"start"}', invalid('format is missing')],
    [
      'a format that is a string',
      '{"type":"start","format":"mulaw"}',
      invalid('format must be an object with encoding, sampleRateHz and channels'),
    ],
    [
      'a rate that is a string',
      start({ format: { ...format, sampleRateHz: '8000' } }),
      invalid('format.sampleRateHz must be a finite number'),
    ],
    [
      'a rate beyond all numbers',
      start().replace('8000', '1e999'),
      invalid('format.sampleRateHz must be a finite number'),
    ],
    [
      'a rate that is missing',
      start({ format: { encoding: 'mulaw', channels: 1 } }),
      invalid('format.sampleRateHz is missing'),
    ],
    ['a field that is not known', start({ windowMs: 1000 }), invalid('windowMs is not a known field')],
    [
      'a field that is not known inside',
      start({ analysis: { windowsMs: 1000 } }),
      invalid('analysis.windowsMs is not a known field'),
    ],
    [
      'a role that is none',
      start({ channels: [{ name: 'a' }, { name: 'b', role: 'boss' }] }),
      invalid('channels[1].role must be one of customer, employee, bot, unknown'),
    ],
    ['an empty id', start({ streamId: '' }), invalid('streamId must be 1 to 128 printable characters')],
    ['an id of spaces', start({ streamId: '  ' }), invalid('streamId must be 1 to 128 printable characters')],
    [
      'an id that is too long',
      start({ streamId: 'x'.repeat(129) }),
      invalid('streamId must be 1 to 128 printable characters'),
    ],
    ['an id with a line break', start({ streamId: 'a\nb' }), invalid('streamId must be 1 to 128 printable characters')],
    [
      'an id that turns the writing direction',
      start({ streamId: 'a\u202eb' }),
      invalid('streamId must be 1 to 128 printable characters'),
    ],
    ['an id that means every stream', start({ streamId: '*' }), invalid('streamId must not be "*"')],
    ['an id that no address could have', start({ streamId: '..' }), invalid('streamId must not be "." or ".."')],
    ['an id of a call that nobody could erase', start({ callId: '.' }), invalid('callId must not be "." or ".."')],
    ['a null id', start({ streamId: null }), invalid('streamId must be a string')],
    ['a mark without a name', '{"type":"mark"}', invalid('name is missing')],
    [
      'metadata that nests',
      start({ metadata: { a: { b: 1 } } }),
      invalid('metadata.a must be a string, a number or a boolean'),
    ],
    [
      'metadata that is too long',
      start({ metadata: { a: 'é'.repeat(2050) } }),
      invalid('metadata must be at most 4096 bytes of JSON'),
    ],
    ['a negative cursor', start({ resume: { token: 't', from: -1 } }), invalid('resume.from must not be negative')],
    [
      'an unknown encoding',
      start({ format: { ...format, encoding: 'mp3' } }),
      {
        code: 'unknown-encoding',
        message: /"mp3" is unknown; use one of pcm_s16le, pcm_s24le, pcm_f32le, mulaw, alaw/,
      },
    ],
    [
      'a rate too low',
      start({ format: { ...format, sampleRateHz: 7999 } }),
      { code: 'rate-out-of-range', message: /7999 Hz/ },
    ],
    [
      'a rate too high',
      start({ format: { ...format, sampleRateHz: 48001 } }),
      { code: 'rate-out-of-range', message: /48001 Hz/ },
    ],
    [
      'a rate that is not whole',
      start({ format: { ...format, sampleRateHz: 8000.5 } }),
      { code: 'rate-out-of-range', message: /8000.5 Hz/ },
    ],
    [
      'no channels',
      start({ format: { ...format, channels: 0 } }),
      { code: 'channels-out-of-range', message: /0 channels/ },
    ],
    [
      'too many channels',
      start({ format: { ...format, channels: 9 } }),
      { code: 'channels-out-of-range', message: /9 channels/ },
    ],
    [
      'more channel names than channels',
      start({ channels: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }),
      { code: 'too-many-channel-names', message: /3 channels are named but the format has 2/ },
    ],
    [
      'a window too short',
      start({ analysis: { windowMs: 490 } }),
      { code: 'window-out-of-range', message: /490 ms.*500 to 30000/ },
    ],
    [
      'a window too long',
      start({ analysis: { windowMs: 30010 } }),
      { code: 'window-out-of-range', message: /30010 ms/ },
    ],
    [
      'a window off the grid',
      start({ analysis: { windowMs: 1005 } }),
      { code: 'window-out-of-range', message: /1005 ms/ },
    ],
    [
      'a step too short',
      start({ analysis: { stepMs: 90 } }),
      { code: 'step-out-of-range', message: /90 ms.*100 ms to the window of 3000/ },
    ],
    [
      'a step longer than its window',
      start({ analysis: { windowMs: 1000, stepMs: 1010 } }),
      { code: 'step-out-of-range', message: /1010 ms.*window of 1000/ },
    ],
    ['a step off the grid', start({ analysis: { stepMs: 105 } }), { code: 'step-out-of-range', message: /105 ms/ }],
  ];

  it.each(cases)('%s', (_, text, error) => {
    const got = failure(text);
    expect(got.code).toBe(error.code);
    if (typeof error.message === 'string') expect(got.message).toBe(error.message);
    else expect(got.message).toMatch(error.message);
  });

  it('a descriptor that is not among the known ones', () => {
    const limits = { ...DEFAULT_ANALYSIS_LIMITS, descriptors: ['loudness', 'rms'] };
    const got = failure(start({ analysis: { descriptors: ['rms', 'joy'] } }), limits);
    expect(got).toEqual({
      code: 'unknown-descriptor',
      message: 'The descriptor "joy" is unknown; use some of loudness, rms.',
    });
  });

  it('what it quotes is short and printable', () => {
    const got = failure(JSON.stringify({ type: `\u0007\u202e${'x'.repeat(5000)}` }));
    expect(got.code).toBe('unknown-type');
    expect(got.message).toMatch(/^[\p{L}\p{P}\p{Z}\p{S}]*$/u);
    expect(got.message.length).toBeLessThan(200);
  });
});

describe('hostile JSON', () => {
  it('keys of the prototype change nothing', () => {
    const text = start().replace('}}', '},"metadata":{"__proto__":{"polluted":true},"constructor":"x"}}');
    const message = parseClientMessage(text);
    if (message.type !== 'start') throw new Error('another type');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(message.metadata)).toBe(Object.prototype);
    expect(Object.entries(message.metadata)).toEqual([['constructor', 'x']]);
    expect(failure('{"type":"start","__proto__":{"format":{"encoding":"mulaw"}}}').code).toBe('invalid-message');
  });

  it('deep and enormous JSON is an error like any other', () => {
    const deep = `{"type":"start","format":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    expect(failure(deep).code).toBe('invalid-message');
    expect(failure(`{"type":"stop","x":"${'y'.repeat(MAX_TEXT_BYTES)}"}`).code).toBe('message-too-large');
    expect(failure(JSON.stringify({ type: 'stop', x: '☎'.repeat(22_000) })).code).toBe('message-too-large');
    expect(failure(start({ channels: Array.from({ length: 3000 }, () => ({ name: 'a' })) })).code).toBe(
      'invalid-message',
    );
  });

  const codes: readonly ErrorCode[] = [
    'not-json',
    'invalid-message',
    'unknown-type',
    'unknown-encoding',
    'rate-out-of-range',
    'channels-out-of-range',
    'too-many-channel-names',
    'window-out-of-range',
    'step-out-of-range',
    'message-too-large',
  ];
  const throwsOnlyOurs = (text: string) => {
    try {
      parseClientMessage(text);
    } catch (error) {
      if (!(error instanceof UndertoneError)) throw error;
      expect(codes).toContain(error.code);
      expect(error.message).not.toMatch(/\{\w+\}|undefined|\[object/);
    }
  };

  it('arbitrary text and JSON throw only errors of the table', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), throwsOnlyOurs));
    fc.assert(fc.property(fc.json(), throwsOnlyOurs));
  });

  it('arbitrary values in the places of a start message throw only errors of the table', () => {
    const anything = fc.jsonValue({ maxDepth: 3 });
    const or = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof(arbitrary, anything);
    const message = fc.record(
      {
        type: fc.constantFrom('start', 'mark', 'stop'),
        streamId: or(fc.string()),
        name: or(fc.string()),
        format: or(
          fc.record({
            encoding: or(fc.constantFrom(...WIRE_ENCODINGS)),
            sampleRateHz: or(fc.constantFrom(8000, 16000)),
            channels: or(fc.integer()),
          }),
        ),
        channels: or(fc.array(fc.record({ name: or(fc.string()), role: anything }, { requiredKeys: ['name'] }))),
        analysis: or(
          fc.record(
            { windowMs: or(fc.integer()), stepMs: or(fc.integer()), descriptors: anything },
            { requiredKeys: [] },
          ),
        ),
        metadata: or(fc.dictionary(fc.string(), anything)),
      },
      { requiredKeys: ['type'] },
    );
    fc.assert(
      fc.property(message, (value) => throwsOnlyOurs(JSON.stringify(value))),
      { numRuns: 500 },
    );
  });

  it('what is accepted lies within the limits', () => {
    const number = fc.oneof(fc.integer({ min: -10, max: 60_000 }), fc.double());
    let accepted = 0;
    fc.assert(
      fc.property(number, number, (windowMs, stepMs) => {
        let message: ReturnType<typeof parseClientMessage>;
        try {
          message = parseClientMessage(start({ analysis: { windowMs: Math.round(windowMs / 10) * 10, stepMs } }));
        } catch {
          return;
        }
        accepted++;
        if (message.type !== 'start') throw new Error('another type');
        const { analysis } = message;
        expect(analysis.windowMs >= 500 && analysis.windowMs <= 30_000 && analysis.windowMs % 10 === 0).toBe(true);
        expect(analysis.stepMs >= 100 && analysis.stepMs <= analysis.windowMs && analysis.stepMs % 10 === 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(0);
  });
});
