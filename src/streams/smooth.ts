import type { ModelManifest } from '../inference/index.ts';
import type { Beside, Calibrated, Smoothed } from './signals.ts';
import type { Block } from './stage.ts';

/**
 * A causal filter over the windows of a channel: the mean of their probabilities, weighted by the speech they hold and by
 * exp(−age / τ), age and τ in stream time. A pause thus keeps the picture, but what follows it counts the more, the
 * longer it was. Two running sums; nothing is looked up again.
 */
export class Smooth implements Block<Calibrated | Beside, Smoothed | Beside> {
  readonly #legs: Leg[] = [];
  readonly #timeConstantMs: number;

  constructor(manifest: Pick<ModelManifest, 'smoothing'>) {
    this.#timeConstantMs = manifest.smoothing.timeConstantMs;
  }

  next(item: Calibrated | Beside, emit: (item: Smoothed | Beside) => void): void {
    if (item.kind !== 'calibrated') {
      emit(item);
      return;
    }
    const { window, raw } = item;
    this.#legs[window.channel] ??= new Leg(raw.length, this.#timeConstantMs);
    const probabilities = this.#legs[window.channel]!.push(raw, window.speechRatio, window.endMs);
    emit({ kind: 'smoothed', window, raw, probabilities });
  }
}

/** So little weight that it decides only where there is nothing else: windows without speech keep their own picture. */
const LEAST_WEIGHT = 1e-6;

class Leg {
  readonly #timeConstantMs: number;
  readonly #sums: Float64Array;
  #weight = 0;
  #lastEndMs = 0;

  constructor(labels: number, timeConstantMs: number) {
    this.#sums = new Float64Array(labels);
    this.#timeConstantMs = timeConstantMs;
  }

  push(raw: Float32Array, speechRatio: number, endMs: number): Float32Array {
    const decay = this.#timeConstantMs > 0 ? Math.exp(-(endMs - this.#lastEndMs) / this.#timeConstantMs) : 0;
    this.#lastEndMs = endMs;
    const weight = Math.max(LEAST_WEIGHT, speechRatio);
    this.#weight = this.#weight * decay + weight;
    const smoothed = new Float32Array(raw.length);
    for (let label = 0; label < raw.length; label += 1) {
      this.#sums[label] = this.#sums[label]! * decay + raw[label]! * weight;
      smoothed[label] = this.#sums[label]! / this.#weight;
    }
    return smoothed;
  }
}
