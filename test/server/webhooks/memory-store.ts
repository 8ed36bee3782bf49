import type { AuditEntry } from '../../../src/protocol/index.ts';
import type { DeliveryStore } from '../../../src/server/webhooks/index.ts';
import type { KeptDelivery } from '../../../src/store/index.ts';

/** What webhooks need of a store, in memory; it may be made to fail. */
export class MemoryStore implements DeliveryStore {
  readonly kept = new Map<string, KeptDelivery>();
  readonly settings = new Map<string, string>();
  readonly notes: AuditEntry[] = [];
  failing = false;
  writes = 0;
  removals = 0;

  async keepDelivery(delivery: KeptDelivery): Promise<void> {
    await this.#work();
    this.kept.set(delivery.deliveryId, delivery);
  }

  async removeDelivery(deliveryId: string): Promise<void> {
    this.removals += 1;
    await this.#work();
    this.kept.delete(deliveryId);
  }

  async deliveries(state: 'waiting' | 'dead'): Promise<readonly KeptDelivery[]> {
    await this.#work();
    return [...this.kept.values()]
      .filter(({ nextAttemptAtMs }) => (nextAttemptAtMs === null) === (state === 'dead'))
      .sort((a, b) =>
        state === 'dead' ? b.createdAtMs - a.createdAtMs : (a.nextAttemptAtMs ?? 0) - (b.nextAttemptAtMs ?? 0),
      );
  }

  async setting(key: string): Promise<string | undefined> {
    await this.#work();
    return this.settings.get(key);
  }

  async setSetting(key: string, value: string): Promise<void> {
    await this.#work();
    this.settings.set(key, value);
  }

  async note(entry: AuditEntry): Promise<void> {
    await this.#work();
    this.notes.push(entry);
  }

  async #work(): Promise<void> {
    this.writes += 1;
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (this.failing) throw new Error('the disk is full');
  }
}
