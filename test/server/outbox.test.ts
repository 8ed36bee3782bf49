import { describe, expect, it } from 'vitest';
import { Outbox } from '../../src/server/outbox.ts';
import { event, FakeSink } from './fake-sink.ts';

function outbox(limitBytes = 1000) {
  const sink = new FakeSink();
  const time = { ms: 0 };
  return { sink, time, box: new Outbox(sink, { limitBytes, clock: () => time.ms }) };
}
const names = (sink: FakeSink) =>
  sink.read.map((text) =>
    text.startsWith('{') ? (JSON.parse(text) as { code: string }).code : text.replace(/\.+$/, ''),
  );

describe('what goes out to a subscriber', () => {
  it('is everything, while it reads', () => {
    const { sink, box } = outbox();
    for (let cursor = 0; cursor < 100; cursor += 1) {
      box.deliver(event(cursor, { size: 100 }));
      sink.take();
    }
    expect(sink.read).toHaveLength(100);
    expect(box.slowMs).toBe(0);
  });

  it('is the newest window of every stream and channel when it reads too slowly, and it is told', () => {
    const { sink, box, time } = outbox();
    for (let cursor = 0; cursor < 50; cursor += 1) {
      box.deliver(event(cursor, { size: 100, channel: cursor % 2 }));
      box.deliver(event(cursor, { size: 100, streamId: 'other', type: cursor === 49 ? 'ended' : 'segment' }));
    }
    // 10 events fit; what is over them waits, one of each.
    expect(sink.bufferedBytes).toBeLessThan(1400);
    time.ms = 70;
    expect(box.slowMs).toBe(70);
    sink.take();
    expect(box.slowMs).toBe(0);
    const read = names(sink);
    expect(read.slice(0, 10)).toEqual(
      Array.from({ length: 5 }, (_, cursor) => [
        `s/${cursor % 2}/window ${cursor}`,
        `other/0/segment ${cursor}`,
      ]).flat(),
    );
    expect(read.slice(10)).toEqual([
      'slow-consumer',
      'slow-consumer',
      's/0/window 48',
      's/1/window 49',
      'other/0/ended 49',
    ]);
    // 100 came, 10 and 3 went out.
    expect(JSON.parse(sink.read[11]!)).toMatchObject({ message: expect.stringMatching(/^87 events/) });
    box.deliver(event(50, { size: 100 }));
    sink.take();
    expect(names(sink).at(-1)).toBe('s/0/window 50');
  });

  it('holds no more than one event of each channel, however long it takes', () => {
    const { sink, box } = outbox(500);
    for (let cursor = 0; cursor < 100_000; cursor += 1) box.deliver(event(cursor, { size: 100, channel: cursor % 8 }));
    expect(sink.bufferedBytes).toBeLessThan(800);
    sink.take();
    const windows = names(sink).filter((name) => name?.includes('window'));
    expect(windows).toHaveLength(5 + 8);
    expect(windows.slice(5)).toEqual(
      Array.from({ length: 8 }, (_, channel) => `s/${channel}/window ${99_992 + channel}`),
    );
    expect(sink.read.length - windows.length).toBeLessThanOrEqual(4);
  });

  it('ends when what was held back is out', () => {
    const { sink, box } = outbox(100);
    let ended = false;
    box.deliver(event(0, { size: 100 }));
    box.deliver(event(1, { size: 100, type: 'ended' }));
    box.whenClear(() => {
      ended = true;
    });
    expect(ended).toBe(false);
    sink.take(1);
    expect(ended).toBe(false);
    sink.take();
    expect(ended).toBe(true);
    expect(names(sink)).toContain('s/0/ended 1');
    const clear = outbox();
    let at = false;
    clear.box.whenClear(() => {
      at = true;
    });
    expect(at).toBe(true);
  });
});
