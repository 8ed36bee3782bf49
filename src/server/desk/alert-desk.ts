import { UndertoneError } from '../../errors.ts';
import { type AlertHandling, type AlertRequest, type CallAlert, excerpt, type Role } from '../../protocol/index.ts';
import type { Store } from '../../store/index.ts';
import type { AlertBook } from './alert-book.ts';
import { changesAlert, handlingOf } from './handle-alert.ts';
import { HandlingKeeper } from './handling-keeper.ts';
import { isAlertSeen } from './withhold-answers.ts';

export interface AlertDesk {
  /** @throws UndertoneError `unknown-alert`, `invalid-body`, `conflict` where another has taken it, `store-unavailable` */
  handle(alertId: string, request: AlertRequest): Promise<CallAlert>;
  get(alertId: string): Promise<CallAlert | undefined>;
}

export interface AlertsOptions {
  readonly book: AlertBook;
  readonly store?: Pick<Store, 'alert' | 'handleAlert' | 'summary'> | undefined;
  /** Whether all that has happened so far is in the store, within so many ms. */
  readonly flush: (limitMs: number) => Promise<boolean>;
  /** Roles that the policy withholds: an alert on their emotions is none. */
  readonly withheld: () => readonly Role[];
  /** ms since 1970. */
  readonly now: () => number;
  /** How an alert stands has changed. */
  readonly onHandled: (alert: CallAlert, handling: AlertHandling) => void;
  /** What was done with an alert could not be kept. */
  readonly onLost: (error: unknown) => void;
}

/**
 * What supervisors do with alerts. With those of live calls, and of calls that ended lately, it is done at once, and kept as soon as the store
 * has the alert; with older ones it is done in the store.
 */
export class Alerts implements AlertDesk {
  readonly #options: AlertsOptions;
  readonly #keeper: HandlingKeeper | undefined;
  /** The last request for each alert, so that one comes after the other. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: AlertsOptions) {
    this.#options = options;
    const { store, flush, onLost } = options;
    this.#keeper = store && new HandlingKeeper({ store, flush, onLost });
  }

  async get(alertId: string): Promise<CallAlert | undefined> {
    const alert = this.#options.book.get(alertId) ?? (await this.#options.store?.alert(alertId));
    return alert !== undefined && (await this.#isSeen(alert)) ? alert : undefined;
  }

  handle(alertId: string, request: AlertRequest): Promise<CallAlert> {
    const before = this.#turns.get(alertId) ?? Promise.resolve();
    const turn = before.catch(() => {}).then(() => this.#handle(alertId, request));
    this.#turns.set(alertId, turn);
    const done = (): void => {
      if (this.#turns.get(alertId) === turn) this.#turns.delete(alertId);
    };
    turn.then(done, done);
    return turn;
  }

  /** Keeps what is not kept yet, for `limitMs` at most. */
  async close(limitMs: number): Promise<void> {
    await this.#keeper?.close(limitMs);
  }

  /** Whether the policy withholds nothing that the alert stood on. */
  async #isSeen(alert: CallAlert): Promise<boolean> {
    const { book, store, withheld } = this.#options;
    const roles = withheld();
    if (roles.length === 0) return true;
    const { alertId, callId, streamId } = alert;
    const channels = book.channelsOf(alertId)?.map(({ role }, channel) => ({ streamId, channel, role }));
    return isAlertSeen(alert, channels ?? (await store?.summary(callId))?.legs ?? [], roles);
  }

  async #handle(alertId: string, request: AlertRequest): Promise<CallAlert> {
    const { book, now, store, onHandled } = this.#options;
    const handling = handlingOf(request, now());
    const alert = await this.get(alertId);
    if (alert === undefined) throw unknown(alertId);
    if (!changesAlert(alert, handling)) return alert;
    const handled = book.handle(alertId, handling);
    if (handled === undefined) {
      // It was forgotten meanwhile.
      if (store === undefined) throw unknown(alertId);
      const kept = await store.handleAlert(alertId, handling);
      onHandled(kept, handling);
      return kept;
    }
    onHandled(handled, handling);
    await this.#keeper?.keep(alertId, handling);
    return handled;
  }
}

const unknown = (alertId: string): UndertoneError => new UndertoneError('unknown-alert', { alertId: excerpt(alertId) });
