import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RulesMessage } from '../../../src/server/workers/messages.ts';
import { ReceivedRules, SentRules } from '../../../src/server/workers/rule-sets.ts';
import { type AlertRule, readAlertRules } from '../../../src/streams/index.ts';

const setOf = (name: string): readonly AlertRule[] =>
  readAlertRules(`rules: [{ name: "${name}", when: { measure: duration, above: 1 s } }]`);
const nothing = (): void => {};

describe('sets of rules between the threads', () => {
  it('are sent once for all streams, and known by their numbers', () => {
    const posted: RulesMessage[] = [];
    const post = (message: RulesMessage): void => void posted.push(message);
    const [sent, received] = [new SentRules(), new ReceivedRules()];
    const [a, b] = [setOf('a'), setOf('b')];
    const numbers = [a, a, b, a, b].map((rules) => sent.numberOf(rules, post));
    expect(posted).toHaveLength(2);
    for (const message of posted) received.add(message);
    expect(numbers.map((number) => received.get(number, nothing))).toEqual([a, a, b, a, b]);
  });

  it('are taken in when a ring is quicker than the messages', () => {
    const waiting: RulesMessage[] = [];
    const [sent, received] = [new SentRules(), new ReceivedRules()];
    const number = sent.numberOf(setOf('a'), (message) => void waiting.push(message));
    const receive = (): void => {
      for (const message of waiting.splice(0)) received.add(message);
    };
    expect(received.get(number, receive)[0]?.name).toBe('a');
    expect(() => received.get(number + 1, receive)).toThrow(RangeError);
  });

  it('are never older than those a stream was told to take, however late it takes them, and bounded', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60), { minLength: 1, maxLength: 80 }), (picks) => {
        const sets = Array.from({ length: 61 }, (_, index) => setOf(`${index}`));
        const [sent, received] = [new SentRules(), new ReceivedRules()];
        const told: { readonly number: number; readonly place: number }[] = [];
        const order: (readonly AlertRule[])[] = [];
        for (const pick of picks) {
          const rules = sets[pick]!;
          const number = sent.numberOf(rules, (message) => {
            received.add(message);
            order.push(rules);
          });
          told.push({ number, place: order.lastIndexOf(rules) });
        }
        for (const { number, place } of told) {
          expect(order.lastIndexOf(received.get(number, nothing))).toBeGreaterThanOrEqual(place);
        }
        // The last of them are exactly those that were told.
        for (const { number, place } of told.filter((each) => each.place >= order.length - 16)) {
          expect(received.get(number, nothing)).toBe(order[place]);
        }
        expect(sent.sent.length).toBeLessThanOrEqual(16);
      }),
    );
  });

  it('are all sent again to a worker that takes the place of a dead one', () => {
    const sent = new SentRules();
    const numbers = ['a', 'b', 'c'].map((name) => sent.numberOf(setOf(name), nothing));
    const received = new ReceivedRules();
    for (const message of sent.sent) received.add(message);
    expect(numbers.map((number) => received.get(number, nothing)[0]?.name)).toEqual(['a', 'b', 'c']);
  });
});
