import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from '../../src/server/history.ts';
import { HistoryBudget } from '../../src/server/history-budget.ts';
import { event } from './fake-sink.ts';

const COST = 100 + 160;

describe('the history of a stream', () => {
  it('holds the newest events that fit, each found by its cursor', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.array(fc.integer({ min: 20, max: 400 }), { maxLength: 300 }), (maxBytes, sizes) => {
        let total = 0;
        const history = new History(maxBytes, { changed: (bytes) => (total += bytes) });
        for (const [cursor, size] of sizes.entries()) history.push(event(cursor, { size }));
        let bytes = 0;
        let oldest = sizes.length;
        while (oldest > 0 && bytes + sizes[oldest - 1]! + 160 <= maxBytes) {
          oldest -= 1;
          bytes += sizes[oldest]! + 160;
        }
        expect(history.oldestCursor).toBe(oldest);
        expect(history.nextCursor).toBe(sizes.length);
        expect(history.bytes).toBe(bytes);
        expect(total).toBe(bytes);
        for (let cursor = -1; cursor <= sizes.length; cursor += 1) {
          const there = cursor >= oldest && cursor < sizes.length;
          expect(history.at(cursor)?.cursor).toBe(there ? cursor : undefined);
        }
      }),
    );
  });

  it('gives back the bytes that came, whatever their length, and holds no more memory than they need', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 20, max: 20_000 }), { maxLength: 60 }), (sizes) => {
        const history = new History(10_000_000, { changed: () => {} });
        // As they come from a worker: parts of one message, with as much again that is nobody's.
        const message = Buffer.alloc(2 * sizes.reduce((sum, size) => sum + size, 0) + 1);
        for (let at = 0; at < message.length; at += 1) message[at] = (at * 31) % 251;
        const sent: Buffer[] = [];
        let from = 0;
        for (const [cursor, size] of sizes.entries()) {
          const bytes = message.subarray(from, from + size);
          sent.push(Buffer.from(bytes));
          history.push({ ...event(cursor), bytes });
          from += 2 * size;
        }
        message.fill(0);
        const memory = new Set(sizes.map((_, cursor) => history.at(cursor)?.bytes.buffer));
        expect(sizes.map((_, cursor) => history.at(cursor)?.bytes)).toEqual(sent);
        const held = [...memory].reduce((sum, buffer) => sum + (buffer?.byteLength ?? 0), 0);
        expect(held).toBeLessThan(2 * sizes.reduce((sum, size) => sum + size, 0) + 8_192);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the bytes of all histories', () => {
  const history = (budget: HistoryBudget) => {
    const made = new History(1_000_000, budget);
    budget.add(made);
    return made;
  };
  const fill = (target: History, count: number) => {
    for (let index = 0; index < count; index += 1) target.push(event(target.nextCursor, { size: 100 }));
  };

  it('go to those who have no end yet: finished ones are forgotten first, the oldest before the others', () => {
    const budget = new HistoryBudget(10 * COST);
    const [live, first, second] = [history(budget), history(budget), history(budget)];
    const forgotten: string[] = [];
    fill(first, 3);
    fill(second, 3);
    for (const [name, each] of [
      ['second', second],
      ['first', first],
    ] as const) {
      budget.finish(each, () => {
        forgotten.push(name);
        budget.remove(each);
      });
    }
    fill(live, 4);
    expect(forgotten).toEqual([]);
    fill(live, 1);
    expect(forgotten).toEqual(['second']);
    fill(live, 3);
    expect(forgotten).toEqual(['second', 'first']);
    expect(budget.bytes).toBe(8 * COST);
  });

  it('are taken from the longest history when all are live', () => {
    const budget = new HistoryBudget(20 * COST);
    const [long, short] = [history(budget), history(budget)];
    fill(long, 16);
    fill(short, 5);
    expect(budget.bytes).toBeLessThanOrEqual(20 * COST);
    expect(short.oldestCursor).toBe(0);
    expect(long.oldestCursor).toBeGreaterThan(0);
    expect(budget.bytes).toBe(long.bytes + short.bytes);
  });

  it('never pass the limit, whatever comes', () => {
    const step = fc.record({ stream: fc.nat(5), count: fc.nat(20), finish: fc.boolean() });
    fc.assert(
      fc.property(fc.nat(30), fc.array(step, { maxLength: 40 }), (limit, steps) => {
        const budget = new HistoryBudget(limit * COST);
        const open = new Map<number, History>();
        for (const { stream, count, finish } of steps) {
          const target = open.get(stream) ?? history(budget);
          open.set(stream, target);
          fill(target, count);
          expect(budget.bytes).toBeLessThanOrEqual(limit * COST);
          if (finish) {
            open.delete(stream);
            budget.finish(target, () => budget.remove(target));
          }
        }
      }),
    );
  });
});
