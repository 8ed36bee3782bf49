import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallDetail } from '../../../src/protocol/index.ts';
import { audio, MONO, Peer, SHORT } from '../harness.ts';
import { AS_ANNA, callOf, type Desk, eventually, openDeskServer, SIDES, STEREO } from './harness.ts';

let desk: Desk;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-recordings-'));
  desk = await openDeskServer({
    recordings: { folder, keys: [new Uint8Array(32).fill(9)] },
    desk: { models: { other: '/nowhere/at/all' } },
  });
  await callOf(desk.server, 2, { callId: 'call', streamId: 'stream/1' });
  await eventually(
    async () => (await desk.get('/v1/calls/call')).json<CallDetail>().recorded,
    (recorded) => recorded,
  );
});
afterAll(() => desk.close());

const get = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  desk.ask(method, `/v1/calls/call${path}`, { headers });

/** PCM of a WAV file, by its own header: RIFF, then chunks. */
function pcmOf(wav: Buffer): { readonly channels: number; readonly rateHz: number; readonly data: Buffer } {
  expect([wav.toString('latin1', 0, 4), wav.toString('latin1', 8, 12)]).toEqual(['RIFF', 'WAVE']);
  expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
  let channels = 0;
  let rateHz = 0;
  for (let at = 12; at < wav.length; ) {
    const [name, length] = [wav.toString('latin1', at, at + 4), wav.readUInt32LE(at + 4)];
    if (name === 'fmt ') [channels, rateHz] = [wav.readUInt16LE(at + 10), wav.readUInt32LE(at + 12)];
    if (name === 'data') return { channels, rateHz, data: wav.subarray(at + 8, at + 8 + length) };
    at += 8 + length + (length % 2);
  }
  throw new Error('no data');
}

describe('the recording of a call', () => {
  it('is the audio that came in, as WAV', async () => {
    const whole = await get('/audio');
    expect([whole.status, whole.headers['content-type']]).toEqual([200, 'audio/wav']);
    expect(whole.headers).toMatchObject({ 'accept-ranges': 'bytes', 'content-length': String(whole.bytes.length) });
    expect(whole.headers['x-undertone-incomplete']).toBeUndefined();
    const { channels, rateHz, data } = pcmOf(whole.bytes);
    expect([channels, rateHz]).toEqual([2, 8000]);
    expect(data.equals(Buffer.from(audio(2, STEREO)))).toBe(true);
  });

  it('is given in ranges, and not again to whoever has it', async () => {
    const whole = await get('/audio');
    const length = whole.bytes.length;
    const asked: readonly (readonly [string, number, number])[] = [
      ['bytes=0-43', 0, 44],
      ['bytes=100-', 100, length],
      ['bytes=-10', length - 10, length],
      [`bytes=5-${length + 1000}`, 5, length],
      ['bytes=0-0', 0, 1],
      ['Bytes = 7 - 9', 7, 10],
    ];
    for (const [range, start, end] of asked) {
      const part = await get('/audio', { Range: range });
      expect([range, part.status, part.headers['content-range']]).toEqual([
        range,
        206,
        `bytes ${start}-${end - 1}/${length}`,
      ]);
      expect(part.headers['content-length']).toBe(String(end - start));
      expect(part.bytes.equals(whole.bytes.subarray(start, end))).toBe(true);
    }
    for (const range of ['bytes=5-3', 'bytes=a-b', 'chunks=1-2', 'bytes=0-1,5-6', 'bytes=-', 'bytes']) {
      expect([range, (await get('/audio', { Range: range })).status]).toEqual([range, 200]);
    }
    for (const range of [`bytes=${length}-`, 'bytes=-0', 'bytes=999999999999-']) {
      const beyond = await get('/audio', { Range: range });
      expect([range, beyond.status, beyond.headers['content-range']]).toEqual([range, 416, `bytes */${length}`]);
      expect(beyond.json<{ code: string }>().code).toBe('range-outside');
    }
    const tag = String(whole.headers.etag);
    expect((await get('/audio', { 'If-None-Match': tag })).status).toBe(304);
    expect((await get('/audio', { Range: 'bytes=0-9', 'If-Range': tag })).status).toBe(206);
    expect((await get('/audio', { Range: 'bytes=0-9', 'If-Range': '"of before"' })).status).toBe(200);
    const head = await get('/audio', {}, 'HEAD');
    expect([head.status, head.headers['content-length'], head.bytes.length]).toEqual([200, String(length), 0]);
  });

  it('of one stream, or one side alone', async () => {
    const { channels, data } = pcmOf((await get(`/audio?stream=${encodeURIComponent('stream/1')}&channel=1`)).bytes);
    const both = Buffer.from(audio(2, STEREO));
    const own = Buffer.concat(
      Array.from({ length: both.length / 4 }, (_, index) => both.subarray(4 * index + 2, 4 * index + 4)),
    );
    expect(channels).toBe(1);
    expect(data.equals(own)).toBe(true);
    const none = await get('/audio?stream=other');
    expect([none.status, none.json<{ code: string }>().code]).toEqual([404, 'recording-missing']);
  });

  it('has a shape', async () => {
    const shape = (await get('/waveform?points=50')).json<{
      durationMs: number;
      legs: { peaks: [number, number][] }[];
    }>();
    expect(shape.durationMs).toBe(2000);
    expect(shape.legs.map(({ peaks }) => peaks.length)).toEqual([50, 50]);
    expect(shape.legs.every(({ peaks }) => peaks.some(([low, high]) => low < -0.05 && high > 0.05))).toBe(true);
  });

  it('is analysed again only with a model that there is', async () => {
    const post = (model: string) => desk.ask('POST', '/v1/calls/call/analyses', { body: { model } });
    const unknown = await post('../../etc');
    expect([unknown.status, unknown.json<{ code: string; message: string }>()]).toMatchObject([
      404,
      { code: 'unknown-model', message: expect.stringContaining('there are: other') },
    ]);
    expect((await post('__proto__')).json<{ code: string }>().code).toBe('unknown-model');
    const missing = await desk.ask('POST', '/v1/calls/nobody/analyses', { body: { model: 'other' } });
    expect(missing.json<{ code: string }>().code).toBe('unknown-call');
  });

  it('goes with its call', async () => {
    await callOf(desk.server, 1, { callId: 'brief' });
    await eventually(
      async () => (await desk.get('/v1/calls/brief/audio')).status,
      (status) => status === 200,
    );
    expect((await desk.ask('DELETE', '/v1/calls/brief', { headers: AS_ANNA })).status).toBe(200);
    expect((await desk.get('/v1/calls/brief/audio')).json<{ code: string }>().code).toBe('unknown-call');
  });

  it('is nothing of a server that keeps none', async () => {
    const bare = await openDeskServer();
    await callOf(bare.server, 1, { callId: 'x' });
    for (const path of ['audio', 'waveform']) {
      const answer = await bare.get(`/v1/calls/x/${path}`);
      expect([answer.status, answer.json<{ code: string }>().code]).toEqual([404, 'no-recordings']);
    }
    await bare.close();
  });
});

describe('corrections', () => {
  it('are kept, listed for training in the time of their stream, and taken back', async () => {
    const first = await Peer.started(desk.server, {
      callId: 'fix',
      streamId: 'a.1',
      channels: [SIDES[0]],
      analysis: SHORT,
    });
    await new Promise((resolve) => setTimeout(resolve, 600));
    const second = await Peer.started(desk.server, { callId: 'fix', streamId: 'b,2', format: MONO, analysis: SHORT });
    for (const peer of [first, second]) {
      peer.send(audio(2));
      peer.json({ type: 'stop' });
      await peer.closed();
    }
    const { streams } = (await desk.get('/v1/calls/fix')).json<CallDetail>();
    const offsetMs = streams[1]?.offsetMs ?? 0;
    const post = (body: object) => desk.ask('POST', '/v1/calls/fix/corrections', { body, headers: AS_ANNA });
    const made = await post({
      streamId: 'b,2',
      channel: 0,
      startMs: offsetMs + 500,
      endMs: offsetMs + 1500,
      label: 'sadness',
    });
    expect([made.status, made.json()]).toMatchObject([201, { callId: 'fix', label: 'sadness', by: 'Anna' }]);
    const own = await post({ streamId: 'a.1', channel: 0, startMs: 0, endMs: 1000, label: 'anger', by: 'Łukasz' });
    expect(own.json<{ by: string }>().by).toBe('Łukasz');
    for (const wrong of [
      { streamId: 'c', channel: 0 },
      { streamId: 'a.1', channel: 1 },
    ]) {
      const refused = await post({ ...wrong, startMs: 0, endMs: 1000, label: 'anger' });
      expect([refused.status, refused.json<{ code: string }>().code]).toEqual([400, 'invalid-body']);
    }
    const csv = await desk.get('/v1/corrections.csv');
    expect(csv.headers['content-disposition']).toBe('attachment; filename="corrections.csv"');
    expect(csv.body.trim().split('\n').sort()).toEqual(
      [
        'fix/a%2E1.0.wav,0.000,1.000,anger,a%2E1.0',
        'fix/b%2C2.0.wav,0.500,1.500,sadness,b%2C2.0',
        'path,start,end,label,speaker',
      ].sort(),
    );
    const detail = (await desk.get('/v1/calls/fix')).json<CallDetail>();
    expect(detail.corrections.length).toBe(2);
    const { correctionId } = made.json<{ correctionId: string }>();
    const gone = await desk.ask('DELETE', `/v1/corrections/${correctionId}?by=Anna`);
    expect([gone.status, gone.body]).toEqual([204, '']);
    const again = await desk.ask('DELETE', `/v1/corrections/${correctionId}?by=Anna`);
    expect([again.status, again.json<{ code: string }>().code]).toEqual([404, 'unknown-correction']);
    expect((await desk.get('/v1/corrections.csv')).body.trim().split('\n').length).toBe(2);
  });
});
