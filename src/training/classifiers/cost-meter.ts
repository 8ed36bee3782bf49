import type { FittedClassifier, TrainableClassifier } from './classifier.ts';

/** What a classifier took. Processor time of all threads, which other programs on the machine do not add to as they do to time by the clock. */
export interface ClassifierCost {
  /** Choosing settings included. */
  readonly trainingCpuSeconds: number;
  /** Mean of the windows that were scored, in batches. */
  readonly predictionMicroseconds: number;
}

/** Measures what a classifier and those that it trains take. */
export class CostMeter {
  readonly #clock: () => number;
  #training = 0;
  #prediction = 0;
  #rows = 0;

  /** @param clock µs that the processor has worked. */
  constructor(clock: () => number = cpuMicroseconds) {
    this.#clock = clock;
  }

  /** The same classifier, measured. */
  on<Row>(classifier: TrainableClassifier<Row>): TrainableClassifier<Row> {
    return {
      ...classifier,
      fit: async (rows, labels, options) => {
        const began = this.#clock();
        const fitted = await classifier.fit(rows, labels, options);
        this.#training += this.#clock() - began;
        return this.#onFitted(fitted);
      },
    };
  }

  #onFitted<Row>(fitted: FittedClassifier<Row>): FittedClassifier<Row> {
    return {
      ...fitted,
      predict: (rows) => {
        const began = this.#clock();
        const scores = fitted.predict(rows);
        this.#prediction += this.#clock() - began;
        this.#rows += rows.length;
        return scores;
      },
    };
  }

  /** What it took since this was asked last. */
  take(): ClassifierCost {
    const cost = {
      trainingCpuSeconds: this.#training / 1e6,
      predictionMicroseconds: this.#prediction / Math.max(1, this.#rows),
    };
    this.#training = 0;
    this.#prediction = 0;
    this.#rows = 0;
    return cost;
  }
}

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
