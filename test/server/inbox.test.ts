import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Inbox } from '../../src/server/inbox.ts';

const bytes = (start: number, length: number) => Uint8Array.from({ length }, (_, index) => (start + index) % 256);
const audio = (start: number, length: number) => ({ kind: 'audio', bytes: bytes(start, length) }) as const;

function drain(inbox: Inbox, maxBytes: number, count = Number.POSITIVE_INFINITY): (number | string)[] {
  const out: (number | string)[] = [];
  for (let index = 0; index < count && inbox.ready; index += 1) {
    const item = inbox.take(maxBytes);
    if (item === undefined) break;
    if (item.kind === 'mark') out.push(item.name);
    else if (item.kind === 'gap') out.push(`gap of ${item.durationMs}`);
    else if (item.kind === 'status') out.push(`${item.code}: ${item.message}`);
    else if (item.kind === 'audio') {
      expect(item.bytes.length).toBeLessThanOrEqual(maxBytes);
      out.push(...item.bytes);
    }
  }
  return out;
}

describe('the inbox of a stream', () => {
  it('gives everything out once and in order, whole samples only until it is closed', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('audio' as const), n: fc.integer({ min: 0, max: 40 }) }) },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constantFrom('mark', 'gap', 'status'), n: fc.integer({ min: 1, max: 90_000 }) }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('take' as const), n: fc.integer({ min: 1, max: 4 }) }) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 200 }), (frameBytes, steps) => {
        const inbox = new Inbox(frameBytes);
        const put: (number | string)[] = [];
        const got: (number | string)[] = [];
        let pushed = 0;
        for (const { do: what, n } of steps) {
          if (what === 'audio') {
            inbox.push(audio(pushed, n));
            put.push(...bytes(pushed, n));
            pushed += n;
          } else if (what === 'mark') {
            inbox.push({ kind: 'mark', name: `m${put.length}` });
            put.push(`m${put.length}`);
          } else if (what === 'gap') {
            inbox.push({ kind: 'gap', durationMs: n });
            put.push(`gap of ${n}`);
          } else if (what === 'status') {
            inbox.push({ kind: 'status', code: 'paused', message: `at ${n}` });
            put.push(`paused: at ${n}`);
          } else {
            got.push(...drain(inbox, 2 * frameBytes, n));
          }
          const given = got.filter((item) => typeof item === 'number').length;
          expect(given).toBeLessThanOrEqual(Math.floor(pushed / frameBytes) * frameBytes);
          expect(inbox.givenSamples).toBe(Math.floor(given / frameBytes));
          expect(inbox.acceptedSamples).toBe(Math.floor(pushed / frameBytes));
        }
        inbox.close();
        got.push(...drain(inbox, 2 * frameBytes));
        expect(got).toEqual(put);
        expect(inbox.costBytes).toBe(0);
        expect(inbox.ready).toBe(false);
      }),
    );
  });

  it('drops a sample that has not come whole, wherever its bytes are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 8 }),
        fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 30 }),
        fc.nat(10),
        (frameBytes, sizes, takes) => {
          const inbox = new Inbox(frameBytes);
          let pushed = 0;
          for (const size of sizes) {
            inbox.push(audio(pushed, size));
            inbox.push({ kind: 'mark', name: 'between' });
            pushed += size;
          }
          const before = drain(inbox, frameBytes, takes);
          inbox.dropPartialFrame();
          const whole = Math.floor(pushed / frameBytes) * frameBytes;
          expect(inbox.acceptedSamples * frameBytes).toBe(whole);
          inbox.push(audio(whole, frameBytes));
          const got = [...before, ...drain(inbox, frameBytes)];
          expect(got.filter((item) => typeof item === 'number')).toEqual([...bytes(0, whole + frameBytes)]);
          expect(got.filter((item) => item === 'between')).toHaveLength(sizes.length);
          expect(inbox.costBytes).toBe(0);
        },
      ),
    );
  });

  it('counts what its messages cost, not their bytes alone', () => {
    const inbox = new Inbox(2);
    for (let index = 0; index < 100; index += 1) inbox.push(audio(0, 2));
    expect(inbox.costBytes).toBe(100 * (2 + 64));
    inbox.clear();
    expect(inbox.costBytes).toBe(0);
    expect(inbox.ready).toBe(false);
  });
});
