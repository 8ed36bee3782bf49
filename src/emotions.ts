/** The W3C EmotionML big6 and neutral, which big6 lacks: our vocabulary. A model has some of them. */
export const EMOTIONS = ['anger', 'disgust', 'fear', 'happiness', 'neutral', 'sadness', 'surprise'] as const;
export type Emotion = (typeof EMOTIONS)[number];
