import { SPEECH_INPUTS, SpeechInputs } from './speech-inputs.ts';
import { speechLogit } from './speech-logit.ts';
import { type SpeechLayers, SpeechNetwork } from './speech-network.ts';
import { speechParameters } from './speech-weights.ts';

export const SPEECH_LAYERS: SpeechLayers = { inputs: SPEECH_INPUTS, hidden: 22, second: 8 };

/** One network for all detectors: a hop is done before the next begins. */
const logitOf = speechLogit(new SpeechNetwork(SPEECH_LAYERS, Float32Array.from(speechParameters)));
const inputs = new Float32Array(SPEECH_INPUTS);

/** Share of a new logit in the smoothed one: rises within about 30 ms, falls within about 100 ms (hang-over). */
const RISE = 0.3;
const FALL = 0.1;
/** Held so, because a certain noise must not take seconds to unlearn. */
const LOGIT_LIMIT = 5;

/** What determines the detector's values, for the hash of the feature set. */
export const speechDeterminants = { SPEECH_LAYERS, RISE, FALL, LOGIT_LIMIT, speechParameters } as const;

/**
 * The probability that a hop holds speech, from the other descriptors of its row.
 *
 * A small perceptron (`SpeechNetwork`) over what the row and the seconds before it show (`SpeechInputs`), its log odds
 * smoothed with a hang-over, so that the gaps inside words stay speech and a click is none. Causal, about 3 µs a hop,
 * blind to the gain. Trained on acted speech, clean and in noise, and on noise, tones and music; `scripts/train-speech.ts`
 * makes the weights, `scripts/measure-speech.ts` measures them.
 *
 * @example
 * const detector = new SpeechDetector();
 * row[descriptorIndex('speech')] = detector.update(row); // 0 to 1
 */
export class SpeechDetector {
  readonly #inputs = new SpeechInputs();
  #logit = -LOGIT_LIMIT;

  /** @param row the hop's descriptors; `speech` itself is not read */
  update(row: Float32Array): number {
    this.#inputs.update(row, inputs);
    const logit = Math.min(LOGIT_LIMIT, Math.max(-LOGIT_LIMIT, logitOf(inputs)));
    this.#logit += (logit > this.#logit ? RISE : FALL) * (logit - this.#logit);
    return 1 / (1 + Math.exp(-this.#logit));
  }
}
