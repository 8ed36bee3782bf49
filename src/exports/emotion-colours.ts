import type { Emotion } from '../emotions.ts';

/**
 * Colours of the emotions in figures: Okabe and Ito's palette, which stays apart in the common kinds of colour blindness
 * (https://jfly.uni-koeln.de/color/), with grey for neutral. Every colour has its word beside it all the same.
 */
export const EMOTION_COLOURS: Readonly<Record<Emotion, string>> = {
  anger: '#D55E00',
  disgust: '#009E73',
  fear: '#CC79A7',
  happiness: '#F0E442',
  neutral: '#B8BDC4',
  sadness: '#0072B2',
  surprise: '#56B4E9',
};

/** The order of stacked areas: neutral lies at the bottom, so that what departs from it rises. */
export const STACK_ORDER: readonly Emotion[] = [
  'neutral',
  'sadness',
  'fear',
  'disgust',
  'surprise',
  'happiness',
  'anger',
];
