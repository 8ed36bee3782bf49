import type { ModelManifest } from './manifest.ts';
import type { Listen, WindowModel } from './model.ts';
import type { HeardWindow } from './sequence/leg.ts';

export interface BatcherOptions {
  /** Windows of one model call at most; a full batch is classified at once. Default 64. */
  readonly maxBatch?: number;
  /** Called when the first window of a batch comes; it must call `run` once, later or at once. Default: never, `flush` does. */
  readonly schedule?: (run: () => void) => void;
}

/** Who waits for the model's answer to a window. */
export interface Asker {
  /** @param logits one per label; valid during the call only. */
  answered(logits: Float32Array): void;
  /** The model threw on the batch that the window was in. */
  failed(error: unknown): void;
}

/**
 * Gathers the windows that are due, of any number of streams, and puts them through the model in one call. Answers come in
 * the order in which the windows were added.
 *
 * @example
 * const batcher = new Batcher(model, { schedule: (run) => setImmediate(run) });
 * batcher.add(features, { answered: (logits) => console.log(logits), failed: (error) => console.error(error) });
 */
export class Batcher {
  readonly #model: WindowModel;
  readonly #maxBatch: number;
  readonly #schedule: (run: () => void) => void;
  readonly #features: Float32Array;
  readonly #heard: HeardWindow[] = [];
  readonly #waiting: Asker[] = [];
  #scheduled = false;

  constructor(model: WindowModel, { maxBatch = 64, schedule = () => {} }: BatcherOptions = {}) {
    this.#model = model;
    this.#maxBatch = maxBatch;
    this.#schedule = schedule;
    this.#features = new Float32Array(maxBatch * model.manifest.featureSet.length);
  }

  get manifest(): ModelManifest {
    return this.#model.manifest;
  }

  /** How the model takes in the hops of a leg; undefined where it sees functionals. */
  get listen(): Listen | undefined {
    return this.#model.sequence?.listen;
  }

  /** Windows that wait for the model. */
  get size(): number {
    return this.#waiting.length;
  }

  /**
   * @param features `featureSet.length` values, copied; none where the model hears hops
   * @param heard what it has heard, where it does
   */
  add(features: Float32Array, asker: Asker, heard?: HeardWindow): void {
    if ((heard === undefined) !== (this.#model.sequence === undefined)) {
      throw new TypeError('a window comes with what its model takes: functionals, or what was heard');
    }
    if (heard === undefined) this.#features.set(features, this.#waiting.length * features.length);
    else this.#heard.push(heard);
    this.#waiting.push(asker);
    if (this.#waiting.length >= this.#maxBatch) {
      this.flush();
    } else if (!this.#scheduled) {
      this.#scheduled = true;
      this.#schedule(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
  }

  /** Classifies what waits, now. */
  flush(): void {
    const rows = this.#waiting.length;
    if (rows === 0) return;
    const asked = this.#waiting.splice(0, rows);
    const heard = this.#heard.splice(0, rows);
    const { labels, featureSet } = this.#model.manifest;
    const { sequence } = this.#model;
    let logits: Float32Array;
    try {
      // A copy of the answers: whoever is told may add windows, and so cause the next call.
      const answers = sequence
        ? sequence.answer(heard)
        : this.#model.predict(this.#features.subarray(0, rows * featureSet.length), rows);
      logits = answers.slice();
    } catch (error) {
      for (const asker of asked) asker.failed(error);
      return;
    }
    asked.forEach((asker, row) => {
      asker.answered(logits.subarray(row * labels.length, (row + 1) * labels.length));
    });
  }
}
