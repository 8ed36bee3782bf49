import { basename } from 'node:path';
import type { EvaluationOptions } from '../evaluate.ts';

/** The command that measures the same again, with folders by their last name: where they lie is nobody's business. */
export function evaluationCommand(options: EvaluationOptions): string {
  const { protocol, corpora, also = [], subject, seeds = [1], conditions = ['clean'] } = options;
  const corpus = (option: string): string => {
    const at = option.indexOf('=') + 1;
    return option.slice(0, at) + quoted(basename(option.slice(at)));
  };
  const place = (name: string, path: string | undefined): string[] =>
    path === undefined ? [] : [`--${name} ${quoted(path.startsWith('/') ? basename(path) : path)}`];
  return [
    `undertone evaluate --protocol ${protocol}`,
    ...corpora.map((option) => `--corpus ${corpus(option)}`),
    ...also.map((option) => `--also ${corpus(option)}`),
    ...place('folds', options.folds),
    ...('model' in subject ? place('model', subject.model) : [`--classifier ${subject.classifier}`]),
    ...(options.labels === undefined ? [] : [`--labels ${options.labels}`]),
    ...(options.plain === true ? ['--plain'] : []),
    ...(options.quick === true ? ['--quick'] : []),
    ...(options.clipsPerSpeaker === undefined ? [] : [`--clips-per-speaker ${options.clipsPerSpeaker}`]),
    ...(options.fold === undefined ? [] : [`--fold ${quoted(options.fold)}`]),
    ...seeds.map((seed) => `--seed ${seed}`),
    `--condition ${conditions.join(',')}`,
    ...place('noise', options.noise),
    ...place('rooms', options.rooms),
    ...place('out', options.out),
  ].join(' ');
}

const quoted = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text}'`);
