import { UndertoneError } from '../errors.ts';
import type { Clock } from './clock.ts';
import { byUrgency, Overload, REFUSING, stretchOf } from './overload.ts';
import type { Registry } from './registry.ts';

export interface OverloadWatchOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly budgetMs: number;
  /** The greatest lag of the analysis since the last look, ms. */
  readonly takeLagMs: () => number;
  readonly onLevel: (level: number, lagMs: number) => void;
}

const LOOK_MS = 500;
/** What a client is told to wait: how long the level takes to fall. */
const RETRY_SECONDS = 5;

/** Measures the lag of a server, and does what its overload asks for. */
export class OverloadWatch {
  readonly #options: OverloadWatchOptions;
  readonly #overload: Overload;
  #lagMs = 0;
  #expectedAtMs: number;
  #callOff: () => void = () => {};

  constructor(options: OverloadWatchOptions) {
    this.#options = options;
    this.#overload = new Overload(options.budgetMs);
    this.#expectedAtMs = 0;
    this.#wait();
  }

  get level(): number {
    return this.#overload.level;
  }

  /** Audio of a live stream waited so long in this thread, ms. */
  lag(ms: number): void {
    if (ms > this.#lagMs) this.#lagMs = ms;
  }

  /** @throws UndertoneError `overloaded` where no new stream may be opened now */
  admit(): void {
    if (this.level >= REFUSING) throw new UndertoneError('overloaded', { seconds: RETRY_SECONDS });
  }

  close(): void {
    this.#callOff();
  }

  #wait(): void {
    const { clock } = this.#options;
    this.#expectedAtMs = clock.now() + LOOK_MS;
    this.#callOff = clock.after(LOOK_MS, () => this.#look());
  }

  #look(): void {
    const { clock, takeLagMs, onLevel } = this.#options;
    // A look that comes late: so long nothing else was done by this thread either.
    const lateMs = clock.now() - this.#expectedAtMs;
    const lagMs = Math.max(lateMs, this.#lagMs, takeLagMs());
    this.#lagMs = 0;
    const before = this.level;
    const level = this.#overload.look(lagMs);
    if (level !== before) onLevel(level, lagMs);
    if (level > 0 || before > 0) this.#stretch(level);
    this.#wait();
  }

  /** Recordings are left as they are: they wait for those that are live, and their result is that of every other run. */
  #stretch(level: number): void {
    const { running } = this.#options.registry;
    const streams = (level === 0 ? running : running.filter((stream) => !stream.ahead)).map((stream) => ({
      stream,
      followed: stream.hub.followers > 1,
      stepMs: stream.settings.analysis.stepMs,
    }));
    streams.sort(byUrgency);
    streams.forEach(({ stream }, index) => {
      stream.stretch(stretchOf(level, index, streams.length));
    });
  }
}
