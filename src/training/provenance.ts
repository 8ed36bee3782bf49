import { basename } from 'node:path';
import type { ModelManifest } from '../inference/index.ts';
import type { TrainingOptions } from './train.ts';
import type { TrainingData } from './training-data.ts';

/** The corpora as the manifest names them. */
export function corporaOf({ sources, clips, training }: TrainingData): ModelManifest['training']['corpora'] {
  return sources.map(({ spec }) => {
    const own = clips.filter((clip) => clip.corpus === spec.id);
    const set = training.find((candidate) => candidate.condition === 'clean' && candidate.clips[0]?.corpus === spec.id);
    const ms = set?.spansMs.reduce((total, spans) => total + (spans.at(-1)?.[1] ?? 0), 0) ?? 0;
    return {
      name: spec.name,
      licence: spec.licence,
      clips: own.length,
      speakers: new Set(own.map(({ speaker }) => speaker)).size,
      heard: [...new Set(own.map(({ speaker }) => speaker))].sort(),
      hours: Number((ms / 3_600_000).toFixed(2)),
    };
  });
}

/** The command that makes the model again, with folders by their last name: where they lie is nobody's business. */
export function commandOf(options: TrainingOptions, seed: number): string {
  const corpus = (option: string): string => {
    const at = option.indexOf('=') + 1;
    return `--corpus ${option.slice(0, at)}${quoted(basename(option.slice(at)))}`;
  };
  return [
    'undertone train',
    ...options.corpora.map(corpus),
    ...(options.noise === undefined ? [] : [`--noise ${quoted(basename(options.noise))}`]),
    ...(options.clipsPerSpeaker === undefined ? [] : [`--clips-per-speaker ${options.clipsPerSpeaker}`]),
    ...(options.labels === undefined ? [] : [`--labels ${options.labels}`]),
    ...(options.classifier === undefined ? [] : [`--classifier ${options.classifier}`]),
    ...(options.quick ? ['--quick'] : []),
    `--seed ${seed} --out ${quoted(options.out.startsWith('/') ? basename(options.out) : options.out)}`,
  ].join(' ');
}

const quoted = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text}'`);
