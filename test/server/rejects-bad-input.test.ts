import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../src/audio/index.ts';
import type { ServerEvent } from '../../src/protocol/index.ts';
import type { RunningServer } from '../../src/server/index.ts';
import { audio, MONO, Peer, refused, SHORT, start, startMessage, windowLines } from './harness.ts';

let server: RunningServer;
let alone: string[];
const witnessAudio = audio(2);

/** A stream beside the bad one: half of its audio before, half after. */
async function witness(
  during: () => Promise<void>,
): Promise<{ windows: string[]; events: ServerEvent[]; close: number }> {
  const peer = await Peer.started(server);
  peer.send(witnessAudio.subarray(0, 15_999));
  await during();
  peer.send(witnessAudio.subarray(15_999));
  peer.json({ type: 'stop' });
  const close = await peer.closed();
  return { windows: windowLines(peer.events), events: peer.events, close };
}

beforeAll(async () => {
  server = await start();
  alone = (await witness(async () => {})).windows;
  expect(alone).toHaveLength(10);
});
afterAll(() => server.close());

const FLOATS: AudioFormat = { encoding: 'pcm_f32le', sampleRateHz: 8000, channels: 1 };
const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const withFormat = (format: object) => JSON.stringify({ type: 'start', format: { ...MONO, ...format } });
const withAnalysis = (analysis: object) => JSON.stringify({ ...startMessage(), analysis });

type Messages = readonly (string | Uint8Array)[];
const started = JSON.stringify(startMessage());
const CASES: readonly (readonly [what: string, messages: Messages, code: string, sentence: RegExp, close: number])[] = [
  ['text that is not JSON', ['hello'], 'not-json', /is not JSON/, 4400],
  ['JSON that is no message', ['[1, 2]'], 'invalid-message', /must be a JSON object with a type/, 4400],
  ['a message without a field', ['{"type":"start"}'], 'invalid-message', /format is missing/, 4400],
  ['an unknown type', ['{"type":"begin"}'], 'unknown-type', /"begin" is unknown/, 4400],
  ['audio before start', [new Uint8Array(320)], 'audio-before-start', /before a start message/, 4400],
  ['stop before start', ['{"type":"stop"}'], 'not-started', /stop message came before start/, 4400],
  ['start twice', [started, audio(0.5), started], 'already-started', /has started a stream already/, 4409],
  [
    'an unknown type in a stream',
    [started, audio(0.5), '{"type":"pause"}'],
    'unknown-type',
    /"pause" is unknown/,
    4400,
  ],
  ['text that is not JSON in a stream', [started, audio(0.5), '{'], 'not-json', /is not JSON/, 4400],
  ['audio after stop', [started, audio(0.5), '{"type":"stop"}', audio(0.1)], 'after-stop', /has been stopped/, 4409],
  [
    'an unknown encoding',
    [withFormat({ encoding: 'opus' })],
    'unknown-encoding',
    /"opus" is unknown; use one of pcm_s16le/,
    4415,
  ],
  ['a rate too low', [withFormat({ sampleRateHz: 4000 })], 'rate-out-of-range', /4000 Hz .* from 8000 to 48000/, 4415],
  ['a rate too high', [withFormat({ sampleRateHz: 96_000 })], 'rate-out-of-range', /96000 Hz/, 4415],
  ['no channels', [withFormat({ channels: 0 })], 'channels-out-of-range', /0 channels .* 1 to 8/, 4415],
  ['nine channels', [withFormat({ channels: 9 })], 'channels-out-of-range', /9 channels/, 4415],
  ['a window too short', [withAnalysis({ windowMs: 490 })], 'window-out-of-range', /490 ms .* 500 to 30000/, 4400],
  ['a window too long', [withAnalysis({ windowMs: 30_010 })], 'window-out-of-range', /30010 ms/, 4400],
  ['a step too short', [withAnalysis({ stepMs: 90 })], 'step-out-of-range', /90 ms .* from 100 ms/, 4400],
  [
    'a step over its window',
    [withAnalysis({ windowMs: 600, stepMs: 700 })],
    'step-out-of-range',
    /700 ms .* window of 600/,
    4400,
  ],
  [
    'an unknown descriptor',
    [withAnalysis({ descriptors: ['mood'] })],
    'unknown-descriptor',
    /"mood" is unknown; use some of .*loudness/,
    4400,
  ],
  [
    'more channel names than channels',
    [JSON.stringify({ ...startMessage(), channels: [{ name: 'a' }, { name: 'b' }] })],
    'too-many-channel-names',
    /2 channels are named but the format has 1/,
    4400,
  ],
  [
    'a message over 1 MiB',
    [started, audio(0.5), new Uint8Array(1_048_577)],
    'message-too-large',
    /limit of 1048576 bytes/,
    1009,
  ],
  ['a first message over 1 MiB', [new Uint8Array(1_048_577)], 'message-too-large', /limit of 1048576 bytes/, 1009],
  [
    'a text over 64 KiB',
    [`{"type":"start","x":"${'y'.repeat(70_000)}"}`],
    'message-too-large',
    /limit of 65536 bytes/,
    1009,
  ],
  [
    'NaN',
    [JSON.stringify({ ...startMessage(), format: FLOATS }), audio(0.5, FLOATS), floats(0, Number.NaN)],
    'audio-not-finite',
    /NaN or infinite/,
    4400,
  ],
  [
    'infinity',
    [JSON.stringify({ ...startMessage(), format: FLOATS }), audio(0.5, FLOATS), floats(Number.NEGATIVE_INFINITY)],
    'audio-not-finite',
    /NaN or infinite/,
    4400,
  ],
  [
    'a resume token that is none',
    [JSON.stringify({ ...startMessage(), resume: { token: 'guess' } })],
    'unknown-token',
    /unknown or has expired/,
    4410,
  ],
];

describe('bad input gets its error, its sentence and its close code, and costs no other stream anything', () => {
  it.each(CASES)('%s', async (_, messages, code, sentence, close) => {
    const beside = await witness(async () => {
      const peer = await Peer.stream(server);
      for (const message of messages) peer.send(message);
      expect(await peer.closed()).toBe(close);
      const errors = peer.of('error');
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({ code, message: expect.stringMatching(sentence), retryable: false });
      if (messages.length > 2) {
        // What came before it has been analysed, and the stream has its end.
        expect(peer.of('window').length).toBeGreaterThanOrEqual(2);
        expect(peer.of('ended')).toHaveLength(1);
      }
    });
    expect(beside.close).toBe(1000);
    expect(beside.windows).toEqual(alone);
    expect(beside.events.filter(({ type }) => type === 'error' || type === 'status')).toEqual([]);
  });

  it('a duplicate stream id', async () => {
    const beside = await witness(async () => {
      const first = await Peer.started(server, { streamId: 'twice' });
      const second = await Peer.stream(server);
      second.json(startMessage({ streamId: 'twice' }));
      expect(await second.closed()).toBe(4409);
      expect(second.of('error')).toMatchObject([
        { code: 'duplicate-stream', message: expect.stringMatching(/"twice" exists already/) },
      ]);
      first.send(audio(0.4));
      first.json({ type: 'stop' });
      expect(await first.closed()).toBe(1000);
      expect(first.of('window')).toHaveLength(2);
      // An id is free again after its stream has ended.
      const third = await Peer.started(server, { streamId: 'twice' });
      third.json({ type: 'stop' });
      expect(await third.closed()).toBe(1000);
    });
    expect(beside.windows).toEqual(alone);
  });

  it('a stream that ends in half a sample is warned of, and not lost', async () => {
    const beside = await witness(async () => {
      const peer = await Peer.started(server);
      peer.send(audio(1).subarray(0, 15_999));
      peer.json({ type: 'stop' });
      expect(await peer.closed()).toBe(1000);
      expect(peer.of('status')).toMatchObject([
        { code: 'half-sample', message: expect.stringMatching(/ended 1 byte into a sample; it was left out/) },
      ]);
      expect(peer.of('window').map(({ endMs }) => endMs)).toEqual([200, 400, 600, 800, 1000]);
      expect(peer.of('ended')).toMatchObject([{ reason: 'stop' }]);
    });
    expect(beside.windows).toEqual(alone);
  });

  it('a message that is a subscriber’s', async () => {
    const peer = await Peer.subscribe(server, 'stream=*');
    peer.send(new Uint8Array(3));
    expect(await peer.closed()).toBe(4400);
    expect(peer.of('error')).toMatchObject([
      { code: 'invalid-message', message: expect.stringMatching(/only receives/) },
    ]);
  });
});

describe('audio that is odd but not wrong', () => {
  const run = async (chunks: Iterable<Uint8Array>, format: AudioFormat = MONO) => {
    const peer = await Peer.started(server, { format, analysis: SHORT });
    for (const chunk of chunks) peer.send(chunk);
    peer.json({ type: 'stop' });
    expect(await peer.closed()).toBe(1000);
    expect(peer.of('error')).toEqual([]);
    return peer;
  };

  it('a minute of silence', async () => {
    const peer = await run([new Uint8Array(960_000)]);
    const windows = peer.of('window');
    expect(windows).toHaveLength(300);
    expect(windows.every(({ label, reason }) => label === 'unknown' && reason === 'silence')).toBe(true);
    expect(peer.of('ended')).toMatchObject([
      { durationMs: 60_000, channels: [{ windows: 300, speechMs: 0, coverage: 0 }] },
    ]);
  });

  it('digital full scale', async () => {
    const square = Int16Array.from({ length: 16_000 }, (_, n) => (Math.floor(n / 20) % 2 === 0 ? 32_767 : -32_768));
    const peer = await run([new Uint8Array(square.buffer)]);
    const windows = peer.of('window');
    expect(windows).toHaveLength(10);
    for (const { quality } of windows) {
      // Resampling rounds the corners of the square.
      expect(quality.clippedRatio).toBeGreaterThan(0.7);
      expect(quality.levelDb).toBeGreaterThan(-0.5);
    }
    expect(peer.of('status')).toMatchObject([{ code: 'low-quality' }]);
  });

  it('messages of one sample, and empty ones', async () => {
    const bytes = audio(1);
    const one = Array.from({ length: bytes.length / 2 }, (_, index) => bytes.subarray(2 * index, 2 * index + 2));
    const whole = await run([bytes]);
    const single = await run([new Uint8Array(0), ...one, new Uint8Array(0)]);
    expect(windowLines(single.events)).toEqual(windowLines(whole.events));
  });

  it('no audio at all', async () => {
    const peer = await run([]);
    expect(peer.of('window')).toEqual([]);
    expect(peer.of('ended')).toMatchObject([{ durationMs: 0 }]);
  });
});

describe('requests that are refused before there is a socket', () => {
  it.each([
    ['an unknown path', '/v2/stream', 404, 'not-found', /nothing at \/v2\/stream/],
    ['a path that is odd', '//', 404, 'not-found', /nothing at/],
    ['a subscription to nothing', '/v1/subscribe', 400, 'invalid-query', /stream is missing/],
    [
      'a cursor that is none',
      '/v1/subscribe?stream=x&from=now',
      400,
      'invalid-query',
      /from must be a cursor or start/,
    ],
    ['a negative cursor', '/v1/subscribe?stream=x&from=-1', 400, 'invalid-query', /from must be/],
    ['a cursor of all streams', '/v1/subscribe?stream=*&from=1', 400, 'invalid-query', /\* is live only/],
    ['a wait that is neither', '/v1/subscribe?stream=x&wait=maybe', 400, 'invalid-query', /wait must be true or false/],
    ['a name with control characters', '/v1/subscribe?stream=a%00b', 400, 'invalid-query', /printable/],
    ['a stream that is not there', '/v1/subscribe?stream=none&wait=false', 404, 'unknown-stream', /no stream "none"/],
  ])('%s', async (_, path, status, code, sentence) => {
    const answer = await refused(`${server.url}${path}`);
    expect(answer).toMatchObject({ status, body: { type: 'error', code, message: expect.stringMatching(sentence) } });
  });

  it('a subprotocol that is not ours', async () => {
    const answer = await refused(`${server.url}/v1/stream`, { protocols: ['mqtt'] });
    expect(answer).toMatchObject({ status: 400, body: { code: 'unsupported-subprotocol' } });
  });

  it('plain HTTP', async () => {
    const base = server.url.replace('ws:', 'http:');
    const get = async (path: string, method = 'GET') => {
      const response = await fetch(base + path, { method });
      return { status: response.status, body: method === 'HEAD' ? {} : await response.json() };
    };
    expect(await get('/healthz')).toEqual({ status: 200, body: { status: 'ok' } });
    expect(await get('/healthz', 'HEAD')).toMatchObject({ status: 200 });
    expect(await get('/healthz', 'DELETE')).toMatchObject({ status: 405, body: { code: 'method-not-allowed' } });
    expect(await get('/v1/stream')).toMatchObject({ status: 426, body: { code: 'upgrade-required' } });
    expect(await get('/nowhere')).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(await get('/v1/stream', 'POST')).toMatchObject({ status: 426 });
  });
});
