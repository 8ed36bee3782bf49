import type { Clip } from './clips.ts';
import { corpusOf } from './corpora.ts';
import { Random } from './random.ts';

/** Who is tested in one fold of a cross-validation; everyone else of the corpora is trained with. */
export interface Fold {
  readonly test: ReadonlySet<string>;
  /** Speakers of the training part that are held out while the number of epochs is sought. */
  readonly validation: ReadonlySet<string>;
}

/**
 * Folds over the speakers of all testable corpora: each speaker is tested once, in the fold where no clip of theirs is in training.
 * Each corpus and gender is dealt out in turn, so that every fold has some of each. Speakers of the other corpora are in
 * training in every fold.
 */
export function speakerFolds(clips: readonly Clip[], count: number, seed: number): readonly Fold[] {
  const random = new Random(`folds ${seed}`);
  const hands = Array.from({ length: count }, () => new Set<string>());
  let turn = 0;
  for (const corpus of new Set(clips.map((clip) => clip.corpus))) {
    if (!isTestable(corpus)) continue;
    for (const gender of ['female', 'male', undefined]) {
      const of = clips.filter((clip) => clip.corpus === corpus && clip.gender === gender);
      for (const speaker of random.shuffled([...new Set(of.map((clip) => clip.speaker))].sort())) {
        hands[turn++ % count]!.add(speaker);
      }
    }
  }
  return hands.map((test, index) => ({ test, validation: hands[(index + 1) % count]! }));
}

/** Whether claims about speakers not heard can be made from a corpus. */
export function isTestable(corpus: string): boolean {
  return corpusOf(corpus)?.testable ?? false;
}
