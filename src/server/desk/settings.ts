import { UndertoneError } from '../../errors.ts';
import type { DeskPolicy, DeskSettings, DeskSettingsChange, ModelDescription } from '../../protocol/index.ts';
import type { Store } from '../../store/index.ts';
import type { Logger } from '../log.ts';
import { checkedPolicy, OPEN_POLICY, readPolicy } from './policy.ts';

export interface SettingsDesk {
  readonly policy: DeskPolicy;
  get(): DeskSettings;
  /** @throws UndertoneError `invalid-body`, `store-unavailable` */
  change(change: DeskSettingsChange, by: string): Promise<DeskSettings>;
}

/** What the settings tell and nobody changes while the server runs. */
export interface SettingsFacts extends Pick<DeskSettings, 'version' | 'models' | 'recording' | 'keyRequired'> {
  readonly model: ModelDescription;
  /** Asked whenever the settings are. */
  readonly store: () => DeskSettings['store'];
}

export interface SettingsOptions {
  readonly facts: SettingsFacts;
  readonly store?: Pick<Store, 'setting' | 'setSetting' | 'note'> | undefined;
  /** Until somebody changes it. */
  readonly retentionDays?: number | null | undefined;
  readonly onPolicy: () => void;
  readonly onRetention: () => void;
  readonly logger: Logger;
  /** ms since 1970. */
  readonly now: () => number;
}

const POLICY = 'policy';
const RETENTION = 'retention-days';
const MOST_DAYS = 36_500;

/** What can be changed while the server runs. It is kept in the store, or else as long as the server runs. */
export class Settings implements SettingsDesk {
  readonly #options: SettingsOptions;
  #policy = OPEN_POLICY;
  #retentionDays: number | null;
  #turn: Promise<unknown> = Promise.resolve();

  /** @throws UndertoneError `store-unavailable` */
  static async open(options: SettingsOptions): Promise<Settings> {
    const settings = new Settings(options);
    await settings.#begin();
    return settings;
  }

  private constructor(options: SettingsOptions) {
    this.#options = options;
    this.#retentionDays = options.retentionDays ?? null;
  }

  get policy(): DeskPolicy {
    return this.#policy;
  }

  get retentionDays(): number | null {
    return this.#retentionDays;
  }

  get(): DeskSettings {
    const { model, version, models, recording, keyRequired, store } = this.#options.facts;
    return {
      version,
      model,
      models,
      store: store(),
      retentionDays: this.#retentionDays,
      recording,
      keyRequired,
      policy: this.#policy,
    };
  }

  /** One change after the other: what is in force is what was kept last. */
  change(change: DeskSettingsChange, by: string): Promise<DeskSettings> {
    const turn = this.#turn.then(() => this.#change(change, by));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #change({ policy, retentionDays }: DeskSettingsChange, by: string): Promise<DeskSettings> {
    const { onPolicy, onRetention } = this.#options;
    const checked = policy && checkedPolicy(policy);
    if (retentionDays !== undefined) checkDays(retentionDays);
    if (checked !== undefined) {
      await this.#options.store?.setSetting(POLICY, JSON.stringify(checked));
      this.#policy = checked;
      onPolicy();
      await this.#note(POLICY, checked.analysedRoles.join(', ') || 'no role', by);
    }
    if (retentionDays !== undefined) {
      await this.#options.store?.setSetting(RETENTION, JSON.stringify(retentionDays));
      this.#retentionDays = retentionDays;
      onRetention();
      await this.#note(RETENTION, retentionDays === null ? 'none' : `${retentionDays} days`, by);
    }
    return this.get();
  }

  async #begin(): Promise<void> {
    const { store, logger } = this.#options;
    if (store !== undefined) this.#policy = await keptPolicy(store);
    const days = await store?.setting(RETENTION);
    if (days === undefined) return;
    const kept: unknown = days === 'null' ? null : Number(days);
    if (kept === null || isDays(kept)) this.#retentionDays = kept;
    else logger.error({}, 'the kept retention cannot be read');
  }

  async #note(action: string, subject: string, by: string): Promise<void> {
    const { store, logger, now } = this.#options;
    const at = new Date(now()).toISOString();
    // It is in force, noted or not.
    await store
      ?.note({ at, by, action, subject })
      .catch((err: unknown) => logger.warn({ err }, 'a change of the settings could not be noted'));
  }
}

/** The policy that a store keeps; the open one where it keeps none. @throws UndertoneError `store-unavailable`, `store-unreadable` */
export async function keptPolicy(store: Pick<Store, 'setting'>): Promise<DeskPolicy> {
  const kept = await store.setting(POLICY);
  if (kept === undefined) return OPEN_POLICY;
  const policy = readPolicy(kept);
  // To show what is to be withheld would be worse than to fail.
  if (policy === undefined) throw new UndertoneError('store-unreadable', { detail: 'its policy cannot be read' });
  return policy;
}

const isDays = (days: unknown): days is number =>
  typeof days === 'number' && Number.isInteger(days) && days >= 1 && days <= MOST_DAYS;

function checkDays(days: number | null): void {
  if (days === null || isDays(days)) return;
  throw new UndertoneError('invalid-body', {
    detail: `retentionDays is null or a whole number from 1 to ${MOST_DAYS}`,
  });
}
