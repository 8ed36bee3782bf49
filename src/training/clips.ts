import { type Dirent, readdirSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { UndertoneError } from '../errors.ts';
import { type CorpusSpec, corpora } from './corpora.ts';
import { groupBy } from './group-by.ts';
import type { ClassLabel, CorpusLabel, LabelMap } from './labels.ts';
import { Random } from './random.ts';

/** One recording of a corpus. */
export interface Clip {
  /** `corpus/stem`: the same for every copy of the corpus, whatever its folder and file format. */
  readonly id: string;
  readonly path: string;
  readonly corpus: string;
  /** `corpus/speaker`. */
  readonly speaker: string;
  readonly gender?: 'female' | 'male';
  readonly corpusLabel: CorpusLabel;
  readonly label: ClassLabel;
}

/** A corpus and the folder that holds it. */
export interface CorpusSource {
  readonly spec: CorpusSpec;
  readonly folder: string;
}

const EXTENSIONS = ['.wav', '.flac', '.opus', '.ogg', '.mp3'];

/**
 * Reads `ravdess=DIR`.
 *
 * @throws `usage` for a corpus that is not known.
 */
export function corpusSource(option: string): CorpusSource {
  const equals = option.indexOf('=');
  const id = option.slice(0, equals).toLowerCase();
  const spec = corpora.find((candidate) => candidate.id === id);
  if (equals <= 0 || spec === undefined || equals === option.length - 1) {
    const known = corpora.map((corpus) => corpus.id).join(', ');
    throw new UndertoneError('usage', { detail: `--corpus takes NAME=DIR, with a NAME of ${known}; got "${option}".` });
  }
  return { spec, folder: option.slice(equals + 1) };
}

/**
 * The clips of a corpus that have a label, by id. Files are known by their official names, in whatever folders they lie.
 *
 * @throws `corpus-invalid` where the folder is missing or holds none.
 */
export function findClips({ spec, folder }: CorpusSource, labels: LabelMap): readonly Clip[] {
  const clips = new Map<string, Clip>();
  for (const path of filesUnder(spec, folder)) {
    const extension = extname(path);
    if (!EXTENSIONS.includes(extension.toLowerCase())) continue;
    const stem = basename(path, extension);
    const name = spec.parse(stem, basename(dirname(path)));
    if (name === undefined) continue;
    const label = labels[name.label];
    // SAVEE's stems repeat from speaker to speaker.
    const id = `${spec.id}/${spec.id === 'savee' ? `${name.speaker}_${stem.slice(-3)}` : stem}`;
    if (label === 'drop' || clips.has(id)) continue;
    clips.set(id, {
      id,
      path,
      corpus: spec.id,
      speaker: `${spec.id}/${name.speaker}`,
      ...(name.gender && { gender: name.gender }),
      corpusLabel: name.label,
      label,
    });
  }
  if (clips.size === 0) {
    throw new UndertoneError('corpus-invalid', {
      name: spec.name,
      path: folder,
      detail: 'no file there has one of its official names',
    });
  }
  return [...clips.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
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

function filesUnder(spec: CorpusSpec, folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  } catch {
    throw new UndertoneError('corpus-invalid', { name: spec.name, path: folder, detail: 'the folder cannot be read' });
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => (relative(folder, a) < relative(folder, b) ? -1 : 1));
}
