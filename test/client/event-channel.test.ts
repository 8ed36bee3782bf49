import { describe, expect, it } from 'vitest';
import { EventChannel } from '../../src/client/event-channel.ts';
import { UndertoneError } from '../../src/errors.ts';
import type { ServerEvent } from '../../src/protocol/index.ts';

const ack = (receivedSamples: number): ServerEvent => ({ type: 'ack', streamId: 's', receivedSamples });
const samples = (events: readonly ServerEvent[]) =>
  events.map((event) => (event.type === 'ack' ? event.receivedSamples : event.type));

describe('the events of a stream', () => {
  it('wait for the first listener only', () => {
    const channel = new EventChannel(10);
    const first: ServerEvent[] = [];
    const second: ServerEvent[] = [];
    channel.emit(ack(1));
    channel.events$.subscribe((event) => first.push(event));
    channel.emit(ack(2));
    channel.events$.subscribe((event) => second.push(event));
    channel.emit(ack(3));
    expect(samples(first)).toEqual([1, 2, 3]);
    expect(samples(second)).toEqual([3]);
  });

  it('that nobody listens to are bounded, and the listener is told', () => {
    const channel = new EventChannel(100);
    for (let index = 0; index < 1000; index += 1) channel.emit(ack(index));
    const heard: ServerEvent[] = [];
    channel.events$.subscribe((event) => heard.push(event));
    expect(heard[0]).toMatchObject({
      type: 'status',
      code: 'history-truncated',
      message: expect.stringMatching(/^\d+ events/),
    });
    const lost = Number.parseInt((heard[0] as { message: string }).message, 10);
    expect(heard.length - 1).toBeLessThanOrEqual(100);
    expect(lost + heard.length - 1).toBe(1000);
    expect(samples(heard).at(-1)).toBe(999);
  });

  it('end for those who come late, too', () => {
    for (const error of [undefined, new UndertoneError('internal')]) {
      const channel = new EventChannel(10);
      channel.emit(ack(1));
      channel.finish(error);
      channel.finish(new UndertoneError('not-json'));
      const seen: unknown[] = [];
      channel.events$.subscribe({
        next: (event) => seen.push(event.type),
        error: (e) => seen.push(e),
        complete: () => seen.push('end'),
      });
      expect(seen).toEqual(['ack', error ?? 'end']);
      const late: unknown[] = [];
      channel.events$.subscribe({ error: (e) => late.push(e), complete: () => late.push('end') });
      expect(late).toEqual([error ?? 'end']);
    }
  });
});

describe('the iterator of events', () => {
  it('gives what came, then what comes, then the end', async () => {
    const channel = new EventChannel(10);
    channel.emit(ack(1));
    const iterator = channel.iterate();
    channel.emit(ack(2));
    expect((await iterator.next()).value).toEqual(ack(1));
    expect((await iterator.next()).value).toEqual(ack(2));
    const waiting = iterator.next();
    channel.emit(ack(3));
    expect((await waiting).value).toEqual(ack(3));
    const last = iterator.next();
    channel.finish();
    expect((await last).done).toBe(true);
  });

  it('throws the error once, after what came before it', async () => {
    const channel = new EventChannel(10);
    const iterator = channel.iterate();
    channel.emit(ack(1));
    channel.finish(new UndertoneError('internal'));
    expect((await iterator.next()).value).toEqual(ack(1));
    await expect(iterator.next()).rejects.toMatchObject({ code: 'internal' });
    expect((await iterator.next()).done).toBe(true);
  });

  it('is bounded: a reader that is too slow is told', async () => {
    const channel = new EventChannel(5);
    const iterator = channel.iterate();
    for (let index = 0; index < 6; index += 1) channel.emit(ack(index));
    const read: ServerEvent[] = [];
    await expect(async () => {
      for await (const event of iterator) read.push(event);
    }).rejects.toMatchObject({ code: 'events-not-read' });
    expect(samples(read)).toEqual([0, 1, 2, 3, 4]);
  });

  it('is left by break, and costs nothing after it', async () => {
    const channel = new EventChannel(2);
    channel.emit(ack(1));
    for await (const event of channel.iterate()) {
      expect(event).toEqual(ack(1));
      break;
    }
    for (let index = 0; index < 10; index += 1) channel.emit(ack(index));
    channel.finish(new UndertoneError('internal'));
    await channel.done;
  });
});
