import type { Store } from '../../store/index.ts';
import type { Logger } from '../log.ts';

export interface RetentionOptions {
  readonly store: Pick<Store, 'eraseBefore'>;
  /** Days that calls are kept after their end; `null`: until erased. */
  readonly days: () => number | null;
  readonly removeRecordings: (files: readonly string[]) => Promise<void>;
  /** These calls are gone. */
  readonly onErased: (callIds: readonly string[]) => void;
  readonly logger: Logger;
  /** ms since 1970. */
  readonly now: () => number;
  /** Default an hour, ms. */
  readonly everyMs?: number | undefined;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Erases calls that are older than the setting: at the start, every hour, and when the setting changes. */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #again = false;
  /** Files that could not be removed; their calls are gone. */
  #left: readonly string[] = [];
  #closed = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.run(), options.everyMs ?? HOUR_MS).unref();
    void this.run();
  }

  /** Resolves when it is done; where it goes on already, when it has been done once more. Does not reject. */
  run(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** What goes on is brought to its end. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #work(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      await this.#erase();
    }
  }

  async #erase(): Promise<void> {
    const { store, days, now, removeRecordings, onErased, logger } = this.#options;
    const kept = days();
    try {
      if (kept !== null) {
        const { callIds, recordings } = await store.eraseBefore(now() - kept * DAY_MS);
        this.#left = [...this.#left, ...recordings];
        if (callIds.length > 0) onErased(callIds);
        if (callIds.length > 0)
          logger.info({ calls: callIds.length, recordings: recordings.length }, 'old calls erased');
      }
      if (this.#left.length > 0) await removeRecordings(this.#left);
      this.#left = [];
    } catch (err) {
      logger.error({ err }, 'old calls could not be erased; another attempt follows within the hour');
    }
  }
}
