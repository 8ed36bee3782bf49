import type { ModelManifest } from '../manifest.ts';
import type { HearingGrid, SequenceSide, WindowModel } from '../model.ts';
import { type HeardWindow, LegState } from './leg.ts';
import { SequenceNetwork } from './network.ts';
import { InputNormalisation } from './normaliser.ts';
import type { SequenceFile } from './sequence-file.ts';

/** A model that hears hops, with the state of each leg in its ear. */
export class LoadedSequenceModel implements WindowModel {
  readonly manifest: ModelManifest;
  readonly hash: string;
  readonly runtime = 'wasm-simd';
  readonly sequence: SequenceSide;
  readonly #network: SequenceNetwork;
  readonly #inputs: InputNormalisation;
  #logits = new Float32Array(0);

  constructor(manifest: ModelManifest, hash: string, { shape, weights }: SequenceFile) {
    this.manifest = manifest;
    this.hash = hash;
    this.#network = new SequenceNetwork(shape, weights);
    this.#inputs = new InputNormalisation(shape.inputs, manifest.normalisation);
    this.sequence = { listen: (grid) => this.#listen(grid), answer: (windows) => this.#answer(windows) };
  }

  predict(): never {
    throw new TypeError(`${this.manifest.name} hears hops, and cannot tell from functionals.`);
  }

  dispose(): void {}

  #listen(grid: HearingGrid): LegState {
    return new LegState(this.#network.shape, this.#inputs, grid, (leg) => this.#network.settle(leg));
  }

  #answer(windows: readonly HeardWindow[]): Float32Array {
    const length = windows.length * this.#network.shape.classes;
    if (this.#logits.length < length) this.#logits = new Float32Array(length);
    this.#network.answer(windows, this.#logits);
    return this.#logits.subarray(0, length);
  }
}
