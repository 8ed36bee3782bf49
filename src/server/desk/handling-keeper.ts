import { asUndertoneError, UndertoneError } from '../../errors.ts';
import type { AlertHandling } from '../../protocol/index.ts';
import type { Store } from '../../store/index.ts';
import type { Logger } from '../log.ts';

export interface HandlingKeeperOptions {
  readonly store: Pick<Store, 'handleAlert'>;
  /** Whether all that has happened so far is in the store, within so many ms. */
  readonly flush: (limitMs: number) => Promise<boolean>;
  readonly onLost: (error: unknown) => void;
  /** Between two attempts, ms; default 1,000. */
  readonly everyMs?: number;
}

/** Whoever did something with an alert waits that long for the store, ms; then it is kept behind them. */
const PATIENCE_MS = 2_000;
/** What waits for the store at most. */
const MOST = 10_000;
/** The store answers, and does not know the alert: its event was dropped, or its call erased. */
const GIVE_UP_AFTER = 30;

interface Waiting {
  readonly alertId: string;
  readonly handling: AlertHandling;
  attempts: number;
  readonly settled: () => void;
}

/** Brings what was done with alerts to the store, in order, though the store may not have the alert yet, or not answer. */
export class HandlingKeeper {
  readonly #options: HandlingKeeperOptions;
  #waiting: Waiting[] = [];
  #working = false;
  #timer: NodeJS.Timeout | undefined;
  #onEmpty: (() => void) | undefined;
  #closed = false;

  constructor(options: HandlingKeeperOptions) {
    this.#options = options;
  }

  /** Resolves when it is kept, or after 2 s. */
  keep(alertId: string, handling: AlertHandling): Promise<void> {
    if (this.#closed || this.#waiting.length >= MOST) {
      this.#options.onLost(new UndertoneError('store-unavailable', { detail: 'too much waits for it' }));
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const patience = setTimeout(resolve, PATIENCE_MS);
      const settled = (): void => {
        clearTimeout(patience);
        resolve();
      };
      this.#waiting.push({ alertId, handling, attempts: 0, settled });
      if (this.#timer === undefined) void this.#work();
    });
  }

  /** Tries what waits once more, and tells of the rest that it is lost. */
  async close(limitMs: number): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#waiting.length > 0) {
      const empty = new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
      void this.#work();
      const limit = new Promise<void>((resolve) => setTimeout(resolve, limitMs).unref());
      await Promise.race([empty, limit]);
    }
    for (const { settled } of this.#waiting.splice(0)) {
      this.#options.onLost(new UndertoneError('store-unavailable', { detail: 'the server has ended' }));
      settled();
    }
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    this.#timer = undefined;
    const tried = new Set(this.#waiting);
    // What is done with an alert while one before it waits, waits too.
    const stuck = new Set<string>();
    for (const waiting of tried) {
      if (stuck.has(waiting.alertId)) continue;
      const outcome = await this.#attempt(waiting);
      // The others would not fare better.
      if (outcome === 'no store') break;
      if (outcome === 'later') stuck.add(waiting.alertId);
    }
    this.#working = false;
    if (this.#waiting.length === 0 || this.#closed) this.#onEmpty?.();
    else if (stuck.size === 0 && this.#waiting.every((waiting) => !tried.has(waiting))) void this.#work();
    else this.#timer = setTimeout(() => void this.#work(), this.#options.everyMs ?? 1_000).unref();
  }

  async #attempt(waiting: Waiting): Promise<'done' | 'later' | 'no store'> {
    const { store, flush, onLost } = this.#options;
    const { alertId, handling } = waiting;
    try {
      // The store may not have the alert yet.
      if (!(await this.#kept(alertId, handling))) {
        await flush(PATIENCE_MS);
        await store.handleAlert(alertId, handling);
      }
    } catch (error) {
      const { code } = asUndertoneError(error);
      if (code === 'store-unavailable') return 'no store';
      waiting.attempts += 1;
      if (waiting.attempts < GIVE_UP_AFTER) return 'later';
      onLost(error);
    }
    this.#waiting = this.#waiting.filter((other) => other !== waiting);
    waiting.settled();
    return 'done';
  }

  async #kept(alertId: string, handling: AlertHandling): Promise<boolean> {
    try {
      await this.#options.store.handleAlert(alertId, handling);
      return true;
    } catch (error) {
      if (asUndertoneError(error).code === 'not-found') return false;
      throw error;
    }
  }
}

/** Logs that something could not be kept, without its alert: that has the id of its stream, which may be a caller's number. */
export function tellLost(logger: Pick<Logger, 'error'>): (thrown: unknown) => void {
  return (thrown) => {
    const { code, cause } = asUndertoneError(thrown);
    const why = code === 'internal' ? { code, err: cause } : { code };
    logger.error(why, 'what was done with an alert could not be kept');
  };
}
