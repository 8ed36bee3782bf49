import type { ModelManifest } from '../inference/index.ts';
import type { Beside, Calibrated, Prediction } from './signals.ts';
import type { Block } from './stage.ts';

/**
 * Logits → probabilities: softmax(logits / T), with the temperature T that the model's manifest found on held-out speakers
 * (Guo et al. 2017, "On Calibration of Modern Neural Networks").
 */
export class Calibrate implements Block<Prediction | Beside, Calibrated | Beside> {
  readonly #temperature: number;

  constructor(manifest: Pick<ModelManifest, 'calibration'>) {
    this.#temperature = manifest.calibration.temperature;
  }

  next(item: Prediction | Beside, emit: (item: Calibrated | Beside) => void): void {
    if (item.kind !== 'prediction') {
      emit(item);
      return;
    }
    emit({ kind: 'calibrated', window: item.window, raw: softmax(item.logits, this.#temperature) });
  }
}

/** softmax(logits / temperature), a new array. */
export function softmax(logits: Float32Array, temperature: number): Float32Array {
  let highest = logits[0]!;
  for (let index = 1; index < logits.length; index += 1) highest = Math.max(highest, logits[index]!);
  const weights = new Float32Array(logits.length);
  let sum = 0;
  for (let index = 0; index < logits.length; index += 1) {
    weights[index] = Math.exp((logits[index]! - highest) / temperature);
    sum += weights[index]!;
  }
  for (let index = 0; index < logits.length; index += 1) weights[index] = weights[index]! / sum;
  return weights;
}
