import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECORD, Ring } from '../../../src/server/workers/ring.ts';

const LONGEST = 700;
const payloadOf = (seed: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (seed * 31 + index * 7) % 256);

describe('the ring of a stream', () => {
  it('gives every record once, whole and in order, whatever their lengths, and refuses what it has no room for', () => {
    const step = fc.record({ write: fc.boolean(), length: fc.integer({ min: 0, max: LONGEST }) });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 400 }),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        (steps, start) => {
          const written = Ring.for(LONGEST);
          // The counts of bytes begin anywhere, also where they wrap around; positions are multiples of 8.
          new Int32Array(written.shared, 0, 3).fill(start & ~7);
          // The other thread's view of the same memory.
          const read = new Ring(written.shared);
          const waiting: { seed: number; length: number }[] = [];
          let samples = 0;
          steps.forEach(({ write, length }, seed) => {
            if (write) {
              const room = written.hasRoomFor(length);
              const done = written.write(RECORD.audio, seed, seed + 0.5, payloadOf(seed, length));
              if (room) expect(done).toBe(true);
              if (done) waiting.push({ seed, length });
              return;
            }
            const record = read.read(({ payload }) => payload.length);
            const expected = waiting.shift();
            if (expected === undefined) {
              expect(record).toBeUndefined();
              return;
            }
            samples += expected.length;
            expect(record).toMatchObject({
              kind: RECORD.audio,
              value: expected.seed,
              writtenAtMs: expected.seed + 0.5,
            });
            expect(Buffer.from(record!.payload)).toEqual(Buffer.from(payloadOf(expected.seed, expected.length)));
          });
          expect(written.claimedSamples).toBe(samples);
          expect(read.empty).toBe(waiting.length === 0);
          expect(written.used).toBeLessThanOrEqual(written.capacity);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('holds six of the longest pushes, 16 KiB at least', () => {
    expect(Ring.for(10).capacity).toBe(16_384);
    expect(Ring.for(20_000).capacity).toBe(131_072);
  });

  it('goes on behind what a dead reader had claimed', () => {
    const ring = Ring.for(LONGEST);
    for (let value = 0; value < 4; value += 1) ring.write(RECORD.audio, value, 0, payloadOf(value, 100));
    const before = ring.written;
    const first = new Ring(ring.shared);
    first.read(() => 100);
    first.read(() => 100);
    // It dies with the second in its hands.
    ring.recover();
    expect(ring.claimedSamples).toBe(200);
    expect(ring.hasClaimed(before)).toBe(false);
    const second = new Ring(ring.shared);
    expect(second.read(() => 100)?.value).toBe(2);
    expect(second.read(() => 100)?.value).toBe(3);
    expect(ring.hasClaimed(before)).toBe(true);
    expect(second.read(() => 100)).toBeUndefined();
  });

  it('does not overwrite what is being worked on', () => {
    const ring = Ring.for(LONGEST);
    const reader = new Ring(ring.shared);
    ring.write(RECORD.audio, 0, 0, payloadOf(9, LONGEST));
    const record = reader.read(() => 0)!;
    while (ring.write(RECORD.audio, 1, 0, payloadOf(1, LONGEST)));
    expect(Buffer.from(record.payload)).toEqual(Buffer.from(payloadOf(9, LONGEST)));
  });

  it('tells once that there is room, where somebody waits for it', () => {
    const ring = Ring.for(LONGEST);
    const reader = new Ring(ring.shared);
    while (ring.write(RECORD.audio, 1, 0, payloadOf(1, LONGEST)));
    ring.wantRoom();
    expect(reader.roomToTell).toBe(false);
    while (reader.read(() => 0) !== undefined);
    expect(reader.roomToTell).toBe(true);
    expect(reader.roomToTell).toBe(false);
  });
});
