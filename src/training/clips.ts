import { basename, extname } from 'node:path';
import { UndertoneError } from '../errors.ts';
import type { Section } from './corpora/found-clip.ts';
import { type CorpusSpec, corpora, csvCorpus } from './corpora.ts';
import { groupBy } from './group-by.ts';
import type { ClassLabel, CorpusLabel, LabelMap } from './labels.ts';
import { Random } from './random.ts';

/** One recording of a corpus, or a part of one. */
export interface Clip {
  /** `corpus/stem`: the same for every copy of the corpus, whatever its folder and file format. */
  readonly id: string;
  readonly path: string;
  /** The part of the file that is meant; all of it where it is not given. Read with `readClip`. */
  readonly section?: Section;
  readonly corpus: string;
  /** `corpus/speaker`. */
  readonly speaker: string;
  readonly gender?: 'female' | 'male';
  readonly corpusLabel: CorpusLabel;
  readonly label: ClassLabel;
}

/** A corpus and where it is: a folder, or the file of a list in CSV. */
export interface CorpusSource {
  readonly spec: CorpusSpec;
  readonly folder: string;
}

/**
 * Reads `ravdess=DIR` or `csv=FILE`.
 *
 * @throws `usage` for a corpus that is not known.
 */
export function corpusSource(option: string): CorpusSource {
  const equals = option.indexOf('=');
  const id = option.slice(0, Math.max(0, equals)).toLowerCase();
  const folder = option.slice(equals + 1);
  const spec =
    id === 'csv'
      ? csvCorpus(basename(folder, extname(folder)).toLowerCase())
      : corpora.find((candidate) => candidate.id === id);
  if (spec === undefined || folder === '') {
    const known = corpora.map((corpus) => corpus.id).join(', ');
    const detail = `--corpus takes NAME=DIR, with a NAME of ${known}, or csv=FILE; got "${option}".`;
    throw new UndertoneError('usage', { detail });
  }
  return { spec, folder };
}

/**
 * The clips of a corpus that have a label, by id.
 *
 * @throws `corpus-invalid` where the place is missing or holds none.
 */
export function findClips({ spec, folder }: CorpusSource, labels: LabelMap): readonly Clip[] {
  const clips = spec.find(folder).flatMap((found): Clip[] => {
    const label = labels[found.label];
    if (label === 'drop') return [];
    return [
      {
        id: `${spec.id}/${found.id}`,
        path: found.path,
        ...(found.section && { section: found.section }),
        corpus: spec.id,
        speaker: `${spec.id}/${found.speaker}`,
        ...(found.gender && { gender: found.gender }),
        corpusLabel: found.label,
        label,
      },
    ];
  });
  if (clips.length === 0) {
    throw new UndertoneError('corpus-invalid', {
      name: spec.name,
      path: folder,
      detail: 'nothing there has one of its official names and a label that is kept',
    });
  }
  return clips.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * At most so many clips of each speaker, its labels in turn, drawn at random. What a model for unknown voices gains from the five
 * hundredth clip of a voice is little, and its features cost as much as those of the first.
 */
export function atMostPerSpeaker(clips: readonly Clip[], most: number, seed: number): readonly Clip[] {
  const kept = new Set<Clip>();
  for (const [speaker, own] of groupBy(clips, (clip) => clip.speaker)) {
    const random = new Random(`${seed} clips of ${speaker}`);
    const hands = [...groupBy(own, (clip) => clip.label).values()].map((of) => random.shuffled(of));
    for (let turn = 0, left = Math.min(most, own.length); left > 0; turn++) {
      const clip = hands[turn % hands.length]!.pop();
      if (clip === undefined) continue;
      kept.add(clip);
      left -= 1;
    }
  }
  return clips.filter((clip) => kept.has(clip));
}
