import type { KeptDelivery } from '../../store/index.ts';
import type { Journal } from './journal.ts';
import type { DeliveryStore } from './types.ts';

export type DeadLetter = Omit<KeptDelivery, 'body'>;

/** Of one endpoint; the oldest go first. */
const MOST_OF_ENDPOINT = 1_000;
/** Bodies in memory, where there is no store. */
const MOST_BYTES = 33_554_432;

/** Messages that nobody took: with a store their bodies are there, without one here. */
export class DeadLetters {
  readonly #kept: { readonly store: DeliveryStore; readonly journal: Journal } | undefined;
  /** By delivery id, the oldest first. */
  readonly #letters = new Map<string, DeadLetter>();
  readonly #bodies = new Map<string, string>();
  #bytes = 0;

  constructor(kept: { readonly store: DeliveryStore; readonly journal: Journal } | undefined) {
    this.#kept = kept;
  }

  /** Newest first. */
  get list(): readonly DeadLetter[] {
    return [...this.#letters.values()].reverse();
  }

  count(endpoint: string): number {
    let count = 0;
    for (const letter of this.#letters.values()) if (letter.endpoint === endpoint) count += 1;
    return count;
  }

  /** What is kept by now: a call that was erased has taken its own with it. Rejects where the store does not answer. */
  async refresh(): Promise<void> {
    if (this.#kept === undefined) return;
    const { store, journal } = this.#kept;
    await journal.flush();
    // What the journal could not write yet is not there to be asked for.
    if (journal.failing !== null) return;
    const before = new Set(this.#letters.keys());
    const kept = (await store.deliveries('dead')).toReversed();
    const ids = new Set(kept.map(({ deliveryId }) => deliveryId));
    for (const deliveryId of before) if (!ids.has(deliveryId)) this.#letters.delete(deliveryId);
    // What was there and is not any more was taken meanwhile.
    for (const { body: _, ...letter } of kept) {
      journal.knows(letter.deliveryId);
      if (!before.has(letter.deliveryId)) this.#letters.set(letter.deliveryId, letter);
    }
  }

  add(delivery: KeptDelivery): void {
    const { body, ...letter } = delivery;
    this.#letters.set(letter.deliveryId, letter);
    if (this.#kept !== undefined) {
      this.#kept.journal.keep(delivery);
    } else {
      this.#bodies.set(letter.deliveryId, body);
      this.#bytes += body.length;
    }
    this.#trim(letter.endpoint);
  }

  has(deliveryId: string): DeadLetter | undefined {
    return this.#letters.get(deliveryId);
  }

  /** With its body; it is no longer among the dead. `undefined` where it is not there any more. */
  async take(deliveryId: string): Promise<KeptDelivery | undefined> {
    const body = await this.#body(deliveryId);
    const letter = this.#letters.get(deliveryId);
    if (body === undefined || letter === undefined) return undefined;
    this.#drop(deliveryId);
    return { ...letter, body };
  }

  forget(callIds: ReadonlySet<string>): void {
    for (const { deliveryId, callId } of [...this.#letters.values()]) {
      if (callId !== null && callIds.has(callId)) this.#remove(deliveryId);
    }
  }

  async #body(deliveryId: string): Promise<string | undefined> {
    if (this.#kept === undefined) return this.#bodies.get(deliveryId);
    const { store, journal } = this.#kept;
    await journal.flush();
    const dead = await store.deliveries('dead');
    return dead.find((delivery) => delivery.deliveryId === deliveryId)?.body;
  }

  #trim(endpoint: string): void {
    let over = this.count(endpoint) - MOST_OF_ENDPOINT;
    for (const letter of [...this.#letters.values()]) {
      const tooMany = over > 0 && letter.endpoint === endpoint;
      if (!tooMany && this.#bytes <= MOST_BYTES) continue;
      if (tooMany) over -= 1;
      this.#remove(letter.deliveryId);
    }
  }

  #remove(deliveryId: string): void {
    this.#drop(deliveryId);
    this.#kept?.journal.remove(deliveryId);
  }

  #drop(deliveryId: string): void {
    this.#letters.delete(deliveryId);
    this.#bytes -= this.#bodies.get(deliveryId)?.length ?? 0;
    this.#bodies.delete(deliveryId);
  }
}
