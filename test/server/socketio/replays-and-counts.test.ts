import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Outflow } from '../../../src/server/socketio/outflow.ts';
import { ReplayLog } from '../../../src/server/socketio/replay-log.ts';
import { fakeAnalyzer } from '../fake-analyzer.ts';
import { audio, Peer, pause, start } from '../harness.ts';

describe('what was emitted last', () => {
  it('is given again from any serial that is kept, in order and whole, within the limit', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 200, max: 5_000 }), fc.nat(220), (each, limit, asked) => {
        const log = new ReplayLog(limit);
        for (const [index, bytes] of each.entries()) {
          expect(log.push('window', { index }, bytes).serial).toBe(index + 1);
        }
        expect(log.serial).toBe(each.length);
        const found = log.after(asked);
        if (asked > each.length) expect(found).toBeUndefined();
        if (found === undefined) return;
        expect(found.map(({ serial }) => serial)).toEqual(
          Array.from({ length: each.length - asked }, (_, index) => asked + index + 1),
        );
        expect(found.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('knows nothing of what it never gave', () => {
    const log = new ReplayLog(1_000);
    expect(log.after(0)).toEqual([]);
    expect([log.after(1), log.after(-1), log.after(0.5), log.after(Number.NaN)]).toEqual(Array(4).fill(undefined));
  });
});

describe('the bytes that wait for a reader', () => {
  it('wait until the transport has drained what was flushed with them', async () => {
    const transport = new EventEmitter();
    const connection = Object.assign(new EventEmitter(), { transport });
    const outflow = new Outflow(connection);
    const told: string[] = [];
    outflow.writing(10, () => told.push('first'));
    connection.emit('flush');
    outflow.writing(5, () => told.push('second'));
    expect(outflow.bufferedBytes).toBe(15);
    transport.emit('drain');
    expect(outflow.bufferedBytes).toBe(5);
    await pause(1);
    expect(told).toEqual(['first']);
    connection.emit('flush');
    expect(outflow.bufferedBytes).toBe(5);
    for (const tell of outflow.abandon()) tell();
    expect(told).toEqual(['first', 'second']);
  });

  it('are those of a real reader: one that does not read is told so, misses events, and is left in the end', async () => {
    const server = await start({
      createAnalyzer: fakeAnalyzer(() => 40),
      limits: { outgoingBytes: 400_000, slowCloseMs: 300 },
    });
    const sender = await Peer.started(server, { streamId: 'call', callId: 'none' });
    // Engine.IO and Socket.IO by hand: the real client always reads.
    const socket = new WebSocket(`${server.url}/socket.io/?EIO=4&transport=websocket`);
    const texts: string[] = [];
    socket.on('message', (data) => {
      const text = String(data);
      texts.push(text);
      if (text.startsWith('0{')) socket.send('40/v1,');
      if (text.startsWith('40/v1')) socket.send('42/v1,["subscribe",{"stream":"call"}]');
    });
    while (!texts.some((text) => text.startsWith('40/v1'))) await pause(5);
    sender.send(audio(0.1));
    while (!texts.some((text) => text.includes('"window"'))) await pause(5);
    socket.pause();
    // 40 KB of events for each of these: together more than the buffers of a connection hold.
    for (let sent = 0; sent < 500; sent += 1) sender.send(audio(0.1));
    await sender.until((event) => event.type === 'window' && event.seq === 500 * 40);
    await pause(800);
    socket.resume();
    while (!texts.some((text) => text.includes('["closed"'))) await pause(5);
    expect(texts.find((text) => text.includes('["status"'))).toContain('"code":"slow-consumer"');
    expect(texts.find((text) => text.includes('["error"'))).toContain('"code":"slow-consumer"');
    expect(texts.find((text) => text.includes('["closed"'))).toContain('"code":1013,"stream":"call"');
    socket.terminate();
    sender.socket.terminate();
    await server.close();
  });
});
