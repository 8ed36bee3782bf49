import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { featureSet } from '../../src/features/index.ts';
import type { TimelineEvent } from '../../src/protocol/index.ts';
import { encodeEvent } from '../../src/protocol/index.ts';
import type { RunningServer } from '../../src/server/index.ts';
import { createAnalyzer } from '../../src/streams/index.ts';
import { fakeManifest, LinearModel } from '../streams/fake-model.ts';
import { audio, MONO, Peer, SHORT, start, windowLines } from './harness.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.close());

const STEREO = { ...MONO, channels: 2 };

/** The same bytes in process, without sockets. */
function inProcess(bytes: Uint8Array): string[] {
  const analyzer = createAnalyzer({ model: new LinearModel(fakeManifest(featureSet)) });
  const stream = analyzer.open({
    streamId: 'x',
    callId: 'x',
    format: STEREO,
    channels: [
      { name: 'customer', role: 'customer' },
      { name: 'agent', role: 'unknown' },
    ],
    analysis: { ...SHORT, descriptors: [] },
  });
  const events: TimelineEvent[] = [];
  stream.events.subscribe((event) => events.push(event));
  stream.push(bytes);
  stream.stop('stop');
  // As they read on the wire.
  return windowLines(events.map((event) => JSON.parse(encodeEvent(event)) as TimelineEvent));
}

describe('a call that is streamed', () => {
  it('gives started, a numbered timeline without holes, ended, and close 1000', async () => {
    const peer = await Peer.started(server, {
      format: STEREO,
      channels: [{ name: 'customer', role: 'customer' }, { name: 'agent' }],
    });
    peer.send(audio(2, STEREO));
    peer.json({ type: 'mark', name: 'transfer' });
    peer.send(audio(1, STEREO));
    peer.json({ type: 'stop' });
    expect(await peer.closed()).toBe(1000);

    const [started] = peer.of('started');
    expect(peer.events[0]?.type).toBe('started');
    expect(started).toMatchObject({
      receivedSamples: 0,
      receivedMarks: 0,
      analysis: { windowMs: 1000, stepMs: 200, descriptors: [] },
      channels: [
        { name: 'customer', role: 'customer' },
        { name: 'agent', role: 'unknown' },
      ],
      model: { name: 'fake', version: '0.0.0', hash: 'linear' },
    });
    expect(started!.callId).toBe(started!.streamId);
    expect(started!.resume.token.length).toBeGreaterThan(20);

    const cursors = peer.events.flatMap((event) => ('cursor' in event ? [event.cursor] : []));
    expect(cursors).toEqual(cursors.map((_, index) => index));
    for (const channel of [0, 1]) {
      const windows = peer.of('window').filter((window) => window.channel === channel);
      expect(windows.map(({ seq }) => seq)).toEqual(windows.map((_, index) => index));
      expect(windows.map(({ endMs }) => endMs)).toEqual(Array.from({ length: 15 }, (_, index) => (index + 1) * 200));
    }
    expect(peer.of('mark')).toMatchObject([{ name: 'transfer', atMs: 2000 }]);
    expect(peer.of('ended')).toMatchObject([{ reason: 'stop', durationMs: 3000 }]);
    expect(JSON.parse(peer.texts.at(-1)!)).toMatchObject({ type: 'ended' });
  });

  it.each([1, 7, 160, 4096, 1_048_576])(
    'gives the windows of the same bytes in process, in chunks of %i bytes',
    async (size) => {
      const bytes = audio(size === 1 ? 1.3 : 3.3, STEREO);
      const peer = await Peer.started(server, {
        format: STEREO,
        channels: [{ name: 'customer', role: 'customer' }, { name: 'agent' }],
      });
      for (let at = 0; at < bytes.length; at += size) peer.send(bytes.subarray(at, at + size));
      peer.json({ type: 'stop' });
      expect(await peer.closed()).toBe(1000);
      const lines = windowLines(peer.events);
      expect(lines.length).toBeGreaterThan(10);
      expect(lines).toEqual(inProcess(bytes));
    },
  );

  it('acknowledges the audio it has analysed, at least every second', async () => {
    const peer = await Peer.started(server);
    for (let second = 0; second < 5; second += 1) peer.send(audio(1));
    await peer.until((event) => event.type === 'ack' && event.receivedSamples >= 40_000);
    const acks = peer.of('ack').map(({ receivedSamples }) => receivedSamples);
    for (const [index, samples] of acks.entries()) {
      expect(samples - (acks[index - 1] ?? 0)).toBeLessThanOrEqual(8000 + 1600);
      expect(samples).toBeGreaterThan(acks[index - 1] ?? 0);
    }
    peer.json({ type: 'stop' });
    await peer.closed();
  });

  it('is closed without stop: the same windows, once', async () => {
    const bytes = audio(2.37);
    const stopped = await Peer.started(server);
    stopped.send(bytes);
    stopped.json({ type: 'stop' });
    await stopped.closed();
    const dropped = await Peer.started(server, { streamId: 'dropped' });
    const watcher = await Peer.subscribe(server, 'stream=dropped&from=start');
    dropped.send(bytes);
    dropped.socket.close(1000);
    expect(await watcher.closed()).toBe(1000);
    expect(windowLines(watcher.events)).toEqual(windowLines(stopped.events));
    expect(watcher.of('ended')).toMatchObject([{ reason: 'disconnect' }]);
    expect(watcher.events.filter((event) => event.type === 'status')).toEqual([]);
  });

  it('works without a subprotocol, and tells which one it speaks', async () => {
    const plain = await Peer.open(`${server.url}/v1/stream`, { protocols: [] });
    expect(plain.socket.protocol).toBe('');
    plain.socket.close();
    const chosen = await Peer.open(`${server.url}/v1/stream`, { protocols: ['other', 'undertone.v1'] });
    expect(chosen.socket.protocol).toBe('undertone.v1');
    chosen.socket.close();
  });
});
