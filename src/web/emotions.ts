import type { Emotion } from '../emotions.ts';
import type { UnknownReason } from '../protocol/index.ts';

/** What a leg or a window may be labelled. */
export type Label = Emotion | 'unknown';

/** `mark`: of shapes and lines, 3:1 on every ground of the page at least; `ink`: of words, 4.5:1 at least. */
interface Colours {
  readonly mark: string;
  readonly ink: string;
}

export type Shape = 'triangle' | 'drop' | 'diamond' | 'circle' | 'bar' | 'hexagon' | 'star' | 'ring';

export interface EmotionLook {
  /** As it is shown. */
  readonly word: string;
  /** Where there is room for one letter only; no two are the same. */
  readonly letter: string;
  readonly shape: Shape;
  readonly light: Colours;
  readonly dark: Colours;
}

/**
 * How the emotions look. Every one has a shape, a letter and a word besides its colour, and the page never shows the colour
 * without one of them. The hues are about those of Okabe and Ito (https://jfly.uni-koeln.de/color/); from there each theme's
 * were searched for the largest smallest difference (CIEDE2000) of any two, over normal vision and the three kinds of colour
 * blindness: 13.9 in light, 15.5 in dark. The test of the palette simulates it.
 */
export const EMOTION_LOOKS: Readonly<Record<Label, EmotionLook>> = {
  anger: {
    word: 'Anger',
    letter: 'A',
    shape: 'triangle',
    light: { mark: '#a83e0d', ink: '#a03a0b' },
    dark: { mark: '#fb6e00', ink: '#ff8a3d' },
  },
  disgust: {
    word: 'Disgust',
    letter: 'D',
    shape: 'hexagon',
    light: { mark: '#286a52', ink: '#286a52' },
    dark: { mark: '#54b77a', ink: '#54b77a' },
  },
  fear: {
    word: 'Fear',
    letter: 'F',
    shape: 'diamond',
    light: { mark: '#995786', ink: '#8c4a7a' },
    dark: { mark: '#e99ab9', ink: '#e99ab9' },
  },
  happiness: {
    word: 'Happiness',
    letter: 'H',
    shape: 'circle',
    light: { mark: '#b68404', ink: '#775700' },
    dark: { mark: '#f4ec81', ink: '#f4ec81' },
  },
  neutral: {
    word: 'Neutral',
    letter: 'N',
    shape: 'bar',
    light: { mark: '#8c8c8c', ink: '#5d6068' },
    dark: { mark: '#808080', ink: '#b0b4bb' },
  },
  sadness: {
    word: 'Sadness',
    letter: 'S',
    shape: 'drop',
    light: { mark: '#2030b3', ink: '#2030b3' },
    dark: { mark: '#597cd3', ink: '#8da6ea' },
  },
  surprise: {
    word: 'Surprise',
    letter: 'U',
    shape: 'star',
    light: { mark: '#508dd3', ink: '#1f62a3' },
    dark: { mark: '#b1eafe', ink: '#b1eafe' },
  },
  unknown: {
    word: 'Unknown',
    letter: '?',
    shape: 'ring',
    light: { mark: '#8c8c8c', ink: '#5d6068' },
    dark: { mark: '#808080', ink: '#b0b4bb' },
  },
};

/** Why there is no label, in a word and in a sentence. */
export const UNKNOWN_LOOKS: Readonly<
  Record<UnknownReason | 'withheld' | 'none', { readonly word: string; readonly sentence: string }>
> = {
  silence: { word: 'Silence', sentence: 'Not enough speech in the last window to label.' },
  noise: { word: 'Noise', sentence: 'Too noisy to hear a voice well enough to label.' },
  'low-confidence': { word: 'Unsure', sentence: 'No emotion is probable enough to name one.' },
  withheld: {
    word: 'Not analysed',
    sentence: 'By policy the emotions of this side are not shown; talk and silence are.',
  },
  none: { word: 'Listening', sentence: 'No window is complete yet.' },
};

/** Under this confidence a label is shown faded and with a question mark. */
export const LOW_CONFIDENCE = 0.5;

/** The custom property with the colour of shapes; with `-ink` behind it that of words. */
export const emotionVariable = (label: string): string => `--emotion-${label}`;

/** For a canvas, which knows no custom properties. */
export const emotionColour = (label: Label, dark: boolean): string =>
  EMOTION_LOOKS[label][dark ? 'dark' : 'light'].mark;
