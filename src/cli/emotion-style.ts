import type { Colors } from 'picocolors/types.js';
import type { Emotion } from '../emotions.ts';

/** A text in an emotion's terminal colour. */
export function paintEmotion(colours: Colors, label: Emotion | 'unknown', text: string): string {
  switch (label) {
    case 'anger':
      return colours.red(text);
    case 'disgust':
      return colours.green(text);
    case 'fear':
      return colours.magenta(text);
    case 'happiness':
      return colours.yellow(text);
    case 'neutral':
      return text;
    case 'sadness':
      return colours.blue(text);
    case 'surprise':
      return colours.cyan(text);
    case 'unknown':
      return colours.dim(text);
  }
}
