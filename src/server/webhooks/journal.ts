import type { KeptDelivery } from '../../store/index.ts';
import type { Clock } from '../clock.ts';
import type { DeliveryStore } from './types.ts';

export interface JournalOptions {
  readonly store: DeliveryStore;
  readonly clock: Clock;
  /** The store has begun to fail, or has recovered. */
  readonly onChange: (failing: string | null) => void;
}

const RETRY_MS = 5_000;

/**
 * What the store is to know of messages: of each one only the latest, written one after the other. A store that fails holds up
 * nobody; it is asked again, and what waits for it is no more than one entry a message.
 */
export class Journal {
  readonly #options: JournalOptions;
  /** By delivery id; `undefined`: to be removed. */
  readonly #waiting = new Map<string, KeptDelivery | undefined>();
  /** Ids that the store may have. */
  readonly #stored = new Set<string>();
  #active = false;
  #writing: Promise<void> = Promise.resolve();
  #failing: string | null = null;
  #retry: (() => void) | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  get failing(): string | null {
    return this.#failing;
  }

  /** The store has it already. */
  knows(deliveryId: string): void {
    this.#stored.add(deliveryId);
  }

  keep(delivery: KeptDelivery): void {
    this.#waiting.delete(delivery.deliveryId);
    this.#waiting.set(delivery.deliveryId, delivery);
    this.#wake();
  }

  /** What the store never had is forgotten here: while it fails, what was taken leaves nothing behind. */
  remove(deliveryId: string): void {
    this.#waiting.delete(deliveryId);
    if (!this.#stored.has(deliveryId)) return;
    this.#waiting.set(deliveryId, undefined);
    this.#wake();
  }

  /** Resolves once all is written that can be. */
  async flush(): Promise<void> {
    this.#retry?.();
    this.#retry = undefined;
    this.#wake();
    await this.#writing;
  }

  #wake(): void {
    if (this.#active || this.#retry !== undefined) return;
    this.#active = true;
    this.#writing = this.#write();
  }

  /** Never rejects. Whatever is put while it is active is written by it. */
  async #write(): Promise<void> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const [deliveryId, delivery] = next;
      try {
        await this.#writeOne(deliveryId, delivery);
        this.#became(null);
      } catch (error) {
        this.#again(deliveryId, delivery);
        this.#became(error instanceof Error ? error.message : 'unknown');
        break;
      }
    }
    this.#active = false;
  }

  async #writeOne(deliveryId: string, delivery: KeptDelivery | undefined): Promise<void> {
    const { store } = this.#options;
    if (delivery === undefined) {
      await store.removeDelivery(deliveryId);
      // It may have been kept anew meanwhile.
      if (this.#waiting.get(deliveryId) === undefined) this.#stored.delete(deliveryId);
    } else {
      this.#stored.add(deliveryId);
      await store.keepDelivery(delivery);
    }
  }

  /** Puts back what could not be written, unless there is something newer of it, and tries again later. */
  #again(deliveryId: string, delivery: KeptDelivery | undefined): void {
    if (!this.#waiting.has(deliveryId)) this.#waiting.set(deliveryId, delivery);
    this.#retry = this.#options.clock.after(RETRY_MS, () => {
      this.#retry = undefined;
      this.#wake();
    });
  }

  #next(): [string, KeptDelivery | undefined] | undefined {
    for (const entry of this.#waiting) {
      this.#waiting.delete(entry[0]);
      return entry;
    }
    return undefined;
  }

  #became(failing: string | null): void {
    if (this.#failing === failing) return;
    this.#failing = failing;
    this.#options.onChange(failing);
  }
}
