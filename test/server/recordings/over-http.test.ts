import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallDetail } from '../../../src/protocol/index.ts';
import type { Waveform } from '../../../src/server/recordings/index.ts';
import { openStore } from '../../../src/store/index.ts';
import { audio, MONO, Peer, SHORT, start } from '../harness.ts';
import { AS_ANNA, type Desk, httpOf, openDeskServer, sureModel } from '../http/harness.ts';
import { KEY, temporaryFolder } from './folder.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function desk(folder: string): Promise<Desk> {
  const opened = await openDeskServer({ recordings: { folder, keys: [KEY] } });
  closing.push(() => opened.close());
  return opened;
}

async function call({ server, store }: Desk, streamId: string, seconds = 3): Promise<Uint8Array> {
  const peer = await Peer.started(server, { streamId, analysis: SHORT, metadata: { caller: 'Ada' } });
  const bytes = audio(seconds);
  peer.send(bytes);
  peer.json({ type: 'stop' });
  expect(await peer.closed()).toBe(1000);
  await until(async () => (await store.call(streamId))?.state === 'ended');
  await until(async () => ((await store.recordings(streamId))[0]?.bytes ?? 0) > 0);
  return bytes;
}

const files = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.utr'));

describe('the recording of a call, over HTTP', () => {
  it('is the WAV file of what was sent, whole and in any range, and its waveform', async () => {
    const opened = await desk(await temporaryFolder());
    const bytes = await call(opened, 'a');
    expect((await opened.get('/v1/calls/a')).json<CallDetail>().recorded).toBe(true);
    const whole = await opened.get('/v1/calls/a/audio');
    expect(whole.status).toBe(200);
    expect(whole.headers).toMatchObject({
      'content-type': 'audio/wav',
      'accept-ranges': 'bytes',
      'content-length': String(44 + bytes.length),
      'cache-control': 'no-store',
    });
    expect(whole.bytes.subarray(44).equals(bytes)).toBe(true);
    const length = whole.bytes.length;
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: length - 1 }), fc.nat({ max: length }), async (first, more) => {
        const range = `bytes=${first}-${first + more}`;
        const part = await opened.get('/v1/calls/a/audio', { Range: range });
        const end = Math.min(length, first + more + 1);
        expect(part.status).toBe(206);
        expect(part.headers['content-range']).toBe(`bytes ${first}-${end - 1}/${length}`);
        expect(part.bytes.equals(whole.bytes.subarray(first, end))).toBe(true);
      }),
      { numRuns: 25 },
    );
    const suffix = await opened.get('/v1/calls/a/audio', { Range: 'bytes=-100' });
    expect([suffix.status, suffix.bytes.equals(whole.bytes.subarray(-100))]).toEqual([206, true]);
    expect((await opened.get('/v1/calls/a/audio', { Range: `bytes=${length}-` })).status).toBe(416);
    const etag = String(whole.headers.etag);
    const stale = { Range: 'bytes=0-9', 'If-Range': '"another"' };
    expect((await opened.get('/v1/calls/a/audio', stale)).status).toBe(200);
    expect((await opened.get('/v1/calls/a/audio', { ...stale, 'If-Range': etag })).status).toBe(206);
    const waveform = (await opened.get('/v1/calls/a/waveform?points=100')).json<Waveform>();
    expect(waveform).toMatchObject({ durationMs: 3_000, legs: [{ streamId: 'a', channel: 0 }] });
    const loudest = Math.max(...(waveform.legs[0]?.peaks.map(([, high]) => high) ?? []));
    const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    expect(loudest).toBeCloseTo(Math.max(...samples) / 32_768, 3);
  });

  it('is gone from the disk with its call, with its caller, and where the call still goes on', async () => {
    const folder = await temporaryFolder();
    const opened = await desk(folder);
    await call(opened, 'kept');
    await call(opened, 'gone');
    const live = await Peer.started(opened.server, { streamId: 'live', analysis: SHORT });
    live.send(audio(6));
    await live.until(({ type }) => type === 'window');
    expect(await files(folder)).toHaveLength(3);
    const erase = async (path: string): Promise<number> =>
      (await opened.ask('DELETE', path, { headers: AS_ANNA })).status;
    expect(await erase('/v1/calls/gone')).toBe(200);
    expect(await files(folder)).toHaveLength(2);
    expect(await erase('/v1/calls/live')).toBe(200);
    expect(await files(folder)).toHaveLength(1);
    live.send(audio(6));
    live.json({ type: 'stop' });
    await live.closed();
    expect(await files(folder)).toHaveLength(1);
    expect((await opened.get('/v1/calls/kept/audio')).status).toBe(200);
    expect(await erase('/v1/callers?key=caller&value=Ada')).toBe(200);
    expect(await files(folder)).toEqual([]);
    expect((await opened.get('/v1/calls/kept/audio')).status).toBe(404);
  });

  it('is found again by the next server, and not by one with another key', async () => {
    const place = await temporaryFolder();
    const store = await openStore(`${place}/calls.db`);
    closing.push(() => store.close());
    const options = { store, model: sureModel() };
    const first = await start({ ...options, recordings: { folder: `${place}/audio`, keys: [KEY] } });
    const peer = await Peer.started(first, { streamId: 'a', format: MONO, analysis: SHORT });
    peer.send(audio(2));
    peer.json({ type: 'stop' });
    await peer.closed();
    await first.close();
    const read = async (key: Uint8Array): Promise<{ status: number; code?: string }> => {
      const server = await start({ ...options, recordings: { folder: `${place}/audio`, keys: [key] } });
      const answer = await fetch(`${httpOf(server)}/v1/calls/a/audio`);
      const body = Buffer.from(await answer.arrayBuffer());
      await server.close();
      if (answer.ok) return { status: answer.status };
      return { status: answer.status, code: (JSON.parse(body.toString()) as { code: string }).code };
    };
    expect(await read(KEY)).toEqual({ status: 200 });
    expect(await read(Buffer.alloc(32, 99))).toEqual({ status: 500, code: 'recording-key-unknown' });
    // Neither of them took it for forgotten.
    expect(await files(`${place}/audio`)).toHaveLength(1);
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}
