import { describe, expect, it } from 'vitest';
import type { EncodedEvent } from '../../../src/server/encoded-event.ts';
import { BatchWriter, readBatch } from '../../../src/server/workers/batch.ts';

function listener(streamId: string, log: unknown[]) {
  return {
    streamId,
    event: (event: EncodedEvent) => log.push({ ...event, bytes: event.bytes.toString() }),
    checkpoint: (json: Buffer) => log.push(`${streamId} checkpoint ${json}`),
    room: () => log.push(`${streamId} room`),
    failed: (json: string) => log.push(`${streamId} failed ${json}`),
    completed: () => log.push(`${streamId} completed`),
  };
}

describe('a batch', () => {
  it('says of every stream what was said, in order, and is larger than its first memory where it must', () => {
    const batch = new BatchWriter();
    expect(batch.empty).toBe(true);
    const long = 'ü'.repeat(50_000);
    const event = (type: EncodedEvent['type'], text: string, channel: number, cursor: number): EncodedEvent => ({
      streamId: 'not this one',
      type,
      channel,
      cursor,
      bytes: Buffer.from(text),
    });
    batch.event(1, event('window', 'a', 0, 7));
    batch.event(2, event('ended', long, -1, 4_000_000_000));
    batch.checkpoint(1, '{"cursor":8}');
    batch.room(2);
    batch.failed(2, '{"code":"internal"}');
    batch.completed(2);
    batch.event(3, event('mark', 'nobody hears it', -1, 0));
    batch.event(1, event('status', '', -1, 8));
    const log: unknown[] = [];
    const streams = new Map([
      [1, listener('one', log)],
      [2, listener('two', log)],
    ]);
    readBatch(batch.take(), (stream) => streams.get(stream));
    expect(log).toEqual([
      { streamId: 'one', type: 'window', channel: 0, cursor: 7, bytes: 'a' },
      { streamId: 'two', type: 'ended', channel: -1, cursor: 4_000_000_000, bytes: long },
      'one checkpoint {"cursor":8}',
      'two room',
      'two failed {"code":"internal"}',
      'two completed',
      { streamId: 'one', type: 'status', channel: -1, cursor: 8, bytes: '' },
    ]);
    expect(batch.empty).toBe(true);
  });

  it('gives events that keep no batch alive', () => {
    const batch = new BatchWriter();
    batch.event(1, { streamId: '', type: 'window', channel: 0, cursor: 0, bytes: Buffer.from('short') });
    const taken = batch.take();
    let kept: EncodedEvent | undefined;
    readBatch(taken, () => ({ ...listener('s', []), event: (event) => (kept = event) }));
    expect(kept?.bytes.buffer).not.toBe(taken.buffer);
  });

  it('refuses an event of a type that it does not know, which would come out as another', () => {
    const event = { streamId: '', type: 'weather' as 'window', channel: 0, cursor: 0, bytes: Buffer.alloc(0) };
    expect(() => new BatchWriter().event(1, event)).toThrow(RangeError);
  });
});
