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
  #writing: Promise<void> | undefined;
  #failing: string | null = null;
  #retry: (() => void) | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  get failing(): string | null {
    return this.#failing;
  }

  keep(delivery: KeptDelivery): void {
    this.#put(delivery.deliveryId, delivery);
  }

  remove(deliveryId: string): void {
    this.#put(deliveryId, undefined);
  }

  /** Resolves once all is written that can be. */
  async flush(): Promise<void> {
    this.#retry?.();
    this.#retry = undefined;
    await (this.#writing ?? this.#start());
  }

  #put(deliveryId: string, delivery: KeptDelivery | undefined): void {
    // Behind those that wait already: the map keeps the order of first entry.
    this.#waiting.delete(deliveryId);
    this.#waiting.set(deliveryId, delivery);
    if (this.#retry === undefined) void (this.#writing ?? this.#start());
  }

  #start(): Promise<void> {
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    const { store, clock } = this.#options;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const [deliveryId, delivery] = next;
      try {
        if (delivery === undefined) await store.removeDelivery(deliveryId);
        else await store.keepDelivery(delivery);
        this.#became(null);
      } catch (error) {
        if (!this.#waiting.has(deliveryId)) this.#waiting.set(deliveryId, delivery);
        this.#became(error instanceof Error ? error.message : 'unknown');
        this.#retry = clock.after(RETRY_MS, () => {
          this.#retry = undefined;
          void (this.#writing ?? this.#start());
        });
        return;
      }
    }
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
