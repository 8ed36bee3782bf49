import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/server/index.ts';
import { silentLogger } from '../../src/server/log.ts';
import { fakeAnalyzer } from './fake-analyzer.ts';
import { audio, MONO, Peer, pause, SHORT, start, windowLines } from './harness.ts';

const CHUNK = audio(0.02);
const SECONDS = 24;

describe('a producer that sends faster than the server analyses', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await start({ limits: { inboxBytes: 64_000 } });
  });
  afterAll(() => server.close());

  it('is slowed by TCP, loses nothing, and does not hold up a live stream', async () => {
    const FAST = { ...MONO, sampleRateHz: 48_000, channels: 8 };
    const big = audio(1, FAST);
    const live = await Peer.started(server);
    const fast = await Peer.started(server, { format: FAST, analysis: { windowMs: 1000, stepMs: 1000 } });
    // 18 MB, in messages of a megabyte: far more than the sockets between hold.
    const all = Buffer.concat(Array.from({ length: SECONDS }, () => big));
    for (let at = 0; at < all.length; at += 1_048_576) fast.send(all.subarray(at, at + 1_048_576));
    fast.json({ type: 'stop' });
    let inServerBytes = 0;
    const waits: number[] = [];
    for (let chunk = 0; fast.closeCode === undefined; chunk += 1) {
      const ackedBytes = 16 * (fast.of('ack').at(-1)?.receivedSamples ?? 0);
      inServerBytes = Math.max(inServerBytes, all.length - ackedBytes - fast.socket.bufferedAmount);
      const before = live.of('window').length;
      const sentAt = performance.now();
      // Enough for one more window at once.
      for (let part = 0; part < 10; part += 1) live.send(CHUNK);
      while (live.of('window').length === before && chunk > 0 && fast.closeCode === undefined) await pause(1);
      if (chunk > 0 && fast.closeCode === undefined) waits.push(performance.now() - sentAt);
    }
    expect(fast.closeCode).toBe(1000);
    expect(fast.of('ended')).toMatchObject([{ durationMs: 1000 * SECONDS }]);
    expect(fast.of('window')).toHaveLength(SECONDS * 8);
    // The client had to wait: what the server and the sockets between held is the inbox, a message, and the kernel's buffers,
    // which grow to some 6 MB.
    expect(inServerBytes).toBeLessThan(all.length / 2);
    // The live stream got its windows all along, not at the end.
    expect(waits.length).toBeGreaterThan(10);
    const acks = fast.of('ack').map(({ receivedSamples }) => receivedSamples);
    expect(acks.length).toBeGreaterThan(12);
    live.json({ type: 'stop' });
    await live.closed();
  });

  it('gives the windows of one that does not', async () => {
    const bytes = audio(20);
    const slow = await Peer.started(server);
    for (let at = 0; at < bytes.length; at += 3200) {
      slow.send(bytes.subarray(at, at + 3200));
      if (at % 32_000 === 0) await pause(1);
    }
    slow.json({ type: 'stop' });
    await slow.closed();
    const fast = await Peer.started(server);
    fast.send(bytes);
    fast.json({ type: 'stop' });
    await fast.closed();
    expect(windowLines(fast.events)).toEqual(windowLines(slow.events));
  });
});

describe('a reader that does not read', () => {
  // 1 MB of events per message of audio, so that the buffers of the sockets fill too.
  const chatty = (limits: object, onRejected: (code: string) => void = () => {}) =>
    start({
      logger: { ...silentLogger, warn: (fields) => onRejected((fields as { code: string }).code) },
      createAnalyzer: fakeAnalyzer((callId) => (callId === 'chatty' ? 1000 : 1)),
      limits: { outgoingBytes: 200_000, ...limits },
    });

  it('misses events but for the newest windows, is told, and costs the others nothing', async () => {
    const server = await chatty({ slowCloseMs: 60_000, historyBytesPerStream: 100_000_000 });
    const lazy = await Peer.subscribe(server, 'stream=chatty');
    const keen = await Peer.subscribe(server, 'stream=chatty');
    const producer = await Peer.started(server, { streamId: 'chatty', callId: 'chatty' });
    lazy.socket.pause();
    for (let round = 0; round < 20; round += 1) {
      producer.send(CHUNK);
      await producer.until((event) => event.type === 'window' && event.seq === 1000 * round + 999);
    }
    await keen.until((event) => event.type === 'window' && event.seq === 19_999);
    expect(keen.of('window').map(({ seq }) => seq)).toEqual(Array.from({ length: 20_000 }, (_, seq) => seq));
    lazy.socket.resume();
    producer.json({ type: 'stop' });
    expect(await producer.closed()).toBe(1000);
    expect(await lazy.closed()).toBe(1000);
    const statuses = lazy.of('status').filter(({ code }) => code === 'slow-consumer');
    expect(statuses.length).toBeGreaterThanOrEqual(2);
    expect(statuses[1]!.message).toMatch(/^\d+ events were left out/);
    const seqs = lazy.of('window').map(({ seq }) => seq);
    expect(seqs.length).toBeLessThan(19_000);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    // The newest window, and the end, came.
    expect(seqs.at(-1)).toBe(19_999);
    expect(lazy.of('ended')).toHaveLength(1);
    await server.close();
  });

  /** A server, and the promise that it has closed someone for reading too slowly. */
  const impatient = async () => {
    let told: () => void = () => {};
    const closed = new Promise<void>((resolve) => {
      told = resolve;
    });
    const limits = { slowCloseMs: 1_000, resumeMs: 20_000, historyBytesPerStream: 100_000_000 };
    const server = await chatty(limits, (code) => {
      if (code === 'slow-consumer') told();
    });
    return { server, closed };
  };

  it('is closed when it stays so', async () => {
    const { server, closed } = await impatient();
    const lazy = await Peer.subscribe(server, 'stream=*');
    const producer = await Peer.started(server, { streamId: 'chatty', callId: 'chatty' });
    lazy.socket.pause();
    for (let round = 0; round < 20; round += 1) {
      producer.send(CHUNK);
      await producer.until((event) => event.type === 'window' && event.seq === 1000 * round + 999);
    }
    await closed;
    lazy.socket.resume();
    expect(await lazy.closed()).toBe(1013);
    expect(lazy.of('error')).toMatchObject([{ code: 'slow-consumer', retryable: true }]);
    producer.json({ type: 'stop' });
    expect(await producer.closed()).toBe(1000);
    await server.close();
  });

  it('and is a producer misses nothing: its stream waits for it', async () => {
    const server = await chatty({ slowCloseMs: 60_000, historyBytesPerStream: 100_000_000 });
    const keen = await Peer.subscribe(server, 'stream=chatty');
    const producer = await Peer.started(server, { streamId: 'chatty', callId: 'chatty' });
    const witness = await Peer.started(server);
    producer.socket.pause();
    for (let round = 0; round < 30; round += 1) producer.send(CHUNK);
    producer.json({ type: 'stop' });
    // 30 MB of events do not wait in the server: the stream stands still. Another does not.
    let analysed = -1;
    while (analysed !== keen.of('window').length || analysed === 0) {
      analysed = keen.of('window').length;
      await pause(300);
    }
    expect(analysed).toBeLessThan(25_000);
    expect(server.openStreams).toBe(2);
    witness.send(CHUNK);
    await witness.until((event) => event.type === 'window');
    producer.socket.resume();
    expect(await producer.closed()).toBe(1000);
    expect(producer.of('window').map(({ seq }) => seq)).toEqual(Array.from({ length: 30_000 }, (_, seq) => seq));
    await server.close();
  });

  it('and is a producer that stays so loses its connection, not its stream', async () => {
    const { server, closed } = await impatient();
    const producer = await Peer.started(server, { streamId: 'chatty', callId: 'chatty' });
    producer.socket.pause();
    for (let round = 0; round < 30; round += 1) producer.send(CHUNK);
    await closed;
    producer.socket.resume();
    expect(await producer.closed()).toBe(1013);
    expect(producer.of('error')).toMatchObject([{ code: 'slow-consumer' }]);
    const again = await Peer.stream(server);
    const from = producer.timeline.length;
    again.json({
      type: 'start',
      format: MONO,
      analysis: SHORT,
      resume: { token: producer.of('started')[0]!.resume.token, from },
    });
    again.json({ type: 'stop' });
    expect(await again.closed()).toBe(1000);
    const seqs = [...producer.of('window'), ...again.of('window')].map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: 30_000 }, (_, seq) => seq));
    await server.close();
  });
});
