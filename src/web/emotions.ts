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
 * without one of them. The hues are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), moved in lightness so that
 * they stay apart in the three kinds of colour blindness and stand out from the ground; the test of the palette simulates it.
 */
export const EMOTION_LOOKS: Readonly<Record<Label, EmotionLook>> = {
  anger: {
    word: 'Anger',
    letter: 'A',
    shape: 'triangle',
    light: { mark: '#c9480a', ink: '#a83a05' },
    dark: { mark: '#ff7a3d', ink: '#ff8a55' },
  },
  disgust: {
    word: 'Disgust',
    letter: 'D',
    shape: 'hexagon',
    light: { mark: '#00795a', ink: '#006b4f' },
    dark: { mark: '#1fae86', ink: '#3fc39c' },
  },
  fear: {
    word: 'Fear',
    letter: 'F',
    shape: 'diamond',
    light: { mark: '#b0569a', ink: '#93407f' },
    dark: { mark: '#e79acb', ink: '#e79acb' },
  },
  happiness: {
    word: 'Happiness',
    letter: 'H',
    shape: 'circle',
    light: { mark: '#a88600', ink: '#765e00' },
    dark: { mark: '#f2e25c', ink: '#f2e25c' },
  },
  neutral: {
    word: 'Neutral',
    letter: 'N',
    shape: 'bar',
    light: { mark: '#85888f', ink: '#5d6068' },
    dark: { mark: '#8d929b', ink: '#b0b4bb' },
  },
  sadness: {
    word: 'Sadness',
    letter: 'S',
    shape: 'drop',
    light: { mark: '#0a4f96', ink: '#0a4f96' },
    dark: { mark: '#4d8fe0', ink: '#79aaf0' },
  },
  surprise: {
    word: 'Surprise',
    letter: 'U',
    shape: 'star',
    light: { mark: '#2b8fc9', ink: '#0e6a9e' },
    dark: { mark: '#93d4fb', ink: '#93d4fb' },
  },
  unknown: {
    word: 'Unknown',
    letter: '?',
    shape: 'ring',
    light: { mark: '#85888f', ink: '#5d6068' },
    dark: { mark: '#8d929b', ink: '#b0b4bb' },
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
