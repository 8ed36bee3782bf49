import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countFloor,
  type FloorFilter,
  filterQuery,
  isWaiting,
  LABELS,
  matches,
  NO_FILTER,
  parseFilter,
} from '../../src/web/floor/floor-filter.ts';
import { byUrgency } from '../../src/web/floor/floor-order.ts';
import { BusyFloor } from './busy-floor.ts';
import { floorAlert, floorCall, floorLeg } from './fixtures.ts';

const NOW = Date.parse('2026-03-02T10:00:00Z');

describe('a filter of the floor', () => {
  it('comes back from the address as it went into it', () => {
    const filter: fc.Arbitrary<FloorFilter> = fc.record({
      text: fc.string({ unit: 'grapheme' }),
      emotions: fc.subarray([...LABELS]),
      role: fc.constantFrom('any', 'customer', 'employee', 'bot', 'unknown'),
      alert: fc.oneof(
        fc.constantFrom('any' as const, 'raised' as const, 'waiting' as const, 'high' as const),
        fc.string().map((rule) => `rule:${rule}` as const),
      ),
      metadata: fc.oneof(
        fc.constant(''),
        fc.string().map((value) => `key=${value}`),
      ),
    });
    fc.assert(
      fc.property(filter, (wanted) => {
        expect(parseFilter(new URLSearchParams(filterQuery(wanted).toString()))).toEqual(wanted);
      }),
    );
  });

  it('takes nothing from an address that means nothing', () => {
    expect(parseFilter(new URLSearchParams('role=admin&emotion=joy&alert=all&other=1'))).toEqual(NO_FILTER);
  });

  it('lets a value of metadata hold an equals sign, and compares numbers and booleans as text', () => {
    const call = floorCall('c', { metadata: { a: 'b=c', n: 7, vip: false } });
    const has = (metadata: string) => matches(call, { ...NO_FILTER, metadata }, NOW);
    expect([has('a=b=c'), has('n=7'), has('vip=false'), has('a=b'), has('n=8'), has('x=')]).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('of none is met by every call, and the counts are of all of them', () => {
    const { calls } = new BusyFloor(60);
    expect(calls.every((call) => matches(call, NO_FILTER, NOW))).toBe(true);
    const counts = countFloor(calls, 'customer', NOW);
    for (const label of LABELS) {
      const met = calls.filter((call) => matches(call, { ...NO_FILTER, emotions: [label], role: 'customer' }, NOW));
      expect(counts.labels.get(label) ?? 0).toBe(met.length);
    }
    expect(counts.waiting).toBe(calls.filter((call) => matches(call, { ...NO_FILTER, alert: 'waiting' }, NOW)).length);
    expect(counts.alerted).toBe(calls.filter((call) => matches(call, { ...NO_FILTER, alert: 'raised' }, NOW)).length);
  });

  it('offers metadata that calls share, not the names of single calls', () => {
    const calls = Array.from({ length: 80 }, (_, n) =>
      floorCall(`c-${n}`, { metadata: { caller: `+49${n}`, queue: 'A' } }),
    );
    expect(countFloor(calls, 'any', NOW).metadata).toEqual(['queue=A']);
  });
});

describe('an alert', () => {
  it.each([
    [{}, true],
    [{ takenBy: 'Ada' }, false],
    [{ acknowledged: true }, false],
    [{ wrong: true }, false],
    [{ snoozedUntil: '2026-03-02T10:00:01Z' }, false],
    [{ snoozedUntil: '2026-03-02T09:59:59Z' }, true],
  ])('with %j waits: %s', (more, waits) => {
    expect(isWaiting(floorAlert(more), NOW)).toBe(waits);
  });
});

describe('the order by urgency', () => {
  it('is one order whatever the calls came in', () => {
    const { calls } = new BusyFloor(40);
    const sorted = [...calls].sort(byUrgency).map(({ callId }) => callId);
    fc.assert(
      fc.property(fc.shuffledSubarray([...calls], { minLength: calls.length }), (shuffled) => {
        expect(shuffled.sort(byUrgency).map(({ callId }) => callId)).toEqual(sorted);
      }),
    );
  });

  it('puts the longer call first where both are as urgent', () => {
    const [old, young] = [
      floorCall('z', { startedAt: '2026-03-02T09:00:00Z', legs: [floorLeg()] }),
      floorCall('a', { startedAt: '2026-03-02T09:30:00Z' }),
    ];
    expect([young, old].sort(byUrgency)).toEqual([old, young]);
  });
});
