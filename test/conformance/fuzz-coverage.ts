import { Session } from 'node:inspector';

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}
interface Taken {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly Range[] }[];
  }[];
}

/**
 * Which blocks of a folder's code have run, as V8 counts them. A block counts anew when it ran twice, four times, … as often as ever before
 * in one go, so that loops are seen too.
 */
export class Coverage {
  readonly #session = new Session();
  readonly #folder: string;
  readonly #seen = new Map<string, number>();

  /** @param folder what the URL of a script holds */
  constructor(folder: string) {
    this.#folder = folder;
    this.#session.connect();
    this.#post('Profiler.enable');
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Blocks that have run, ever. */
  get blocks(): number {
    return this.#seen.size;
  }

  /** Whether blocks ran since the last time that never ran, or far more often than ever. What ran is not remembered. */
  hasNews(): boolean {
    for (const { block, often } of this.#ran()) {
      const before = this.#seen.get(block);
      if (before === undefined || often > before + 3) return true;
    }
    return false;
  }

  /** How many blocks ran since the last time that never ran before, or never as often. */
  take(): number {
    let fresh = 0;
    for (const { block, often } of this.#ran()) {
      if ((this.#seen.get(block) ?? -1) >= often) continue;
      this.#seen.set(block, often);
      fresh += 1;
    }
    return fresh;
  }

  *#ran(): Generator<{ readonly block: string; readonly often: number }> {
    const { result } = this.#post('Profiler.takePreciseCoverage') as Taken;
    for (const { url, functions } of result) {
      if (!url.includes(this.#folder)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count === 0) continue;
          yield { block: `${url}:${startOffset}-${endOffset}`, often: Math.min(8, Math.floor(Math.log2(count))) };
        }
      }
    }
  }

  stop(): void {
    this.#post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }

  /** The session answers at once when it is connected to its own thread. */
  #post(method: string, parameters: object = {}): unknown {
    let answer: unknown;
    this.#session.post(method, parameters, (error, result) => {
      if (error !== null) throw error;
      answer = result;
    });
    return answer;
  }
}
