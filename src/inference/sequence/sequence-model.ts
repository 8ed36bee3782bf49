import type { ModelManifest } from '../manifest.ts';
import type { SequenceSide, WindowModel } from '../model.ts';
import type { SequenceFile } from './sequence-file.ts';
import { sequenceSide } from './sequence-side.ts';

/** A model that hears hops. */
export class LoadedSequenceModel implements WindowModel {
  readonly manifest: ModelManifest;
  readonly hash: string;
  readonly runtime = 'wasm-simd';
  readonly sequence: SequenceSide;

  constructor(manifest: ModelManifest, hash: string, { shape, members }: SequenceFile) {
    this.manifest = manifest;
    this.hash = hash;
    this.sequence = sequenceSide(shape, members, manifest.normalisation);
  }

  predict(): never {
    throw new TypeError(`${this.manifest.name} hears hops, and cannot tell from functionals.`);
  }

  dispose(): void {}
}
