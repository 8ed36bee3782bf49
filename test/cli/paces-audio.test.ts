import { describe, expect, it } from 'vitest';
import { Pace, type PacingClock, systemClock } from '../../src/cli/pacing.ts';

/** A clock whose timers come late, as real ones do. */
function lateClock(lateMs: number): PacingClock & { time: number } {
  return {
    time: 1000,
    now() {
      return this.time;
    },
    async sleep(ms) {
      this.time += ms + lateMs;
    },
  };
}

describe('the pace of a replay', () => {
  it.each([1, 4, 0.5])('at speed %f does not drift though every timer is late', async (speed) => {
    const clock = lateClock(7);
    const pace = new Pace(speed, clock);
    for (let positionMs = 20; positionMs <= 600_000; positionMs += 20) await pace.until(positionMs);
    expect(clock.time - 1000 - 600_000 / speed).toBeGreaterThanOrEqual(0);
    expect(clock.time - 1000 - 600_000 / speed).toBeLessThanOrEqual(7);
  });

  it('catches up after a stall without a wait', async () => {
    const clock = lateClock(0);
    const pace = new Pace(1, clock);
    await pace.until(20);
    clock.time += 500;
    await pace.until(40);
    await pace.until(520);
    expect(clock.time).toBe(1520);
    await pace.until(540);
    expect(clock.time).toBe(1540);
  });

  it('never lets audio out before it was spoken', async () => {
    const clock = lateClock(0);
    const pace = new Pace(2, clock);
    await pace.until(1000);
    expect(clock.time).toBe(1500);
  });

  it('ends its wait when it is interrupted', async () => {
    const controller = new AbortController();
    const wait = new Pace(1, systemClock).until(3_600_000, controller.signal);
    controller.abort();
    await expect(wait).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });
});
