import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueHeap } from '../../../src/server/webhooks/due-heap.ts';
import { EndpointQueue } from '../../../src/server/webhooks/endpoint-queue.ts';
import type { Outcome } from '../../../src/server/webhooks/post.ts';
import { MAX_ATTEMPTS, retryAfterMs, waitMs } from '../../../src/server/webhooks/schedule.ts';
import { WEBHOOK_PARTS, WEBHOOK_TYPES, type WebhookEndpoint } from '../../../src/server/webhooks/types.ts';
import type { KeptDelivery } from '../../../src/store/index.ts';
import { FakeClock, START_MS, settled } from './fake-clock.ts';

const HOUR_MS = 3_600_000;
const answered = (status: number, retryAfter?: string): Outcome => ({ kind: 'answered', status, retryAfter });

const endpoint = (more: Partial<WebhookEndpoint> = {}): WebhookEndpoint => ({
  name: 'crm',
  url: new URL('https://crm.example.com/hooks/secret'),
  secrets: [],
  events: new Set(WEBHOOK_TYPES),
  metadata: [],
  include: new Set(WEBHOOK_PARTS),
  timeoutMs: 15_000,
  concurrency: 4,
  ...more,
});

const delivery = (deliveryId: string, more: Partial<KeptDelivery> = {}): KeptDelivery => ({
  deliveryId,
  endpoint: 'crm',
  callId: 'call',
  body: '{}',
  createdAtMs: START_MS,
  attempts: 0,
  nextAttemptAtMs: START_MS,
  lastError: null,
  ...more,
});

/** A queue whose attempts are answered by hand, or by `answer`. */
function queue(answer?: (delivery: KeptDelivery) => Outcome | undefined, more: Partial<WebhookEndpoint> = {}) {
  const clock = new FakeClock();
  const sent: { readonly id: string; readonly atMs: number; readonly attempts: number }[] = [];
  const pending: { readonly id: string; readonly answer: (outcome: Outcome) => void }[] = [];
  const kept = new Map<string, KeptDelivery>();
  const buried: KeptDelivery[] = [];
  let gone = 0;
  const made = new EndpointQueue({
    endpoint: endpoint(more),
    maxBytes: 1_000_000,
    send: (tried, signal) => {
      sent.push({ id: tried.deliveryId, atMs: clock.now(), attempts: tried.attempts });
      const outcome = answer?.(tried);
      if (outcome !== undefined) return Promise.resolve(outcome);
      return new Promise<Outcome>((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'failed', why: 'given up' }));
        pending.push({ id: tried.deliveryId, answer: resolve });
      });
    },
    keep: (one) => kept.set(one.deliveryId, one),
    remove: (id) => kept.delete(id),
    bury: (one) => {
      kept.delete(one.deliveryId);
      buried.push(one);
    },
    onGone: () => {
      gone += 1;
    },
    clock,
    wallClock: clock.wall,
    random: () => 0.5,
  });
  return { queue: made, clock, sent, pending, kept, buried, gone: () => gone };
}

describe('the schedule', () => {
  it('is 5 s, three times as long each time up to 9 h, 11 attempts over about 23 h', () => {
    const waits = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, index) => waitMs(index + 1, 0.5));
    expect(waits).toEqual([5, 15, 45, 135, 405, 1215, 3645, 10_935, 32_805, 32_805].map((s) => s * 1000));
    expect(waits.reduce((sum, ms) => sum + ms, 0) / HOUR_MS).toBeCloseTo(22.8, 1);
  });

  it('is jittered by a fifth, evenly, and never by more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, random) => {
        const plain = waitMs(attempts, 0.5);
        const ms = waitMs(attempts, random);
        expect(ms).toBeGreaterThanOrEqual(Math.floor(plain * 0.8));
        expect(ms).toBeLessThanOrEqual(Math.ceil(plain * 1.2));
        expect(ms).toBeLessThanOrEqual(32_805_000 * 1.2);
      }),
    );
    expect([waitMs(1, 0), waitMs(1, 1)]).toEqual([4_000, 6_000]);
  });

  it.each([
    ['120', 120_000],
    ['0', 0],
    [' 7 ', 7_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Thursday, 01-Jan-26 00:01:00 GMT', 60_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['999999999', 24 * HOUR_MS],
    ['Fri, 01 Jan 2027 00:00:00 GMT', 24 * HOUR_MS],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
    ['2026', 2_026_000],
    [undefined, undefined],
  ])('takes Retry-After %j for %j ms', (header, ms) => {
    expect(retryAfterMs(header, START_MS)).toBe(ms);
  });
});

describe('the queue of an endpoint', () => {
  it('tries a message that nobody takes eleven times, at the moments of the schedule, and buries it then', async () => {
    const { queue: q, clock, sent, kept, buried } = queue(() => answered(500));
    q.add(delivery('m'));
    await clock.advance(30 * HOUR_MS);
    const seconds = [0, 5, 20, 65, 200, 605, 1820, 5465, 16_400, 49_205, 82_010];
    expect(sent.map(({ atMs }) => atMs / 1000)).toEqual(seconds);
    expect(buried).toEqual([delivery('m', { attempts: 11, nextAttemptAtMs: null, lastError: 'answered 500' })]);
    expect(kept.size).toBe(0);
    expect(clock.timers).toBe(0);
  });

  it('keeps after each failure when it is tried next, and forgets what was taken', async () => {
    const outcomes = [answered(503), { kind: 'failed', why: 'ECONNRESET' } as const, answered(204)];
    const { queue: q, clock, kept } = queue(() => outcomes.shift());
    q.add(delivery('m'));
    expect(kept.get('m')).toMatchObject({ attempts: 0, nextAttemptAtMs: START_MS });
    await settled();
    expect(kept.get('m')).toMatchObject({ attempts: 1, nextAttemptAtMs: START_MS + 5_000, lastError: 'answered 503' });
    await clock.advance(5_000);
    expect(kept.get('m')).toMatchObject({ attempts: 2, nextAttemptAtMs: START_MS + 20_000, lastError: 'ECONNRESET' });
    await clock.advance(15_000);
    expect(kept.size).toBe(0);
    expect(q.status(0)).toMatchObject({ delivered: 1, failures: 2, waiting: 0, lastError: 'ECONNRESET' });
    expect(q.status(0).lastDeliveredAt).toBe('2026-01-01T00:00:20.000Z');
  });

  it.each([200, 201, 204, 299])('takes %i for success', async (status) => {
    const { queue: q, kept } = queue(() => answered(status));
    q.add(delivery('m'));
    await settled();
    expect([kept.size, q.status(0).delivered]).toEqual([0, 1]);
  });

  it.each([100, 199, 300, 301, 304, 307, 400, 401, 404, 500])('takes %i for a failure', async (status) => {
    const { queue: q, kept } = queue(() => answered(status));
    q.add(delivery('m'));
    await settled();
    expect([kept.size, q.status(0).failures]).toEqual([1, 1]);
  });

  it('leaves an endpoint that says when to come back in peace until then, with all messages', async () => {
    let answer = answered(429, '600');
    const { queue: q, clock, sent } = queue(() => answer);
    q.add(delivery('a'));
    await settled();
    expect(q.status(0).pausedUntil).toBe('2026-01-01T00:10:00.000Z');
    answer = answered(200);
    q.add(delivery('b'));
    await clock.advance(599_000);
    expect(sent.map(({ id }) => id)).toEqual(['a']);
    await clock.advance(1_000);
    expect(sent.map(({ id, atMs }) => [id, atMs])).toEqual([
      ['a', 0],
      ['b', 600_000],
      ['a', 600_000],
    ]);
    expect(q.status(0)).toMatchObject({ delivered: 2, pausedUntil: null });
  });

  it('comes back no sooner than the schedule says, whatever Retry-After does', async () => {
    const { queue: q, clock, sent } = queue(() => answered(503, '1'));
    q.add(delivery('m'));
    await clock.advance(20_000);
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 5_000, 20_000]);
  });

  it('sends as many at once as it may, in their order; after a failure one at a time, until one succeeds', async () => {
    const { queue: q, pending, clock } = queue(undefined, { concurrency: 3 });
    const ids = (): string[] => pending.map(({ id }) => id);
    for (const id of 'abcdefgh') q.add(delivery(id));
    expect(ids()).toEqual(['a', 'b', 'c']);
    pending[0]?.answer(answered(200));
    await settled();
    expect(ids()).toEqual(['a', 'b', 'c', 'd']);
    pending[1]?.answer(answered(500));
    pending[2]?.answer(answered(500));
    await settled();
    // One is on its way still; no other begins.
    expect(ids()).toEqual(['a', 'b', 'c', 'd']);
    pending[3]?.answer(answered(500));
    await settled();
    expect(ids()).toEqual(['a', 'b', 'c', 'd', 'e']);
    pending[4]?.answer(answered(200));
    await settled();
    expect(ids()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    for (const { answer } of pending.slice(5)) answer(answered(200));
    await clock.advance(5_000);
    expect(ids().slice(8)).toEqual(['b', 'c', 'd']);
  });

  it('is disabled by 410: what waits is buried, what comes is dropped, until somebody enables it', async () => {
    let answer = answered(410);
    const { queue: q, clock, sent, buried, gone } = queue(() => answer, { concurrency: 1 });
    for (const id of 'abc') q.add(delivery(id));
    await settled();
    expect(gone()).toBe(1);
    expect(buried.map(({ deliveryId, lastError }) => [deliveryId, lastError])).toEqual([
      ['a', 'answered 410'],
      ['b', 'the endpoint is gone'],
      ['c', 'the endpoint is gone'],
    ]);
    q.add(delivery('d'));
    await clock.advance(30 * HOUR_MS);
    expect(sent.map(({ id }) => id)).toEqual(['a']);
    expect(q.status(3)).toMatchObject({ state: 'gone', dropped: 1, dead: 3, waiting: 0, lastError: 'answered 410' });
    answer = answered(200);
    q.enable();
    q.add(delivery('e'));
    await settled();
    expect(q.status(3)).toMatchObject({ state: 'active', delivered: 1 });
  });

  it('is bounded in messages and in bytes; what has no room is buried', async () => {
    const { queue: q, buried } = queue(undefined, { concurrency: 1 });
    for (let index = 0; index < 10_005; index += 1) q.add(delivery(`m${index}`));
    // One is on its way.
    expect([q.status(0).waiting, buried.length]).toEqual([10_000, 4]);
    const heavy = queue(undefined, { concurrency: 1 });
    for (const id of 'abcd') heavy.queue.add(delivery(id, { body: 'x'.repeat(400_000) }));
    expect([heavy.queue.status(0).waiting, heavy.buried.map(({ deliveryId }) => deliveryId)]).toEqual([2, ['d']]);
    expect(heavy.buried[0]).toMatchObject({
      nextAttemptAtMs: null,
      lastError: 'too many messages wait for this endpoint',
    });
    heavy.pending[0]?.answer(answered(200));
    await settled();
    heavy.queue.add(delivery('e', { body: 'x'.repeat(400_000) }));
    expect(heavy.buried).toHaveLength(1);
  });

  it('forgets the messages of a call, those on their way, too', async () => {
    const { queue: q, pending, kept, clock, sent } = queue(undefined, { concurrency: 1 });
    q.add(delivery('a', { callId: 'secret' }));
    q.add(delivery('b', { callId: 'secret' }));
    q.add(delivery('c'));
    q.forget(({ callId }) => callId === 'secret');
    expect([...kept.keys()]).toEqual(['c']);
    pending[0]?.answer(answered(500));
    await clock.advance(HOUR_MS);
    expect(sent.map(({ id }) => id)).toEqual(['a', 'c']);
    expect([...kept.keys()]).toEqual(['c']);
  });

  it('keeps what is on its way as it was, where the process ends', async () => {
    const { queue: q, kept, clock, sent, buried } = queue();
    q.add(delivery('a'));
    q.close();
    await clock.advance(HOUR_MS);
    expect(kept.get('a')).toEqual(delivery('a'));
    expect([sent.length, buried.length, clock.timers]).toEqual([1, 0, 0]);
  });

  it('is idle when nothing is due, though something waits for later', async () => {
    const { queue: q, pending, clock } = queue(undefined, { concurrency: 1 });
    await q.idle();
    q.add(delivery('a'));
    q.add(delivery('b', { nextAttemptAtMs: START_MS + 50 }));
    let idle = false;
    void q.idle().then(() => {
      idle = true;
    });
    await settled();
    expect(idle).toBe(false);
    pending[0]?.answer(answered(200));
    await settled();
    expect(idle).toBe(true);
    await clock.advance(100);
    expect(pending.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('looks again at the wall clock where that was set forward meanwhile', async () => {
    const { queue: q, clock, sent } = queue(() => answered(500));
    q.add(delivery('m', { attempts: 8 }));
    await clock.advance(HOUR_MS);
    // It waits for 9 h; every minute at most it looks.
    expect([sent.length, clock.timers]).toEqual([1, 1]);
    await clock.advance(9 * HOUR_MS);
    expect(sent).toHaveLength(2);
  });
});

describe('what waits for its moment', () => {
  it('comes out by its moment, and of one moment in the order of its coming, whatever is taken out between', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('push' as const), dueAtMs: fc.nat({ max: 9 }) }),
      fc.record({ do: fc.constant('shift' as const), dueAtMs: fc.constant(0) }),
      fc.record({ do: fc.constant('remove' as const), dueAtMs: fc.nat({ max: 9 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const heap = new DueHeap<{ dueAtMs: number; id: number }>();
        let model: { dueAtMs: number; id: number }[] = [];
        steps.forEach(({ do: what, dueAtMs }, id) => {
          if (what === 'push') {
            heap.push({ dueAtMs, id });
            model = [...model, { dueAtMs, id }].sort((a, b) => a.dueAtMs - b.dueAtMs || a.id - b.id);
          } else if (what === 'shift') {
            expect(heap.shift()).toEqual(model.shift());
          } else {
            const removed = heap.remove((item) => item.dueAtMs === dueAtMs);
            expect(removed).toHaveLength(model.filter((item) => item.dueAtMs === dueAtMs).length);
            model = model.filter((item) => item.dueAtMs !== dueAtMs);
          }
          expect([heap.size, heap.first]).toEqual([model.length, model[0]]);
        });
        expect(model.map(() => heap.shift())).toEqual(model);
      }),
    );
  });
});
