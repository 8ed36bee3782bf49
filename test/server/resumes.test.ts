import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StartedEvent } from '../../src/protocol/index.ts';
import type { RunningServer } from '../../src/server/index.ts';
import { audio, MONO, Peer, pause, start, startMessage, windowLines } from './harness.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await start({ limits: { resumeMs: 1_500 } });
});
afterAll(() => server.close());

const bytes = audio(3);
const STEREO = { ...MONO, channels: 2 };

async function whole(): Promise<string[]> {
  const peer = await Peer.started(server);
  peer.send(bytes);
  peer.json({ type: 'stop' });
  await peer.closed();
  return windowLines(peer.events);
}

async function resume(token: string, more: object = {}): Promise<Peer> {
  const peer = await Peer.stream(server);
  peer.json({ ...startMessage(), resume: { token, ...more } });
  return peer;
}
const startedOf = (peer: Peer): StartedEvent => peer.of('started')[0]!;
const cursors = (peer: Peer): number[] => peer.events.flatMap((event) => ('cursor' in event ? [event.cursor] : []));

describe('a stream whose socket drops', () => {
  it('goes on at the sample that started tells, half a sample being sent again', async () => {
    const watcher = await Peer.subscribe(server, 'stream=dropped');
    const first = await Peer.started(server, { streamId: 'dropped' });
    // 10,001 bytes: 5,000 samples and a half.
    first.send(bytes.subarray(0, 10_001));
    await first.until((event) => event.type === 'window' && event.seq === 2);
    first.socket.terminate();
    await pause(50);
    const second = await resume(startedOf(first).resume.token);
    const started = (await second.until((event) => event.type === 'started')) as StartedEvent;
    expect(started).toMatchObject({ streamId: 'dropped', receivedSamples: 5_000, receivedMarks: 0 });
    expect(started.resume.token).toBe(startedOf(first).resume.token);
    second.send(bytes.subarray(10_000));
    second.json({ type: 'stop' });
    expect(await second.closed()).toBe(1000);
    await watcher.closed();
    expect(windowLines(watcher.events)).toEqual(await whole());
    expect(cursors(watcher)).toEqual(cursors(watcher).map((_, index) => index));
    expect(watcher.of('status').map(({ code }) => code)).toEqual(['waiting', 'paused', 'resumed']);
    // What the first connection did not see, the second does.
    expect([...first.timeline, ...second.timeline]).toEqual(watcher.timeline);
  });

  it('gives the events from the cursor that the client asks for', async () => {
    const first = await Peer.started(server);
    first.send(bytes);
    first.json({ type: 'mark', name: 'm' });
    await first.until((event) => event.type === 'mark');
    first.socket.terminate();
    const second = await resume(startedOf(first).resume.token, { from: 3 });
    const started = (await second.until((event) => event.type === 'started')) as StartedEvent;
    expect(started).toMatchObject({ receivedSamples: 24_000, receivedMarks: 1 });
    second.json({ type: 'stop' });
    await second.closed();
    expect(cursors(second)[0]).toBe(3);
    expect(cursors(second)).toEqual(cursors(second).map((_, index) => 3 + index));
    expect(second.timeline.slice(0, first.timeline.length - 3)).toEqual(first.timeline.slice(3));
  });

  it('is flushed, once, when it does not come back; and its token is worth nothing then', async () => {
    const watcher = await Peer.subscribe(server, 'stream=gone');
    const first = await Peer.started(server, { streamId: 'gone' });
    first.send(bytes);
    await first.until((event) => event.type === 'ack');
    first.socket.terminate();
    expect(await watcher.closed()).toBe(1000);
    expect(windowLines(watcher.events)).toEqual(await whole());
    expect(watcher.of('ended')).toMatchObject([{ reason: 'disconnect', durationMs: 3000 }]);
    const late = await resume(startedOf(first).resume.token);
    expect(await late.closed()).toBe(4410);
    expect(late.of('error')).toMatchObject([{ code: 'unknown-token' }]);
  });

  it('is flushed at once where nothing is to be resumed', async () => {
    const strict = await start({ limits: { resumeMs: 0 } });
    const watcher = await Peer.subscribe(strict, 'stream=x');
    const first = await Peer.started(strict, { streamId: 'x' });
    first.send(bytes);
    await first.until((event) => event.type === 'window');
    first.socket.terminate();
    await watcher.closed();
    expect(watcher.of('ended')).toMatchObject([{ reason: 'disconnect' }]);
    expect(watcher.of('status').map(({ code }) => code)).toEqual(['waiting']);
    await strict.close();
  });

  it('that had been stopped still gives its last events', async () => {
    const first = await Peer.started(server);
    first.send(bytes);
    first.json({ type: 'stop' });
    await first.until((event) => event.type === 'window');
    first.socket.terminate();
    await pause(50);
    const second = await resume(startedOf(first).resume.token, { from: 0 });
    expect(await second.closed()).toBe(1000);
    expect(second.of('ended')).toMatchObject([{ reason: 'stop' }]);
    expect(windowLines(second.events)).toEqual(await whole());
  });

  it('is taken over from a socket that only seems to live', async () => {
    const first = await Peer.started(server);
    first.send(bytes.subarray(0, 16_000));
    await first.until((event) => event.type === 'window');
    const second = await resume(startedOf(first).resume.token);
    const started = (await second.until((event) => event.type === 'started')) as StartedEvent;
    expect(await first.closed()).toBe(4409);
    expect(first.of('error')).toMatchObject([{ code: 'replaced' }]);
    second.send(bytes.subarray(2 * started.receivedSamples));
    second.json({ type: 'stop' });
    expect(await second.closed()).toBe(1000);
    expect(second.of('ended')).toMatchObject([{ durationMs: 3000, channels: [{ windows: 15 }] }]);
  });

  it('is not given to a token with another format or another id', async () => {
    const first = await Peer.started(server, { streamId: 'mine' });
    const { token } = startedOf(first).resume;
    const format = await Peer.stream(server);
    format.json({ ...startMessage({ format: STEREO }), resume: { token } });
    expect(await format.closed()).toBe(4400);
    expect(format.of('error')).toMatchObject([
      { code: 'invalid-message', message: expect.stringMatching(/format is not that/) },
    ]);
    const id = await Peer.stream(server);
    id.json({ ...startMessage({ streamId: 'yours' }), resume: { token } });
    expect(await id.closed()).toBe(4410);
    first.json({ type: 'stop' });
    expect(await first.closed()).toBe(1000);
  });
});
