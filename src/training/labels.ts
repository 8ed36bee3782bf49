import { EMOTIONS, type Emotion } from '../emotions.ts';
import { UndertoneError } from '../errors.ts';

/** What corpora call their clips, spelled alike: the codes of each are in `LABEL_CODES`. */
export const CORPUS_LABELS = [...EMOTIONS, 'calm', 'boredom', 'excitement', 'frustration'] as const;
export type CorpusLabel = (typeof CORPUS_LABELS)[number];

/**
 * The classes that a classifier can be trained and measured on: our emotions, and two kinds of speech that are none of them but
 * that published protocols count (RAVDESS in eight classes, EmoDB in seven). A model that is served has emotions only.
 */
export const CLASS_LABELS = [...EMOTIONS, 'calm', 'boredom'] as const;
export type ClassLabel = (typeof CLASS_LABELS)[number];

/** The one table from a corpus's label to ours; `drop` leaves the clip out. */
export type LabelMap = Readonly<Record<CorpusLabel, ClassLabel | 'drop'>>;

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
  // As IEMOCAP in four classes is usually counted.
  excitement: 'happiness',
  frustration: 'drop',
};

/** How each corpus writes its labels in file names, folders or lists. What is not here is no label (IEMOCAP's `xxx` and `oth`). */
export const LABEL_CODES = {
  ravdess: {
    '01': 'neutral',
    '02': 'calm',
    '03': 'happiness',
    '04': 'sadness',
    '05': 'anger',
    '06': 'fear',
    '07': 'disgust',
    '08': 'surprise',
  },
  emodb: {
    W: 'anger',
    L: 'boredom',
    E: 'disgust',
    A: 'fear',
    F: 'happiness',
    T: 'sadness',
    N: 'neutral',
  },
  nemo: {
    anger: 'anger',
    fear: 'fear',
    happiness: 'happiness',
    neutral: 'neutral',
    sadness: 'sadness',
    surprised: 'surprise',
  },
  tess: {
    angry: 'anger',
    disgust: 'disgust',
    fear: 'fear',
    happy: 'happiness',
    neutral: 'neutral',
    // Pleasant surprise.
    ps: 'surprise',
    sad: 'sadness',
  },
  turev: { angry: 'anger', calm: 'calm', happy: 'happiness', sad: 'sadness' },
  savee: {
    a: 'anger',
    d: 'disgust',
    f: 'fear',
    h: 'happiness',
    n: 'neutral',
    sa: 'sadness',
    su: 'surprise',
  },
  // rabbia, disgusto, paura, gioia, neutrale, tristezza, sorpresa
  emovo: {
    rab: 'anger',
    dis: 'disgust',
    pau: 'fear',
    gio: 'happiness',
    neu: 'neutral',
    tri: 'sadness',
    sor: 'surprise',
  },
  cremad: {
    ANG: 'anger',
    DIS: 'disgust',
    FEA: 'fear',
    HAP: 'happiness',
    NEU: 'neutral',
    SAD: 'sadness',
  },
  iemocap: {
    ang: 'anger',
    dis: 'disgust',
    exc: 'excitement',
    fea: 'fear',
    fru: 'frustration',
    hap: 'happiness',
    neu: 'neutral',
    sad: 'sadness',
    sur: 'surprise',
  },
  /** Beside the labels of `CORPUS_LABELS` themselves. */
  csv: {
    afraid: 'fear',
    angry: 'anger',
    bored: 'boredom',
    disgusted: 'disgust',
    excited: 'excitement',
    fearful: 'fear',
    frustrated: 'frustration',
    happy: 'happiness',
    joy: 'happiness',
    sad: 'sadness',
    surprised: 'surprise',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, CorpusLabel>>>>;

/** The label that a corpus means by a code; undefined where it means none. */
export function labelOfCode(corpus: keyof typeof LABEL_CODES, code: string | undefined): CorpusLabel | undefined {
  const codes: Readonly<Record<string, CorpusLabel>> = LABEL_CODES[corpus];
  return code !== undefined && Object.hasOwn(codes, code) ? codes[code] : undefined;
}

/**
 * The default table with some rows changed.
 *
 * @param changes e.g. `calm=keep,boredom=drop`: a label becomes a class, is kept as a class of its own, or its clips are left out.
 * @throws `usage` for a label or class that does not exist.
 */
export function labelMap(changes = ''): LabelMap {
  const map: Record<CorpusLabel, ClassLabel | 'drop'> = { ...DEFAULT_LABELS };
  for (const change of changes.split(',').filter((part) => part.trim() !== '')) {
    const [from = '', to = ''] = change.split('=').map((part) => part.trim());
    if (!isCorpusLabel(from)) throw usage(`the label "${from}" is unknown; use one of ${CORPUS_LABELS.join(', ')}`);
    const target = to === 'keep' ? from : to;
    if (!isTarget(target)) {
      throw usage(`"${from}" cannot become "${target}"; use keep, drop or one of ${CLASS_LABELS.join(', ')}`);
    }
    map[from] = target;
  }
  return map;
}

/** Whether a class is one of our emotions, which a served model may have. */
export const isEmotion = (label: ClassLabel): label is Emotion => (EMOTIONS as readonly string[]).includes(label);

export const isCorpusLabel = (text: string): text is CorpusLabel => (CORPUS_LABELS as readonly string[]).includes(text);
const isTarget = (text: string): text is ClassLabel | 'drop' =>
  text === 'drop' || (CLASS_LABELS as readonly string[]).includes(text);
const usage = (detail: string): UndertoneError => new UndertoneError('usage', { detail: `--labels: ${detail}.` });
