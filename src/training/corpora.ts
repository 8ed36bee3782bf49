import { cremadClips } from './corpora/cremad.ts';
import { csvClips } from './corpora/csv-corpus.ts';
import { RAVDESS_TWICE, readName } from './corpora/file-names.ts';
import { clipsByName, type ReadName } from './corpora/files.ts';
import type { FoundClip } from './corpora/found-clip.ts';
import { iemocapClips } from './corpora/iemocap.ts';

/** A corpus of emotional speech. */
export interface CorpusSpec {
  readonly id: string;
  readonly name: string;
  readonly licence: string;
  /**
   * Whether the licence forbids commercial use, which then holds for models made from it unless its owner says otherwise;
   * undefined where nobody has said.
   */
  readonly nonCommercial: boolean | undefined;
  readonly language: string;
  readonly style: string;
  /** Whether it has the speakers and sentences to claim anything about speakers not heard; if not, it is only trained with. */
  readonly testable: boolean;
  /** Files that are the same recording as another, which stands for both: their stem, and the other's. */
  readonly sameRecording?: Readonly<Record<string, string>>;
  /**
   * The clips at a place, a folder but for lists in CSV.
   *
   * @throws `corpus-invalid`.
   */
  readonly find: (place: string) => readonly FoundClip[];
}

const named =
  (corpus: string, read: ReadName) =>
  (folder: string): FoundClip[] =>
    clipsByName(corpus, folder, read);

/** Those that are known by their layout; lists in CSV are described by `csvCorpus`. */
export const corpora: readonly CorpusSpec[] = [
  {
    id: 'ravdess',
    name: 'RAVDESS',
    licence: 'CC BY-NC-SA 4.0',
    nonCommercial: true,
    language: 'English',
    style: 'acted, two sentences',
    testable: true,
    sameRecording: RAVDESS_TWICE,
    find: named('RAVDESS', readName.ravdess),
  },
  {
    id: 'emodb',
    name: 'EmoDB',
    licence: 'CC BY 4.0',
    nonCommercial: false,
    language: 'German',
    style: 'acted, ten sentences',
    testable: true,
    find: named('EmoDB', readName.emodb),
  },
  {
    id: 'nemo',
    name: 'nEMO',
    licence: 'CC BY-NC-SA 4.0',
    nonCommercial: true,
    language: 'Polish',
    style: 'acted, ninety sentences',
    testable: true,
    find: named('nEMO', readName.nemo),
  },
  {
    id: 'tess',
    name: 'TESS',
    licence: 'CC BY-NC-ND 4.0',
    nonCommercial: true,
    language: 'English',
    style: 'acted, one carrier phrase, two women',
    testable: false,
    find: named('TESS', readName.tess),
  },
  {
    id: 'turev',
    name: 'TurEV-DB',
    licence: 'CC BY-NC-ND 4.0',
    nonCommercial: true,
    language: 'Turkish',
    style: 'acted, single words',
    testable: false,
    find: named('TurEV-DB', readName.turev),
  },
  {
    id: 'savee',
    name: 'SAVEE',
    licence: 'research only',
    nonCommercial: true,
    language: 'English',
    style: 'acted, four men',
    testable: true,
    // Its stems repeat from speaker to speaker.
    find: (folder) =>
      clipsByName('SAVEE', folder, readName.savee, (stem, { speaker }) => `${speaker}_${stem.replace(/^.*_/, '')}`),
  },
  {
    id: 'emovo',
    name: 'EMOVO',
    licence: 'free for research',
    nonCommercial: true,
    language: 'Italian',
    style: 'acted, fourteen sentences',
    testable: true,
    find: named('EMOVO', readName.emovo),
  },
  {
    id: 'cremad',
    name: 'CREMA-D',
    licence: 'ODbL 1.0',
    nonCommercial: false,
    language: 'English',
    style: 'acted, twelve sentences',
    testable: true,
    find: (folder) => cremadClips('CREMA-D', folder),
  },
  {
    id: 'iemocap',
    name: 'IEMOCAP',
    licence: 'by agreement, for research',
    nonCommercial: true,
    language: 'English',
    style: 'acted dialogues, scripted and improvised',
    testable: true,
    find: (folder) => iemocapClips('IEMOCAP', folder),
  },
];

const CSV = 'csv:';

/** A corpus that is a list in CSV; `name` tells several lists apart. */
export function csvCorpus(name: string): CorpusSpec {
  return {
    id: `${CSV}${name}`,
    name: `${name} (CSV)`,
    licence: 'not stated',
    nonCommercial: undefined,
    language: 'not stated',
    style: 'not stated',
    testable: true,
    find: (file) => csvClips(`${name} (CSV)`, file),
  };
}

/** The corpus of an id, as clips bear it. */
export function corpusOf(id: string): CorpusSpec | undefined {
  return id.startsWith(CSV) ? csvCorpus(id.slice(CSV.length)) : corpora.find((corpus) => corpus.id === id);
}

/** The corpus of a name, as manifests bear it. */
export function corpusNamed(name: string): CorpusSpec | undefined {
  const list = /^(.*) \(CSV\)$/.exec(name)?.[1];
  return list === undefined ? corpora.find((corpus) => corpus.name === name) : csvCorpus(list);
}
