import type { AlertRule } from '../../streams/index.ts';
import type { RulesMessage } from './messages.ts';

/** So many sets of rules either side remembers: a stream may take them late, and others may have come by then. */
const KEPT = 16;

/** The sets of rules that a worker was sent. */
export class SentRules {
  #sent: readonly RulesMessage[] = [];
  #next = 1;

  /** What a worker that takes the place of a dead one must know. */
  get sent(): readonly RulesMessage[] {
    return this.#sent;
  }

  /** The number of these rules, which are sent where they were not. They are told apart by identity. */
  numberOf(rules: readonly AlertRule[], send: (message: RulesMessage) => void): number {
    const known = this.#sent.find((message) => message.rules === rules);
    if (known !== undefined) return known.number;
    const message: RulesMessage = { kind: 'rules', number: this.#next, rules };
    this.#next += 1;
    this.#sent = [...this.#sent.slice(1 - KEPT), message];
    send(message);
    return message.number;
  }
}

/** The sets of rules that came to a worker. */
export class ReceivedRules {
  readonly #byNumber = new Map<number, readonly AlertRule[]>();

  add({ number, rules }: RulesMessage): void {
    this.#byNumber.set(number, rules);
    for (const oldest of this.#byNumber.keys()) {
      if (this.#byNumber.size <= KEPT) break;
      this.#byNumber.delete(oldest);
    }
  }

  /**
   * The rules of a number; where so many came since that they are forgotten, the oldest that are not.
   *
   * @param receive takes in what has come: a ring may tell a number before the message with the rules was looked at, though never before
   * it was sent
   */
  get(number: number, receive: () => void): readonly AlertRule[] {
    if (!this.#byNumber.has(number)) receive();
    for (const [candidate, rules] of this.#byNumber) if (candidate >= number) return rules;
    throw new RangeError(`There are no rules of number ${number}.`);
  }
}
