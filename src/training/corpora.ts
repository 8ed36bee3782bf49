import type { CorpusLabel } from './labels.ts';

/** What a file name says. */
export interface ClipName {
  readonly label: CorpusLabel;
  /** Within the corpus. */
  readonly speaker: string;
  readonly gender?: 'female' | 'male';
}

/** A corpus of emotional speech that is read by its official file names. */
export interface CorpusSpec {
  readonly id: string;
  readonly name: string;
  readonly licence: string;
  /** Whether the licence forbids commercial use, which then holds for models made from it unless its owner says otherwise. */
  readonly nonCommercial: boolean;
  readonly language: string;
  readonly style: string;
  /** Whether it has the speakers and sentences to claim anything about speakers not heard; if not, it is only trained with. */
  readonly testable: boolean;
  /**
   * @param stem the file's name without its extension. @param folder the name of the folder it is in.
   * @returns undefined for a file that is none of the corpus's clips.
   */
  readonly parse: (stem: string, folder: string) => ClipName | undefined;
}

type Codes = Readonly<Record<string, CorpusLabel>>;

const RAVDESS: Codes = {
  '01': 'neutral',
  '02': 'calm',
  '03': 'happiness',
  '04': 'sadness',
  '05': 'anger',
  '06': 'fear',
  '07': 'disgust',
  '08': 'surprise',
};
/** The same recording as `03-01-03-01-02-02-07`. */
const RAVDESS_DUPLICATE = '03-01-03-01-02-01-07';
const EMODB: Codes = {
  W: 'anger',
  L: 'boredom',
  E: 'disgust',
  A: 'fear',
  F: 'happiness',
  T: 'sadness',
  N: 'neutral',
};
const EMODB_MEN = ['03', '10', '11', '12', '15'];
const NEMO: Codes = {
  anger: 'anger',
  fear: 'fear',
  happiness: 'happiness',
  neutral: 'neutral',
  sadness: 'sadness',
  surprised: 'surprise',
};
const NEMO_WOMEN = ['EB0', 'IC0', 'KD0', 'MK0'];
const TESS: Codes = {
  angry: 'anger',
  disgust: 'disgust',
  fear: 'fear',
  happy: 'happiness',
  neutral: 'neutral',
  ps: 'surprise',
  sad: 'sadness',
};
const TUREV: Codes = { angry: 'anger', calm: 'calm', happy: 'happiness', sad: 'sadness' };
const SAVEE: Codes = {
  a: 'anger',
  d: 'disgust',
  f: 'fear',
  h: 'happiness',
  n: 'neutral',
  sa: 'sadness',
  su: 'surprise',
};
const EMOVO: Codes = {
  rab: 'anger',
  dis: 'disgust',
  pau: 'fear',
  gio: 'happiness',
  neu: 'neutral',
  tri: 'sadness',
  sor: 'surprise',
};
const CREMAD: Codes = {
  ANG: 'anger',
  DIS: 'disgust',
  FEA: 'fear',
  HAP: 'happiness',
  NEU: 'neutral',
  SAD: 'sadness',
};

const gendered = (label: CorpusLabel | undefined, speaker: string, female: boolean): ClipName | undefined =>
  label === undefined ? undefined : { label, speaker, gender: female ? 'female' : 'male' };

export const corpora: readonly CorpusSpec[] = [
  {
    id: 'ravdess',
    name: 'RAVDESS',
    licence: 'CC BY-NC-SA 4.0',
    nonCommercial: true,
    language: 'English',
    style: 'acted, two sentences',
    testable: true,
    // Modality 03 (audio only), vocal channel 01 (speech); actors with even numbers are women.
    parse: (stem) => {
      const match = /^03-01-(\d\d)-0[12]-0[12]-0[12]-(\d\d)$/.exec(stem);
      if (match === null || stem === RAVDESS_DUPLICATE) return undefined;
      return gendered(RAVDESS[match[1]!], match[2]!, Number(match[2]) % 2 === 0);
    },
  },
  {
    id: 'emodb',
    name: 'EmoDB',
    licence: 'CC BY 4.0',
    nonCommercial: false,
    language: 'German',
    style: 'acted, ten sentences',
    testable: true,
    parse: (stem) => {
      const match = /^(\d\d)[ab]\d\d([WLEAFTN])[a-z]?$/.exec(stem);
      return match === null ? undefined : gendered(EMODB[match[2]!], match[1]!, !EMODB_MEN.includes(match[1]!));
    },
  },
  {
    id: 'nemo',
    name: 'nEMO',
    licence: 'CC BY-NC-SA 4.0',
    nonCommercial: true,
    language: 'Polish',
    style: 'acted, ninety sentences',
    testable: true,
    parse: (stem) => {
      const match = /^([A-Z]{2}\d)_([a-z]+)_\d+$/.exec(stem);
      return match === null ? undefined : gendered(NEMO[match[2]!], match[1]!, NEMO_WOMEN.includes(match[1]!));
    },
  },
  {
    id: 'tess',
    name: 'TESS',
    licence: 'CC BY-NC-ND 4.0',
    nonCommercial: true,
    language: 'English',
    style: 'acted, one carrier phrase, two women',
    testable: false,
    // One file is OA_bite_neutral: an OAF.
    parse: (stem) => {
      const match = /^(OAF?|YAF)_[^_]+_([a-z]+)$/i.exec(stem);
      const speaker = match?.[1]?.toUpperCase() === 'YAF' ? 'YAF' : 'OAF';
      return match === null ? undefined : gendered(TESS[match[2]!.toLowerCase()], speaker, true);
    },
  },
  {
    id: 'turev',
    name: 'TurEV-DB',
    licence: 'CC BY-NC-ND 4.0',
    nonCommercial: true,
    language: 'Turkish',
    style: 'acted, single words',
    testable: false,
    parse: (stem, folder) => {
      const match = /^(\d+)_[a-z]+_/i.exec(stem);
      const label = TUREV[folder.toLowerCase()];
      return match === null || label === undefined ? undefined : { label, speaker: match[1]! };
    },
  },
  {
    id: 'savee',
    name: 'SAVEE',
    licence: 'research only',
    nonCommercial: true,
    language: 'English',
    style: 'acted, four men',
    testable: true,
    // DC_a01, or a01 in a folder DC.
    parse: (stem, folder) => {
      const match = /^(?:([A-Z]{2})_)?(sa|su|[adfhn])\d\d$/.exec(stem);
      const speaker = match?.[1] ?? (/^[A-Z]{2}$/.test(folder) ? folder : undefined);
      return match === null || speaker === undefined ? undefined : gendered(SAVEE[match[2]!], speaker, false);
    },
  },
  {
    id: 'emovo',
    name: 'EMOVO',
    licence: 'free for research',
    nonCommercial: true,
    language: 'Italian',
    style: 'acted, fourteen sentences',
    testable: true,
    parse: (stem) => {
      const match = /^([a-z]{3})-([fm]\d)-[a-z0-9]+$/.exec(stem);
      return match === null ? undefined : gendered(EMOVO[match[1]!], match[2]!, match[2]!.startsWith('f'));
    },
  },
  {
    id: 'cremad',
    name: 'CREMA-D',
    licence: 'ODbL 1.0',
    nonCommercial: false,
    language: 'English',
    style: 'acted, twelve sentences',
    testable: true,
    parse: (stem) => {
      const match = /^(\d{4})_[A-Z]{3}_([A-Z]{3})_(?:LO|MD|HI|XX|X)$/.exec(stem);
      const label = CREMAD[match?.[2] ?? ''];
      return match === null || label === undefined ? undefined : { label, speaker: match[1]! };
    },
  },
];
