import { describe, expect, it } from 'vitest';
import { Pace } from '../../src/server/pace.ts';

/** Sends packets of 20 ms at the times given; tells after which of them the stream is ahead of real time. */
function aheadAt(timesMs: readonly number[]): number[] {
  const pace = new Pace();
  return timesMs.filter((nowMs) => {
    pace.advance(20, nowMs);
    return pace.ahead(nowMs);
  });
}

describe('the pace of a stream', () => {
  it('that sends in real time, with jitter and lumps of a quarter of a second, is never ahead', () => {
    const jittery = Array.from({ length: 3000 }, (_, packet) => packet * 20 + ((packet * 7919) % 60));
    expect(aheadAt(jittery.sort((a, b) => a - b))).toEqual([]);
    expect(aheadAt(Array.from({ length: 3000 }, (_, packet) => Math.floor(packet / 12) * 240))).toEqual([]);
  });

  it('that sends at ten times real time is ahead within a tenth of a second', () => {
    expect(aheadAt(Array.from({ length: 500 }, (_, packet) => packet * 2))[0]).toBeLessThan(100);
  });

  it('that was held up may catch up', () => {
    const held = Array.from({ length: 200 }, (_, packet) => (packet < 100 ? packet * 20 : 10_000));
    expect(aheadAt(held)).toEqual([]);
  });

  it('that has sent everything at once is no longer ahead when that time has passed', () => {
    const pace = new Pace();
    pace.advance(60_000, 0);
    expect(pace.ahead(30_000)).toBe(true);
    expect(pace.ahead(60_000)).toBe(false);
  });
});
