import { type CorpusLabel, labelOfCode } from '../labels.ts';
import type { ReadName } from './files.ts';
import type { ClipName } from './found-clip.ts';

/** Stems of RAVDESS that are a recording under a second name: they are left out. */
export const RAVDESS_TWICE: Readonly<Record<string, string>> = { '03-01-03-01-02-01-07': '03-01-03-01-02-02-07' };
const EMODB_MEN = ['03', '10', '11', '12', '15'];
const NEMO_WOMEN = ['EB0', 'IC0', 'KD0', 'MK0'];

/** The official file names of corpora, by corpus. */
export const readName = {
  // Modality 03 (audio only), vocal channel 01 (speech); actors with even numbers are women.
  ravdess: (stem) => {
    const match = /^03-01-(\d\d)-0[12]-0[12]-0[12]-(\d\d)$/.exec(stem);
    if (match === null || Object.hasOwn(RAVDESS_TWICE, stem)) return undefined;
    return gendered(labelOfCode('ravdess', match[1]), match[2]!, Number(match[2]) % 2 === 0);
  },
  // Speaker, text, emotion, version.
  emodb: (stem) => {
    const match = /^(\d\d)[ab]\d\d([A-Z])[a-z]?$/.exec(stem);
    if (match === null) return undefined;
    return gendered(labelOfCode('emodb', match[2]), match[1]!, !EMODB_MEN.includes(match[1]!));
  },
  nemo: (stem) => {
    const match = /^([A-Z]{2}\d)_([a-z]+)_\d+$/.exec(stem);
    if (match === null) return undefined;
    return gendered(labelOfCode('nemo', match[2]), match[1]!, NEMO_WOMEN.includes(match[1]!));
  },
  // One file is OA_bite_neutral: an OAF.
  tess: (stem) => {
    const match = /^(OAF?|YAF)_[^_]+_([a-z]+)$/i.exec(stem);
    const speaker = match?.[1]?.toUpperCase() === 'YAF' ? 'YAF' : 'OAF';
    return gendered(labelOfCode('tess', match?.[2]?.toLowerCase()), speaker, true);
  },
  // Speaker, code, word; the folder is the label.
  turev: (stem, folder) => {
    const match = /^(\d+)_[a-z]+_/i.exec(stem);
    const label = labelOfCode('turev', folder.toLowerCase());
    return match === null || label === undefined ? undefined : { label, speaker: match[1]! };
  },
  // DC_a01, or a01 in a folder DC.
  savee: (stem, folder) => {
    const match = /^(?:([A-Z]{2})_)?(sa|su|[adfhn])\d\d$/.exec(stem);
    const speaker = match?.[1] ?? (/^[A-Z]{2}$/.test(folder) ? folder : undefined);
    if (match === null || speaker === undefined) return undefined;
    return gendered(labelOfCode('savee', match[2]), speaker, false);
  },
  // Emotion, speaker, sentence.
  emovo: (stem) => {
    const match = /^([a-z]{3})-([fm]\d)-[a-z0-9]+$/.exec(stem);
    if (match === null) return undefined;
    return gendered(labelOfCode('emovo', match[1]), match[2]!, match[2]!.startsWith('f'));
  },
  // Actor, sentence, emotion, intensity.
  cremad: (stem) => {
    const match = /^(\d{4})_[A-Z]{3}_([A-Z]{3})_(?:LO|MD|HI|XX|X)$/.exec(stem);
    const label = labelOfCode('cremad', match?.[2]);
    return match === null || label === undefined ? undefined : { label, speaker: match[1]! };
  },
} as const satisfies Readonly<Record<string, ReadName>>;

const gendered = (label: CorpusLabel | undefined, speaker: string, female: boolean): ClipName | undefined =>
  label === undefined ? undefined : { label, speaker, gender: female ? 'female' : 'male' };
