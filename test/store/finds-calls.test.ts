import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMOTIONS, type Emotion } from '../../src/emotions.ts';
import type { CallFilter, Role } from '../../src/protocol/index.ts';
import type { Store } from '../../src/store/index.ts';
import { START_MS, StreamScript } from './script.ts';
import { describeStores } from './stores.ts';

const MINUTE_MS = 60_000;

async function idsOf(store: Store, filter: CallFilter, roles?: readonly Role[]): Promise<string[]> {
  return (await store.calls(filter, roles)).calls.map(({ callId }) => callId).sort();
}

/** A call that is short and simple: of ten windows on each side, so many with an emotion. */
function call(
  callId: string,
  felt: Partial<Record<Role, Partial<Record<Emotion, number>>>> = {},
  opening = {},
): StreamScript {
  const script = new StreamScript({ callId, ...opening });
  for (const [channel, { role }] of script.opening.channels.entries()) {
    const labels = Object.entries(felt[role] ?? {}).flatMap(([emotion, windows]) =>
      Array<Emotion>(windows).fill(emotion as Emotion),
    );
    for (let window = 0; window < 10; window += 1)
      script.window(channel, 500 * (window + 1), labels[window] ?? 'neutral');
  }
  return script;
}

describeStores('finds calls', (fixture) => {
  it('by when they started, the newest first', async () => {
    const store = await fixture.open();
    for (const minute of [2, 0, 1, 3]) {
      await store.write(call(`m${minute}`, {}, { startedAtMs: START_MS + minute * MINUTE_MS }).take());
    }
    const from = new Date(START_MS + MINUTE_MS).toISOString();
    const to = new Date(START_MS + 3 * MINUTE_MS).toISOString();
    expect((await store.calls({})).calls.map(({ callId }) => callId)).toEqual(['m3', 'm2', 'm1', 'm0']);
    expect((await store.calls({ from, to })).calls.map(({ callId }) => callId)).toEqual(['m2', 'm1']);
    expect((await store.calls({ from })).calls.map(({ callId }) => callId)).toEqual(['m3', 'm2', 'm1']);
    // Wherever the one who asks is.
    expect(await idsOf(store, { to: '2026-11-02T11:31:00.000+02:00' })).toEqual(['m0']);
  });

  it('by state', async () => {
    const store = await fixture.open();
    await store.write([...call('ended').ended(5000).take(), ...call('lost').take()]);
    const again = await fixture.reopen();
    await again.write(call('live').take());
    for (const state of ['live', 'ended', 'lost'] as const) expect(await idsOf(again, { state })).toEqual([state]);
  });

  it('by emotion, side and share', async () => {
    const store = await fixture.open();
    await store.write([
      ...call('calm').ended(5000).take(),
      ...call('customer', { customer: { anger: 3 } })
        .ended(5000)
        .take(),
      ...call('employee', { employee: { anger: 1, sadness: 2 } })
        .ended(5000)
        .take(),
      ...call('live', { customer: { anger: 8 } }).take(),
    ]);
    expect(await idsOf(store, { emotion: ['anger'] })).toEqual(['customer', 'employee', 'live']);
    expect(await idsOf(store, { emotion: ['anger'], minShare: 0.3 })).toEqual(['customer', 'live']);
    expect(await idsOf(store, { emotion: ['anger'], minShare: 0.31 })).toEqual(['live']);
    expect(await idsOf(store, { emotion: ['anger'], role: 'employee' })).toEqual(['employee']);
    expect(await idsOf(store, { emotion: ['sadness', 'anger'], minShare: 0.2 })).toEqual([
      'customer',
      'employee',
      'live',
    ]);
    expect(await idsOf(store, { emotion: ['fear'] })).toEqual([]);
    expect(await idsOf(store, { role: 'employee' })).toHaveLength(4);
    expect(await idsOf(store, { role: 'bot' })).toEqual([]);
    // What may not be looked at is not found either.
    expect(await idsOf(store, { emotion: ['anger'] }, ['customer'])).toEqual(['customer', 'live']);
    expect(await idsOf(store, { emotion: ['anger'], role: 'employee' }, ['customer'])).toEqual([]);
    expect(await idsOf(store, { emotion: ['anger'] }, [])).toEqual([]);
    expect(await idsOf(store, { role: 'employee' }, ['customer'])).toHaveLength(4);
  });

  it('by the rule of an alert', async () => {
    const store = await fixture.open();
    await store.write([
      ...call('none').take(),
      ...call('one').alert('shouting', 'raised', 1000).alert('shouting', 'cleared', 2000).take(),
      ...call('two').alert('silence', 'raised', 1000).take(),
    ]);
    expect(await idsOf(store, { alert: ['shouting'] })).toEqual(['one']);
    expect(await idsOf(store, { alert: ['silence', 'shouting'] })).toEqual(['one', 'two']);
    expect(await idsOf(store, { alert: ['*'] })).toEqual(['one', 'two']);
    expect(await idsOf(store, { alert: ['other'] })).toEqual([]);
  });

  it('by metadata, equal as text', async () => {
    const store = await fixture.open();
    await store.write([
      ...call('a', {}, { metadata: { queue: 7, vip: true, caller: '+49 30 1234' } }).take(),
      ...call('b', {}, { metadata: { queue: '7', vip: false } }).take(),
      ...call('c', {}, { metadata: { queue: 77, note: 'x'.repeat(4000) } }).take(),
    ]);
    expect(await idsOf(store, { metadata: { queue: '7' } })).toEqual(['a', 'b']);
    expect(await idsOf(store, { metadata: { queue: '7', vip: 'true' } })).toEqual(['a']);
    expect(await idsOf(store, { metadata: { caller: '+49 30 1234' } })).toEqual(['a']);
    expect(await idsOf(store, { metadata: { note: 'x'.repeat(4000) } })).toEqual(['c']);
    expect(await idsOf(store, { metadata: { caller: '+49 30' } })).toEqual([]);
    expect(await idsOf(store, { metadata: { other: '7' } })).toEqual([]);
  });

  it('by text, whatever its case and whatever it means in a pattern', async () => {
    const store = await fixture.open();
    await store.write([
      ...call('Ärger-100%', {}, { metadata: { name: 'ZOË' } }).take(),
      ...call('b_1', {}, { metadata: { path: 'C:\\temp' } }).take(),
      ...call('bx1', {}, { metadata: { half: '\ud800 and \0' } }).take(),
    ]);
    expect(await idsOf(store, { text: 'ärger' })).toEqual(['Ärger-100%']);
    expect(await idsOf(store, { text: 'zoë' })).toEqual(['Ärger-100%']);
    // Composed or not.
    expect(await idsOf(store, { text: 'zoe\u0308' })).toEqual(['Ärger-100%']);
    expect(await idsOf(store, { text: 'b_1' })).toEqual(['b_1']);
    expect(await idsOf(store, { text: '0%' })).toEqual(['Ärger-100%']);
    expect(await idsOf(store, { text: ':\\TEMP' })).toEqual(['b_1']);
    expect(await idsOf(store, { text: '' })).toHaveLength(3);
    expect(await idsOf(store, { text: 'name' })).toEqual([]);
  });

  it('refuses what is no time and no cursor', async () => {
    const store = await fixture.open();
    for (const filter of [{ from: 'yesterday' }, { to: '' }, { cursor: 'x' }, { cursor: '' }, { cursor: 'bm9uZQ' }]) {
      await expect(store.calls(filter)).rejects.toMatchObject({ code: 'invalid-query' });
    }
  });
});

describeStores('pages of calls', (fixture) => {
  it('hold every call once, though others come and go on meanwhile', async () => {
    const store = await fixture.open();
    const minutes = [3, 1, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5];
    for (const [index, minute] of minutes.entries()) {
      await store.write(call(`c${index}`, {}, { startedAtMs: START_MS + minute * MINUTE_MS }).take());
    }
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 15 }), fc.nat(3), async (limit, others) => {
        const seen: string[] = [];
        let cursor: string | null | undefined;
        for (let page = 0; cursor !== null; page += 1) {
          const { calls, next } = await store.calls({ limit, text: 'c', ...(cursor !== undefined && { cursor }) });
          expect(calls.length).toBeLessThanOrEqual(limit);
          seen.push(...calls.map(({ callId }) => callId));
          if (next !== null) expect(calls).toHaveLength(limit);
          cursor = next;
          // New ones are the newest, and are not on later pages.
          if (page < others)
            await store.write(call(`c-new-${seen.length}-${page}`, {}, { startedAtMs: Date.now() }).take());
        }
        const old = seen.filter((callId) => !callId.startsWith('c-new'));
        expect([...old].sort()).toEqual(minutes.map((_, index) => `c${index}`).sort());
        const times = old.map((callId) => minutes[Number(callId.slice(1))]!);
        expect(times).toEqual([...times].sort((a, b) => b - a));
      }),
      { numRuns: fixture.kind === 'sqlite' ? 25 : 10 },
    );
  });

  it('have 50 calls, 200 at most, 1 at least', async () => {
    const store = await fixture.open();
    const scripts = Array.from({ length: 205 }, (_, index) => new StreamScript({ callId: `c${index}` }));
    await store.write(scripts.flatMap((script) => [...script.take()]));
    for (const [limit, length] of [
      [undefined, 50],
      [200, 200],
      [1000, 200],
      [0, 1],
      [2.5, 2],
    ] as const) {
      const page = await store.calls(limit === undefined ? {} : { limit });
      expect(page.calls).toHaveLength(length);
    }
  });
});

interface Drawn {
  readonly customer: readonly (Emotion | 'unknown')[];
  readonly rules: readonly string[];
  readonly queue: number;
  readonly minute: number;
}

describe('a filter', () => {
  const label = fc.constantFrom<Emotion | 'unknown'>(...EMOTIONS.slice(0, 3), 'unknown');
  const drawn: fc.Arbitrary<Drawn> = fc.record({
    customer: fc.array(label, { maxLength: 6 }),
    rules: fc.subarray(['a', 'b']),
    queue: fc.nat(2),
    minute: fc.nat(5),
  });
  const filters = fc.record(
    {
      emotion: fc.subarray([...EMOTIONS.slice(0, 3)], { minLength: 1 }),
      minShare: fc.constantFrom(0.2, 0.5, 1),
      alert: fc.subarray(['a', 'b', '*'], { minLength: 1 }),
      metadata: fc.record({ queue: fc.constantFrom('0', '1') }),
      from: fc.nat(5).map((minute) => new Date(START_MS + minute * MINUTE_MS).toISOString()),
    },
    { requiredKeys: [] },
  );

  function scriptOf({ customer, rules, queue, minute }: Drawn, callId: string): StreamScript {
    const startedAtMs = START_MS + minute * MINUTE_MS;
    const script = new StreamScript({
      callId,
      channels: [{ name: 'caller', role: 'customer' }],
      startedAtMs,
      metadata: { queue },
    });
    for (const [window, label] of customer.entries()) script.window(0, 500 * (window + 1), label);
    for (const rule of rules) script.alert(rule, 'raised', 1000);
    return script;
  }

  const holds = ({ customer, rules, queue, minute }: Drawn, filter: CallFilter): boolean => {
    const labelled = customer.filter((each) => each !== 'unknown');
    const shareOf = (emotion: Emotion): number => labelled.filter((each) => each === emotion).length / labelled.length;
    return (
      (filter.emotion?.some((emotion) => shareOf(emotion) >= (filter.minShare ?? 0.1)) ?? true) &&
      (filter.alert?.some((rule) => (rule === '*' ? rules.length > 0 : rules.includes(rule))) ?? true) &&
      (filter.metadata === undefined || Object.values(filter.metadata).every((value) => value === String(queue))) &&
      (filter.from === undefined || START_MS + minute * MINUTE_MS >= Date.parse(filter.from))
    );
  };

  describeStores('holds for the calls that it says', (fixture) => {
    it('whatever they are', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(drawn, { minLength: 1, maxLength: 6 }),
          fc.array(filters, { minLength: 1, maxLength: 4 }),
          async (calls, asked) => {
            const store = await fixture.open();
            for (const [index, each] of calls.entries()) {
              const script = scriptOf(each, `${index}`);
              await store.write((index % 2 === 0 ? script.ended(5000) : script).take());
            }
            for (const filter of asked) {
              const truth = calls.flatMap((each, index) => (holds(each, filter) ? [`${index}`] : []));
              expect(await idsOf(store, filter)).toEqual(truth);
            }
            await store.close();
          },
        ),
        { numRuns: fixture.kind === 'sqlite' ? 25 : 8 },
      );
    });
  });
});
