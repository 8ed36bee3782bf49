import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoreItem } from '../../src/store/index.ts';
import { WaitingItems } from '../../src/store/writer/waiting.ts';
import { StreamScript } from './script.ts';

const KINDS = ['window', 'segment', 'turn', 'mark', 'alert', 'status', 'ended'] as const;
type Kind = (typeof KINDS)[number];

const event = (runId: string, type: Kind, bytes = 900): StoreItem => {
  const text = `{"type":"${type}","streamId":"s"`;
  return { kind: 'event', runId, bytes: Buffer.from(text.padEnd(bytes, ' ')), atMs: 0 };
};
const opened = (runId: string): StoreItem => ({ kind: 'opened', stream: new StreamScript({ runId }).opening });
const closed = (runId: string): StoreItem => ({ kind: 'closed', runId, reason: 'stop', atMs: 0 });

type Pushed =
  | { readonly do: 'event'; readonly runId: string; readonly type: Kind; readonly bytes: number }
  | { readonly do: 'opened' | 'closed'; readonly runId: string };

function itemOf(pushed: Pushed): StoreItem {
  if (pushed.do === 'event') return event(pushed.runId, pushed.type, pushed.bytes);
  return pushed.do === 'opened' ? opened(pushed.runId) : closed(pushed.runId);
}

/** How an item reads: `run:type`. */
function nameOf(item: StoreItem): string {
  if (item.kind === 'opened') return `${item.stream.runId}:opened`;
  if (item.kind === 'missing') return `${item.runId}:missing ${item.events}`;
  if (item.kind !== 'event') return `${item.runId}:${item.kind}`;
  return `${item.runId}:${JSON.parse(`${Buffer.from(item.bytes).toString().trimEnd()}}`).type}`;
}

function drain(waiting: WaitingItems, maxBytes = 1_000_000): string[] {
  const names: string[] = [];
  for (let batch = waiting.take(maxBytes); batch !== undefined; batch = waiting.take(maxBytes)) {
    names.push(...batch.items.map(nameOf));
  }
  return names;
}

describe('what waits for the store', () => {
  it('comes in the order in which it came', () => {
    const waiting = new WaitingItems(1_000_000);
    const items = [
      opened('a'),
      event('a', 'window'),
      event('a', 'alert'),
      opened('b'),
      event('a', 'turn'),
      closed('a'),
      event('b', 'window'),
    ];
    for (const item of items) waiting.push(item, 0, 0);
    expect(drain(waiting, 2000)).toEqual(items.map(nameOf));
    expect(waiting).toMatchObject({ bytes: 0, count: 0, droppedEvents: 0 });
  });

  it('loses its oldest windows first, and says of which stream', () => {
    const waiting = new WaitingItems(4500);
    waiting.push(opened('a'), 0, 0);
    for (const type of ['window', 'alert', 'turn'] as const) waiting.push(event('a', type), 0, 0);
    for (let index = 0; index < 4; index += 1) waiting.push(event('b', 'window'), 0, 0);
    waiting.push(event('a', 'window'), 0, 0);
    const names = drain(waiting);
    expect(names).toContain('a:missing 1');
    expect(names).toContain('b:missing 4');
    expect(names.filter((name) => name.endsWith(':window'))).toEqual(['a:window']);
    expect(names).toEqual(expect.arrayContaining(['a:opened', 'a:alert', 'a:turn']));
    expect(waiting.droppedEvents).toBe(5);
  });

  it('loses other events before alerts, and alerts before openings and endings', () => {
    const waiting = new WaitingItems(4000);
    waiting.push(opened('a'), 0, 0);
    for (const type of ['mark', 'alert', 'segment', 'alert'] as const) waiting.push(event('a', type), 0, 0);
    waiting.push(closed('a'), 0, 0);
    expect(drain(waiting)).toEqual(['a:opened', 'a:alert', 'a:alert', 'a:closed', 'a:missing 2']);
    const less = new WaitingItems(1700);
    for (const item of [opened('a'), event('a', 'alert'), event('a', 'alert'), closed('a')]) less.push(item, 0, 0);
    expect(drain(less)).toEqual(['a:opened', 'a:closed', 'a:missing 2']);
  });

  it('says nothing of a stream whose opening is lost, too', () => {
    const waiting = new WaitingItems(1500);
    for (const item of [opened('a'), event('a', 'window'), opened('b')]) waiting.push(item, 0, 0);
    expect(drain(waiting)).toEqual(['b:opened']);
    expect(waiting.droppedEvents).toBe(1);
  });

  it('says what is missing after the opening of the stream, in whatever batch that comes', () => {
    const waiting = new WaitingItems(4000);
    for (const runId of ['a', 'b', 'c']) waiting.push(opened(runId), 0, 0);
    for (const runId of ['c', 'b', 'a', 'c']) waiting.push(event(runId, 'window', 3000), 0, 0);
    const names = drain(waiting, 1);
    for (const runId of ['a', 'b', 'c']) {
      const missing = names.findIndex((name) => name.startsWith(`${runId}:missing`));
      expect(missing).toBeGreaterThan(names.indexOf(`${runId}:opened`));
    }
  });

  it('counts what is on its way as waiting', () => {
    const waiting = new WaitingItems(2500);
    waiting.push(event('a', 'window'), 0, 0);
    waiting.push(event('a', 'window'), 0, 1000);
    expect(waiting.droppedEvents).toBe(1);
  });

  it('stays within its memory and accounts for every event, whatever comes', () => {
    const runId = fc.constantFrom('a', 'b', 'c');
    const type = fc.constantFrom(...KINDS);
    const pushed = fc.oneof(
      fc.record({ do: fc.constant('event' as const), runId, type, bytes: fc.integer({ min: 40, max: 2000 }) }),
      fc.record({ do: fc.constantFrom('opened' as const, 'closed' as const), runId }),
      fc.record({ do: fc.constant('take' as const), bytes: fc.integer({ min: 1, max: 4000 }) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 8000 }), fc.array(pushed, { maxLength: 80 }), (maxBytes, steps) => {
        const waiting = new WaitingItems(maxBytes);
        let events = 0;
        let takenEvents = 0;
        const order: StoreItem[] = [];
        const taken: StoreItem[] = [];
        const take = (bytes: number): boolean => {
          const batch = waiting.take(bytes);
          taken.push(...(batch?.items ?? []));
          takenEvents += batch?.items.filter(({ kind }) => kind === 'event').length ?? 0;
          return batch !== undefined;
        };
        for (const step of steps) {
          if (step.do === 'take') {
            take(step.bytes);
            continue;
          }
          const item = itemOf(step);
          if (item.kind === 'event') events += 1;
          order.push(item);
          waiting.push(item, 0, 0);
          expect(waiting.bytes).toBeLessThanOrEqual(maxBytes);
        }
        while (take(3000));
        expect(waiting).toMatchObject({ bytes: 0, count: 0 });
        expect(takenEvents + waiting.droppedEvents).toBe(events);
        // What came through is in the order in which it came.
        const kept = taken.filter(({ kind }) => kind !== 'missing');
        expect(kept).toEqual(order.filter((item) => kept.includes(item)));
        const missing = taken.reduce((sum, item) => sum + (item.kind === 'missing' ? item.events : 0), 0);
        expect(missing).toBeLessThanOrEqual(waiting.droppedEvents);
      }),
    );
  });
});
