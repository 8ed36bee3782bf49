import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/server/index.ts';
import { audio, Peer, pause, start } from './harness.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.close());

const cursors = (peer: Peer): number[] => peer.events.flatMap((event) => ('cursor' in event ? [event.cursor] : []));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('subscribers of one stream', () => {
  it('get the same bytes as the producer, from whichever cursor, however late', async () => {
    const early = await Peer.subscribe(server, 'stream=same');
    expect(await early.until((event) => event.type === 'status')).toMatchObject({ code: 'waiting', streamId: 'same' });
    const producer = await Peer.started(server, { streamId: 'same' });
    producer.send(audio(2));
    await producer.until((event) => event.type === 'window' && event.seq === 8);
    const [late, whole, part] = await Promise.all([
      Peer.subscribe(server, 'stream=same'),
      Peer.subscribe(server, 'stream=same&from=start'),
      Peer.subscribe(server, 'stream=same&from=5'),
    ]);
    await pause(20);
    producer.send(audio(1));
    producer.json({ type: 'mark', name: 'm' });
    producer.json({ type: 'stop' });
    for (const peer of [producer, early, late, whole, part]) expect(await peer.closed()).toBe(1000);

    const all = producer.timeline;
    expect(cursors(producer)).toEqual(upTo(all.length));
    expect(whole.timeline).toEqual(all);
    expect(early.timeline).toEqual(all);
    expect(part.timeline).toEqual(all.slice(5));
    expect(late.timeline).toEqual(all.slice(all.length - late.timeline.length));
    expect(late.timeline.length).toBeGreaterThan(5);
    expect(late.timeline.length).toBeLessThan(all.length);
  });

  it('get the history of a stream that has ended, its end alone without a cursor, and what is left from a cursor', async () => {
    const producer = await Peer.started(server, { streamId: 'over' });
    producer.send(audio(1));
    producer.json({ type: 'stop' });
    await producer.closed();
    const all = producer.timeline;
    const read = async (query: string) => {
      const peer = await Peer.subscribe(server, query);
      expect(await peer.closed()).toBe(1000);
      return peer.timeline;
    };
    expect(await read('stream=over&from=start')).toEqual(all);
    expect(await read('stream=over&from=start&wait=false')).toEqual(all);
    expect(await read('stream=over')).toEqual(all.slice(-1));
    expect(await read(`stream=over&from=${all.length - 2}`)).toEqual(all.slice(-2));
    expect(await read(`stream=over&from=${all.length}`)).toEqual([]);
  });

  it('that asked for a cursor to come wait for it', async () => {
    const producer = await Peer.started(server, { streamId: 'ahead' });
    const ahead = await Peer.subscribe(server, 'stream=ahead&from=4');
    await pause(20);
    producer.send(audio(2));
    producer.json({ type: 'stop' });
    await ahead.closed();
    await producer.closed();
    expect(ahead.timeline).toEqual(producer.timeline.slice(4));
  });

  it('of an id that is used again hear the new stream, and its cursors from 0', async () => {
    for (const seconds of [1, 0.5]) {
      const producer = await Peer.started(server, { streamId: 'again' });
      producer.send(audio(seconds));
      producer.json({ type: 'stop' });
      await producer.closed();
      const peer = await Peer.subscribe(server, 'stream=again&from=start');
      await peer.closed();
      expect(peer.timeline).toEqual(producer.timeline);
    }
  });

  it('are told what the ring no longer holds', async () => {
    const small = await start({ limits: { historyBytesPerStream: 5_000 } });
    const producer = await Peer.started(small, { streamId: 'long' });
    producer.send(audio(4));
    producer.json({ type: 'stop' });
    await producer.closed();
    const peer = await Peer.subscribe(small, 'stream=long&from=start');
    await peer.closed();
    const [status] = peer.of('status');
    expect(status).toMatchObject({ code: 'history-truncated', streamId: 'long', oldestCursor: cursors(peer)[0] });
    expect(cursors(peer)[0]).toBeGreaterThan(0);
    expect(peer.timeline).toEqual(producer.timeline.slice(-peer.timeline.length));
    expect(peer.timeline.join('').length).toBeLessThan(5_000);
    await small.close();
  });

  it('find a finished stream no longer when its time is over', async () => {
    const forgetful = await start({ limits: { finishedKeepMs: 50 } });
    const producer = await Peer.started(forgetful, { streamId: 'brief' });
    producer.json({ type: 'stop' });
    await producer.closed();
    await pause(100);
    const peer = await Peer.subscribe(forgetful, 'stream=brief&from=start');
    await peer.until((event) => event.type === 'status' && event.code === 'waiting');
    await forgetful.close();
  });
});

describe('subscribers of all streams', () => {
  it('hear every stream, live only, the same bytes', async () => {
    const before = await Peer.started(server, { streamId: 'before' });
    before.send(audio(1));
    await before.until((event) => event.type === 'window' && event.seq === 3);
    const all = await Peer.subscribe(server, 'stream=*');
    const other = await Peer.started(server, { streamId: 'other' });
    other.send(audio(1));
    before.send(audio(0.4));
    for (const peer of [before, other]) {
      peer.json({ type: 'stop' });
      await peer.closed();
    }
    await all.until((event) => event.type === 'ended' && event.streamId === 'other');
    const heard = (streamId: string) =>
      all.timeline.filter((text) => (JSON.parse(text) as { streamId: string }).streamId === streamId);
    expect(heard('other')).toEqual(other.timeline);
    expect(heard('before')).toEqual(before.timeline.slice(-heard('before').length));
    expect(heard('before').length).toBeLessThan(before.timeline.length);
    all.socket.close();
  });
});

describe('limits', () => {
  it('of streams and of subscribers', async () => {
    const small = await start({ limits: { maxStreams: 2, maxSubscribers: 1 } });
    const peers = [await Peer.started(small), await Peer.started(small)];
    const third = await Peer.stream(small);
    third.json({ type: 'start', format: { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 } });
    expect(await third.closed()).toBe(1013);
    expect(third.of('error')).toMatchObject([{ code: 'too-many-streams', retryable: true }]);
    peers[0]!.json({ type: 'stop' });
    await peers[0]!.closed();
    const fourth = await Peer.started(small);
    const subscriber = await Peer.subscribe(small, 'stream=*');
    await expect(Peer.subscribe(small, 'stream=*')).rejects.toThrow(/503/);
    subscriber.socket.close();
    await subscriber.closed();
    await pause(20);
    await Peer.subscribe(small, 'stream=*');
    expect(fourth.closeCode).toBeUndefined();
    await small.close();
  });
});
