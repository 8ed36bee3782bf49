import { HopFramer } from '../audio/index.ts';
import { DescriptorExtractor, SPEECH_INPUTS, SPEECH_LAYERS, SpeechInputs } from '../features/index.ts';
import { Random } from './random.ts';
import { UNSURE } from './speech-activity.ts';
import { fitSpeechNetwork, type SpeechExamples } from './speech-descent.ts';
import { noiseScene, type Scene, type SceneSources, speechScene } from './speech-scenes.ts';

export interface SpeechTrainingOptions {
  readonly seed: number;
  readonly speechScenes: number;
  readonly noiseScenes: number;
  readonly epochs: number;
  /** Every so manieth hop is learned from: neighbours are alike. */
  readonly everyHop: number;
  readonly onProgress?: (line: string) => void;
}

export const SPEECH_TRAINING: SpeechTrainingOptions = {
  seed: 1,
  speechScenes: 1100,
  noiseScenes: 1200,
  epochs: 10,
  everyHop: 3,
};

/** Hops of recordings without any speech count this much: a window of hold music is hundreds of chances to be wrong. */
const NOISE_WEIGHT = 2.5;

/**
 * Trains the speech detector from scratch over the project's own descriptors: scenes are made from the sources, described
 * hop by hop, and the network fitted. The same sources and options give the same parameters.
 *
 * @returns the parameters, as `SpeechNetwork` lays them out
 */
export function trainSpeechDetector(sources: SceneSources, options: SpeechTrainingOptions): Float32Array {
  const random = new Random(`speech detector ${options.seed}`);
  const collector = new Collector(options.everyHop);
  const total = options.speechScenes + options.noiseScenes;
  for (let scene = 0; scene < total; scene++) {
    const withSpeech = scene < options.speechScenes;
    collector.add(
      withSpeech ? speechScene(sources, random) : noiseScene(sources, random),
      withSpeech ? 1 : NOISE_WEIGHT,
      random,
    );
    if (scene % 100 === 99) options.onProgress?.(`${scene + 1} of ${total} scenes, ${collector.count} hops`);
  }
  return fitSpeechNetwork(collector.examples(), SPEECH_LAYERS, random, {
    epochs: options.epochs,
    batch: 128,
    rate: 3e-3,
    decay: 1e-3,
    onEpoch: (epoch, loss) => options.onProgress?.(`epoch ${epoch + 1}: loss ${loss.toFixed(4)}`),
  });
}

/** Gathers every few hops of scenes as examples. */
class Collector {
  readonly #everyHop: number;
  readonly #inputs: Float32Array[] = [];
  readonly #targets: number[] = [];
  readonly #weights: number[] = [];

  constructor(everyHop: number) {
    this.#everyHop = everyHop;
  }

  get count(): number {
    return this.#targets.length;
  }

  add({ samples, activity }: Scene, weight: number, random: Random): void {
    const extractor = new DescriptorExtractor();
    const inputs = new SpeechInputs();
    const row = new Float32Array(extractor.rowLength);
    const values = new Float32Array(SPEECH_INPUTS);
    let hop = random.index(this.#everyHop) - this.#everyHop;
    let index = 0;
    new HopFramer().push(samples, (frame) => {
      extractor.describe(frame, row);
      inputs.update(row, values);
      const target = activity[index++];
      if (++hop % this.#everyHop !== 0 || target === undefined || target === UNSURE) return;
      this.#inputs.push(values.slice());
      this.#targets.push(target);
      this.#weights.push(weight);
    });
  }

  examples(): SpeechExamples {
    const inputs = new Float32Array(this.count * SPEECH_INPUTS);
    this.#inputs.forEach((values, index) => {
      inputs.set(values, index * SPEECH_INPUTS);
    });
    return { inputs, targets: Uint8Array.from(this.#targets), weights: Float32Array.from(this.#weights) };
  }
}
