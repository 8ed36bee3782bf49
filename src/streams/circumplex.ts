import type { Emotion } from '../emotions.ts';

/**
 * Where the emotions stand on the plane of valence (−1 unpleasant, 1 pleasant) and arousal (−1 calm, 1 excited). The
 * quadrants and the order are those of Russell 1980, "A circumplex model of affect"; the magnitudes are ours, on the plane
 * that speech uses, with neutral at the origin. They are a convention, not a measurement.
 */
const PLACES: Readonly<Record<Emotion, { readonly valence: number; readonly arousal: number }>> = {
  anger: { valence: -0.7, arousal: 0.8 },
  disgust: { valence: -0.7, arousal: 0.2 },
  fear: { valence: -0.6, arousal: 0.7 },
  happiness: { valence: 0.8, arousal: 0.6 },
  neutral: { valence: 0, arousal: 0 },
  sadness: { valence: -0.6, arousal: -0.6 },
  surprise: { valence: 0.2, arousal: 0.8 },
};

/** The expected place under the probabilities of the labels: Σ p · place. Both in [−1, 1]. */
export function placeOf(
  labels: readonly Emotion[],
  probabilities: Float32Array,
): { readonly valence: number; readonly arousal: number } {
  let valence = 0;
  let arousal = 0;
  labels.forEach((label, index) => {
    valence += probabilities[index]! * PLACES[label].valence;
    arousal += probabilities[index]! * PLACES[label].arousal;
  });
  return { valence, arousal };
}
