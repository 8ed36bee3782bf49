import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMOTIONS } from '../../src/emotions.ts';
import type { EndedEvent, ServerEvent, StartedEvent, WindowEvent } from '../../src/protocol/index.ts';
import { encodeEvent, parseServerEvent } from '../../src/protocol/index.ts';

const window: WindowEvent = {
  // Out of order on purpose: the order of the bytes is the encoder's.
  latencyMs: 12.34,
  raw: { sadness: 0.1, anger: 0.90001 },
  probabilities: { neutral: 1 / 3, anger: 2 / 3 },
  quality: { clippedRatio: 0.00004, levelDb: -23.449 },
  type: 'window',
  cursor: 7,
  streamId: 'leg-1',
  channel: 1,
  role: 'customer',
  channelName: 'customer',
  seq: 3,
  endMs: 2000,
  startMs: 0,
  label: 'anger',
  score: 0.66666,
  confidence: 0.51234,
  arousal: 0.5,
  valence: -0.00001,
  speechRatio: 0.98765,
  added: { syllables: 2, pitchSemitones: 31.456, levelDb: -20.44, speechMs: 480 },
  openTurn: { endMs: 1990, startMs: 130.0004 },
};

describe('the bytes of an event', () => {
  it('window', () => {
    expect(encodeEvent(window)).toBe(
      '{"type":"window","streamId":"leg-1","cursor":7,"channel":1,"channelName":"customer","role":"customer","seq":3,' +
        '"startMs":0,"endMs":2000,"label":"anger","score":0.6667,"confidence":0.5123,' +
        '"probabilities":{"anger":0.6667,"neutral":0.3333},"raw":{"anger":0.9,"sadness":0.1},' +
        '"arousal":0.5,"valence":0,"speechRatio":0.9877,' +
        '"openTurn":{"startMs":130,"endMs":1990},"added":{"speechMs":480,"levelDb":-20.4,"pitchSemitones":31.46,"syllables":2},' +
        '"quality":{"levelDb":-23.4,"clippedRatio":0},"latencyMs":12.3}',
    );
  });

  it('window with a reason and descriptors', () => {
    const text = encodeEvent({
      ...window,
      label: 'unknown',
      reason: 'silence',
      descriptors: { loudness: 1234567.89, energy: 0.000012345678, spectralKurtosis: null },
    });
    expect(text).toContain('"label":"unknown","reason":"silence","score"');
    expect(text).toContain(
      '"descriptors":{"loudness":1234570,"energy":0.0000123457,"spectralKurtosis":null},"latencyMs"',
    );
  });

  it('window of a side that is silent', () => {
    const added = { speechMs: 0, levelDb: null, pitchSemitones: null, syllables: 0 };
    expect(encodeEvent({ ...window, openTurn: null, added })).toContain(
      '"openTurn":null,"added":{"speechMs":0,"levelDb":null,"pitchSemitones":null,"syllables":0},"quality"',
    );
  });

  it('started', () => {
    const started: StartedEvent = {
      type: 'started',
      streamId: 's',
      callId: 'c',
      resume: { token: 't' },
      receivedSamples: 0,
      receivedMarks: 0,
      analysis: { windowMs: 3000, stepMs: 500, descriptors: ['rms'] },
      channels: [{ name: 'mixed', role: 'unknown' }],
      model: { name: 'm', version: '1', hash: 'h', labels: ['anger', 'neutral'] },
    };
    expect(encodeEvent(started)).toBe(
      '{"type":"started","streamId":"s","callId":"c","resume":{"token":"t"},"receivedSamples":0,"receivedMarks":0,' +
        '"analysis":{"windowMs":3000,"stepMs":500,"descriptors":["rms"]},"channels":[{"name":"mixed","role":"unknown"}],' +
        '"model":{"name":"m","version":"1","hash":"h","labels":["anger","neutral"]}}',
    );
  });

  it('ended', () => {
    const ended: EndedEvent = {
      type: 'ended',
      streamId: 's',
      cursor: 9,
      reason: 'stop',
      durationMs: 1234.5678,
      channels: [
        {
          channel: 0,
          channelName: 'mixed',
          role: 'unknown',
          windows: 3,
          speechMs: 900,
          turns: 1,
          shares: { sadness: 1 },
          coverage: 1 / 3,
          arousal: -0.25,
          valence: 0,
        },
      ],
    };
    expect(encodeEvent(ended)).toBe(
      '{"type":"ended","streamId":"s","cursor":9,"reason":"stop","durationMs":1234.568,"channels":[{"channel":0,' +
        '"channelName":"mixed","role":"unknown","windows":3,"speechMs":900,"turns":1,"shares":{"sadness":1},' +
        '"coverage":0.3333,"arousal":-0.25,"valence":0}]}',
    );
  });

  const place = { streamId: 's', cursor: 1, channel: 0, channelName: 'mixed', role: 'unknown' } as const;
  const short: readonly (readonly [ServerEvent, string])[] = [
    [
      { type: 'segment', ...place, startMs: 0, endMs: 1000, label: 'neutral', meanScore: 0.77777, windows: 2 },
      '{"type":"segment","streamId":"s","cursor":1,"channel":0,"channelName":"mixed","role":"unknown","startMs":0,"endMs":1000,"label":"neutral","meanScore":0.7778,"windows":2}',
    ],
    [
      { type: 'turn', ...place, startMs: 10, endMs: 990, label: 'unknown', arousal: 0.12345, valence: 0 },
      '{"type":"turn","streamId":"s","cursor":1,"channel":0,"channelName":"mixed","role":"unknown","startMs":10,"endMs":990,"label":"unknown","arousal":0.1235,"valence":0}',
    ],
    [
      { type: 'mark', streamId: 's', cursor: 2, name: 'a"b', atMs: 0.0625 },
      '{"type":"mark","streamId":"s","cursor":2,"name":"a\\"b","atMs":0.063}',
    ],
    [
      {
        type: 'alert',
        streamId: 's',
        cursor: 2,
        rule: 'r',
        severity: 'high',
        state: 'raised',
        atMs: 5.00001,
        sinceMs: 1,
        evidence: [
          // Out of order on purpose.
          {
            channelName: 'a',
            channel: 0,
            holds: true,
            value: 0.72345,
            threshold: 0.6,
            comparison: 'above',
            measure: 'anger',
          },
          { measure: 'label', comparison: 'is', threshold: 'fear', value: null, holds: null },
        ],
      },
      '{"type":"alert","streamId":"s","cursor":2,"rule":"r","severity":"high","state":"raised","atMs":5,"sinceMs":1,"evidence":[' +
        '{"measure":"anger","comparison":"above","threshold":0.6,"value":0.7235,"holds":true,"channel":0,"channelName":"a"},' +
        '{"measure":"label","comparison":"is","threshold":"fear","value":null,"holds":null}]}',
    ],
    [
      {
        type: 'alert',
        streamId: 's',
        cursor: 2,
        rule: 'r',
        severity: 'low',
        state: 'cleared',
        atMs: 5,
        sinceMs: 1,
        cause: 'ended',
        evidence: [],
      },
      '{"type":"alert","streamId":"s","cursor":2,"rule":"r","severity":"low","state":"cleared","atMs":5,"sinceMs":1,"cause":"ended","evidence":[]}',
    ],
    [
      { type: 'status', streamId: 's', cursor: 3, code: 'half-sample', message: 'm' },
      '{"type":"status","streamId":"s","cursor":3,"code":"half-sample","message":"m"}',
    ],
    [
      { type: 'status', streamId: 's', cursor: 3, code: 'gap', message: 'm', channel: 0, startMs: 1, endMs: 2 },
      '{"type":"status","streamId":"s","cursor":3,"code":"gap","message":"m","channel":0,"startMs":1,"endMs":2}',
    ],
    [{ type: 'status', code: 'draining', message: 'm' }, '{"type":"status","code":"draining","message":"m"}'],
    [
      { type: 'status', streamId: 's', code: 'history-truncated', message: 'm', oldestCursor: 4 },
      '{"type":"status","streamId":"s","code":"history-truncated","message":"m","oldestCursor":4}',
    ],
    [{ type: 'ack', streamId: 's', receivedSamples: 8000 }, '{"type":"ack","streamId":"s","receivedSamples":8000}'],
    [
      { type: 'error', code: 'not-json', message: 'm', retryable: false },
      '{"type":"error","code":"not-json","message":"m","retryable":false}',
    ],
  ];
  it.each(short)('%j', (event, text) => {
    expect(encodeEvent(event)).toBe(text);
    expect(parseServerEvent(text)).toEqual(JSON.parse(text));
  });

  it('never holds a number that is not finite', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => encodeEvent({ ...window, arousal: value })).toThrow(RangeError);
      expect(() => encodeEvent({ ...window, quality: { levelDb: value, clippedRatio: 0 } })).toThrow(RangeError);
      expect(() => encodeEvent({ ...window, probabilities: { anger: value } })).toThrow(RangeError);
    }
  });
});

describe('an event that is read back', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const shares = fc.record(Object.fromEntries(EMOTIONS.map((name) => [name, share])), { requiredKeys: [] });
  const windows = fc.record({
    type: fc.constant('window' as const),
    streamId: fc.string(),
    cursor: fc.nat(),
    channel: fc.nat(7),
    channelName: fc.string(),
    role: fc.constantFrom('customer' as const, 'unknown' as const),
    seq: fc.nat(),
    startMs: fc.nat(),
    endMs: fc.nat(),
    label: fc.constantFrom(...EMOTIONS, 'unknown' as const),
    score: share,
    confidence: share,
    probabilities: shares,
    raw: shares,
    arousal: fc.double({ min: -1, max: 1, noNaN: true }),
    valence: fc.double({ min: -1, max: 1, noNaN: true }),
    speechRatio: share,
    openTurn: fc.option(fc.record({ startMs: fc.nat(), endMs: fc.nat() })),
    added: fc.record({
      speechMs: fc.nat(),
      levelDb: fc.option(fc.double({ min: -100, max: 0, noNaN: true })),
      pitchSemitones: fc.option(fc.double({ min: 12, max: 54, noNaN: true })),
      syllables: fc.nat(),
    }),
    quality: fc.record({ levelDb: fc.double({ min: -100, max: 0, noNaN: true }), clippedRatio: share }),
    latencyMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
  });

  it('is within the rounding, and encodes to the same bytes again', () => {
    fc.assert(
      fc.property(windows, (event) => {
        const text = encodeEvent(event);
        const read = parseServerEvent(text);
        if (read?.type !== 'window') throw new Error('not a window');
        expect(Math.abs(read.score - event.score)).toBeLessThanOrEqual(0.00005 + 1e-12);
        expect(Math.abs(read.quality.levelDb - event.quality.levelDb)).toBeLessThanOrEqual(0.05 + 1e-9);
        expect(read.streamId).toBe(event.streamId);
        expect(encodeEvent(read)).toBe(text);
      }),
    );
  });

  it('lives with a newer server: unknown types, fields and error codes', () => {
    expect(parseServerEvent('{"type":"hologram","x":1}')).toBeUndefined();
    expect(parseServerEvent('{"type":"ack","streamId":"s","receivedSamples":1,"new":true}')).toEqual({
      type: 'ack',
      streamId: 's',
      receivedSamples: 1,
    });
    expect(parseServerEvent('{"type":"error","code":"brand-new","message":"Because.","retryable":true}')).toEqual({
      type: 'error',
      code: 'internal',
      message: 'Because.',
      retryable: true,
    });
  });

  it('is refused when it is malformed', () => {
    expect(() => parseServerEvent('nonsense')).toThrow(/not JSON/);
    expect(() => parseServerEvent('[]')).toThrow(/needs a type/);
    expect(() => parseServerEvent('{"type":"ack","streamId":"s"}')).toThrow(/receivedSamples is missing/);
    expect(() => parseServerEvent('{"type":"toString"}')).not.toThrow();
  });
});
