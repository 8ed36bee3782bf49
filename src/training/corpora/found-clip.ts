import type { CorpusLabel } from '../labels.ts';

/** What a file name says. */
export interface ClipName {
  readonly label: CorpusLabel;
  /** Within the corpus. */
  readonly speaker: string;
  readonly gender?: 'female' | 'male';
}

/** The part of a recording that is meant, in ms from its beginning. */
export interface Section {
  readonly startMs: number;
  readonly endMs: number;
}

/** One labelled recording, or a part of one, as a corpus has it. */
export interface FoundClip extends ClipName {
  /** Within the corpus; the same in every copy of it. */
  readonly id: string;
  readonly path: string;
  /** All of the recording where it is not given. */
  readonly section?: Section;
}
