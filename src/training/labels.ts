import { EMOTIONS, type Emotion } from '../emotions.ts';
import { UndertoneError } from '../errors.ts';

/** What corpora call their clips, spelled alike; codes and abbreviations are read by each corpus's loader. */
export const CORPUS_LABELS = [...EMOTIONS, 'calm', 'boredom', 'excitement', 'frustration'] as const;
export type CorpusLabel = (typeof CORPUS_LABELS)[number];

/**
 * The classes that a classifier can be trained and measured on: our emotions, and two kinds of speech that are none of them but
 * that published protocols count (RAVDESS in eight classes, EmoDB in seven). A model that is served has emotions only.
 */
export const CLASS_LABELS = [...EMOTIONS, 'calm', 'boredom'] as const;
export type ClassLabel = (typeof CLASS_LABELS)[number];

/** The one table from a corpus's label to ours; `drop` leaves the clip out. */
export type LabelMap = Readonly<Record<CorpusLabel, Emotion | 'drop'>>;

export const DEFAULT_LABELS: LabelMap = {
  anger: 'anger',
  disgust: 'disgust',
  fear: 'fear',
  happiness: 'happiness',
  neutral: 'neutral',
  sadness: 'sadness',
  surprise: 'surprise',
  // Listeners tell RAVDESS's calm from its neutral little better than by chance; a caller's calm is neutral.
  calm: 'neutral',
  // Only EmoDB has it, ten speakers.
  boredom: 'drop',
  excitement: 'happiness',
  frustration: 'drop',
};

/**
 * The default table with some rows changed.
 *
 * @param changes e.g. `calm=drop,boredom=neutral`.
 * @throws `usage` for a label or emotion that does not exist.
 */
export function labelMap(changes = ''): LabelMap {
  const map: Record<CorpusLabel, Emotion | 'drop'> = { ...DEFAULT_LABELS };
  for (const change of changes.split(',').filter((part) => part.trim() !== '')) {
    const [from = '', to = ''] = change.split('=').map((part) => part.trim());
    if (!isCorpusLabel(from)) throw usage(`the label "${from}" is unknown; use one of ${CORPUS_LABELS.join(', ')}`);
    if (!isTarget(to)) throw usage(`"${from}" cannot become "${to}"; use drop or one of ${EMOTIONS.join(', ')}`);
    map[from] = to;
  }
  return map;
}

const isCorpusLabel = (text: string): text is CorpusLabel => (CORPUS_LABELS as readonly string[]).includes(text);
const isTarget = (text: string): text is Emotion | 'drop' =>
  text === 'drop' || (EMOTIONS as readonly string[]).includes(text);
const usage = (detail: string): UndertoneError => new UndertoneError('usage', { detail: `--labels: ${detail}.` });
