import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimelineEvent } from '../../src/protocol/index.ts';
import { Follower } from '../../src/server/follower.ts';
import { Hub } from '../../src/server/hub.ts';
import { FakeSink } from './fake-sink.ts';

const mark = (cursor: number, pad = 0): TimelineEvent => ({
  type: 'mark',
  streamId: 's',
  cursor,
  name: 'x'.repeat(pad),
  atMs: 0,
});
const makeHub = (historyBytes = 1_000_000) => new Hub('s', historyBytes, { changed: () => {} }, new Set());

function follow(hub: Hub, from?: number | 'start') {
  const sink = new FakeSink();
  let ends = 0;
  const follower = new Follower(hub, sink, {
    ...(from !== undefined && { from }),
    live: ({ bytes }) => sink.send(bytes),
    onEnd: () => {
      ends += 1;
    },
    clock: () => 0,
  });
  const cursors = () => {
    sink.take();
    return sink.read.flatMap((text) => {
      const read = JSON.parse(text) as { cursor?: number };
      return read.cursor === undefined ? [] : [read.cursor];
    });
  };
  return { sink, follower, cursors, ends: () => ends };
}

describe('who follows a stream', () => {
  it('gets history, then live, with no gap and no repeat, however slowly it reads', () => {
    const step = fc.oneof(
      fc.record({ publish: fc.integer({ min: 1, max: 10 }), read: fc.constant(0) }),
      fc.record({ publish: fc.constant(0), read: fc.integer({ min: 1, max: 20 }) }),
    );
    fc.assert(
      fc.property(fc.nat(40), fc.nat(50), fc.array(step, { maxLength: 40 }), (before, from, steps) => {
        const hub = makeHub(100_000_000);
        let next = 0;
        const publish = () => {
          // Large events: a portion of history holds few of them.
          hub.publish(mark(next, 20_000));
          next += 1;
        };
        for (let index = 0; index < before; index += 1) publish();
        const { sink, follower, cursors, ends } = follow(hub, from);
        follower.start();
        for (const { publish: published, read } of steps) {
          for (let index = 0; index < published; index += 1) publish();
          sink.take(read);
        }
        hub.end();
        const expected = Array.from({ length: Math.max(0, next - from) }, (_, index) => from + index);
        expect(cursors()).toEqual(expected);
        expect(ends()).toBe(1);
      }),
      { numRuns: 50 },
    );
  });

  it('does not fill the queue of a slow reader with history', () => {
    const hub = makeHub(100_000_000);
    for (let cursor = 0; cursor < 100; cursor += 1) hub.publish(mark(cursor, 50_000));
    const { sink, follower } = follow(hub, 'start');
    follower.start();
    expect(sink.bufferedBytes).toBeLessThan(200_000);
    expect(follower.waiting).toBe(true);
    sink.take();
    expect(sink.read).toHaveLength(100);
    expect(follower.waiting).toBe(false);
  });

  it('is told what is no longer there', () => {
    const hub = makeHub(3_000);
    for (let cursor = 0; cursor < 100; cursor += 1) hub.publish(mark(cursor, 100));
    const oldest = hub.history.oldestCursor;
    expect(oldest).toBeGreaterThan(80);
    for (const from of ['start', 0, oldest - 1] as const) {
      const { sink, follower, cursors } = follow(hub, from);
      follower.start();
      expect(cursors()[0]).toBe(oldest);
      expect(JSON.parse(sink.read[0]!)).toMatchObject({
        type: 'status',
        code: 'history-truncated',
        oldestCursor: oldest,
        streamId: 's',
      });
    }
    const { sink, follower, cursors } = follow(hub, oldest);
    follower.start();
    expect(cursors()[0]).toBe(oldest);
    expect(sink.read.some((text) => text.includes('history-truncated'))).toBe(false);
  });

  it('is told, too, when history is overtaken while it reads', () => {
    const hub = makeHub(300_000);
    for (let cursor = 0; cursor < 10; cursor += 1) hub.publish(mark(cursor, 25_000));
    const { sink, follower, cursors } = follow(hub, 'start');
    follower.start();
    for (let cursor = 10; cursor < 40; cursor += 1) hub.publish(mark(cursor, 25_000));
    const seen = cursors();
    const truncated = sink.read
      .map((text) => JSON.parse(text) as { code?: string; oldestCursor?: number })
      .filter(({ code }) => code === 'history-truncated');
    expect(truncated).toHaveLength(1);
    const gap = seen.findIndex((cursor, index) => index > 0 && cursor !== seen[index - 1]! + 1);
    expect(seen[gap]).toBe(truncated[0]!.oldestCursor);
    expect(seen.at(-1)).toBe(39);
  });

  it('without a cursor hears only what comes, and of a stream that has ended its end', () => {
    const hub = makeHub();
    hub.publish(mark(0));
    const live = follow(hub);
    live.follower.start();
    hub.publish(mark(1));
    expect(live.cursors()).toEqual([1]);
    hub.end();
    expect(live.ends()).toBe(1);
    const late = follow(hub);
    late.follower.start();
    expect(late.cursors()).toEqual([1]);
    expect(late.ends()).toBe(1);
  });

  it('hears nothing after it has left', () => {
    const hub = makeHub();
    const { follower, cursors, ends } = follow(hub, 'start');
    follower.start();
    follower.close();
    hub.publish(mark(0));
    hub.end();
    expect(cursors()).toEqual([]);
    expect(ends()).toBe(0);
  });
});
