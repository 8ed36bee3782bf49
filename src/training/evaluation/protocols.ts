import { UndertoneError } from '../../errors.ts';
import type { Clip } from '../clips.ts';
import { isTestable, speakerFolds } from '../folds.ts';
import { groupBy } from '../group-by.ts';
import type { ClassLabel } from '../labels.ts';
import { Random } from '../random.ts';
import type { FoldFile } from './fold-file.ts';

export const PROTOCOL_NAMES = [
  'held-out',
  'emobox-ravdess',
  'emobox-emodb',
  'leave-one-speaker-out',
  'cross-corpus',
] as const;
export type ProtocolName = (typeof PROTOCOL_NAMES)[number];

/** What one fold trains with and tests. No clip is in two of the three. */
export interface ProtocolFold {
  readonly name: string;
  readonly train: readonly Clip[];
  /** Clips of training speakers who are held out while settings and the temperature are sought. */
  readonly validation: readonly Clip[];
  readonly test: readonly Clip[];
}

/** How a protocol is carried out. */
export interface ProtocolSpec {
  readonly name: ProtocolName;
  /** A sentence for reports. */
  readonly text: string;
  /** Changes of the table of labels that come before the user's. */
  readonly labels: string;
  /** Only these classes count. */
  readonly classes?: readonly ClassLabel[];
  /** The headline figure is the mean of the UA of each of these. */
  readonly unit: 'fold' | 'corpus';
  /** Whether speakers of the test part may be in the training part. */
  readonly speakerDependent: boolean;
}

export const protocols: Readonly<Record<ProtocolName, ProtocolSpec>> = {
  'held-out': {
    name: 'held-out',
    text: 'Cross-validation over speakers: each is tested once, by a classifier that has heard no clip of theirs. UA is the mean over the corpora.',
    labels: '',
    unit: 'corpus',
    speakerDependent: false,
  },
  'emobox-ravdess': {
    name: 'emobox-ravdess',
    text: 'The six test folds of EmoBox (arXiv 2406.07162), four actors each, eight classes. UA is the mean over the folds. The one recording that RAVDESS has twice counts once.',
    labels: 'calm=calm',
    unit: 'fold',
    speakerDependent: false,
  },
  'emobox-emodb': {
    name: 'emobox-emodb',
    text: 'The five test folds of EmoBox (arXiv 2406.07162), seven classes. Their speakers are in training too (with other clips), as published: figures are not those of unknown voices. UA is the mean over the folds.',
    labels: 'boredom=boredom',
    unit: 'fold',
    speakerDependent: true,
  },
  'leave-one-speaker-out': {
    name: 'leave-one-speaker-out',
    text: 'Each speaker is tested by a classifier that is trained on all others. UA is over the clips of all speakers.',
    labels: 'calm=calm,boredom=boredom',
    unit: 'corpus',
    speakerDependent: false,
  },
  'cross-corpus': {
    name: 'cross-corpus',
    text: 'Each corpus is tested by a classifier that is trained on the others, in four classes. UA is the mean over the corpora.',
    labels: '',
    classes: ['anger', 'happiness', 'neutral', 'sadness'],
    unit: 'fold',
    speakerDependent: false,
  },
};

export interface FoldOptions {
  /** Clips of the corpora that are tested (and, but for cross-corpus, trained with). */
  readonly clips: readonly Clip[];
  /** Clips that are only trained with; of classes that are not tested there are none. */
  readonly also?: readonly Clip[];
  /** For the protocols of EmoBox. */
  readonly folds?: FoldFile;
  /** Of `held-out`; default 5. */
  readonly count?: number;
}

/**
 * The folds of a protocol. They depend on the clips alone, never on the seed of a training: figures of two seeds are of the
 * same clips.
 *
 * @throws `usage` where the clips do not make a protocol.
 */
export function protocolFolds(protocol: ProtocolSpec, options: FoldOptions): readonly ProtocolFold[] {
  const clips = counted(protocol, options.clips);
  // What is never tested would only be guessed wrongly.
  const tested = new Set(clips.map(({ label }) => label));
  const also = counted(protocol, options.also ?? []).filter(({ label }) => tested.has(label));
  const folds = testParts(protocol, { ...options, clips }).map(({ name, test }): ProtocolFold => {
    const ids = new Set(test.map(({ id }) => id));
    const speakers = new Set(test.map(({ speaker }) => speaker));
    const rest = [...clips, ...also].filter(
      (clip) => !ids.has(clip.id) && (protocol.speakerDependent || !speakers.has(clip.speaker)),
    );
    const held = validationSpeakers(protocol, test, rest, name);
    const fold = {
      name,
      test,
      train: rest.filter(({ speaker }) => !held.has(speaker)),
      validation: rest.filter(({ speaker }) => held.has(speaker)),
    };
    keepApart(protocol, fold);
    return fold;
  });
  for (const { name, train } of folds) {
    if (new Set(train.map(({ label }) => label)).size < 2) {
      const detail = `${protocol.name}: fold ${name} has nothing to train with; give more speakers or corpora (--corpus, --also).`;
      throw new UndertoneError('usage', { detail });
    }
  }
  return folds;
}

const counted = ({ classes }: ProtocolSpec, clips: readonly Clip[]): readonly Clip[] =>
  classes === undefined ? clips : clips.filter(({ label }) => classes.includes(label));

/** The test part of each fold, and what it is called. */
export function testParts(
  protocol: ProtocolSpec,
  { clips, folds, count = 5 }: FoldOptions,
): readonly { readonly name: string; readonly test: readonly Clip[] }[] {
  const ofSpeakers = (speakers: ReadonlySet<string>): readonly Clip[] =>
    clips.filter(({ speaker }) => speakers.has(speaker));
  switch (protocol.name) {
    case 'held-out': {
      // Whoever has fewer speakers than folds has fewer folds.
      const speakers = new Set(clips.filter(({ corpus }) => isTestable(corpus)).map(({ speaker }) => speaker));
      const least = Math.min(count, speakers.size);
      if (least < 3) throw usage(protocol, 'it takes three speakers of corpora that can be tested');
      return speakerFolds(clips, least, 1).map(({ test }, index) => ({
        name: String(index + 1),
        test: ofSpeakers(test),
      }));
    }
    case 'emobox-ravdess':
    case 'emobox-emodb': {
      if (folds === undefined) throw usage(protocol, 'give the file of its test folds with --folds');
      const corpus = protocol.name.slice('emobox-'.length);
      if (folds.corpus !== corpus) throw usage(protocol, `the folds are of ${folds.corpus}, not of ${corpus}`);
      return namedFolds(protocol, clips, folds);
    }
    case 'leave-one-speaker-out': {
      const speakers = [...groupBy(clips, ({ speaker }) => speaker)];
      if (speakers.length < 3) throw usage(protocol, 'it takes three speakers');
      return speakers.map(([speaker, test]) => ({ name: speaker.replace('/', '.'), test }));
    }
    case 'cross-corpus': {
      const byCorpus = [...groupBy(clips, ({ corpus }) => corpus)];
      if (byCorpus.length < 2) throw usage(protocol, 'it takes two corpora');
      return byCorpus.map(([corpus, test]) => ({ name: corpus, test }));
    }
  }
}

function namedFolds(
  protocol: ProtocolSpec,
  clips: readonly Clip[],
  { corpus, test }: FoldFile,
): { readonly name: string; readonly test: readonly Clip[] }[] {
  const byName = new Map(clips.filter((clip) => clip.corpus === corpus).map((clip) => [stemOf(clip), clip]));
  const named = new Set(test.flat());
  const strays = [...byName.keys()].filter((stem) => !named.has(stem));
  if (strays.length > 0) throw usage(protocol, `${strays.length} clips are in no fold, ${strays[0]} among them`);
  return test.map((stems, index) => {
    const found = stems.flatMap((stem) => byName.get(stem) ?? []);
    if (found.length === 0) throw usage(protocol, `none of the files of fold ${index + 1} is there`);
    return { name: String(index + 1), test: found };
  });
}

const stemOf = ({ id }: Clip): string => id.slice(id.indexOf('/') + 1);

/** A speaker in five, at least one of each gender, of the corpora that the settings are for. */
const VALIDATION_SHARE = 0.2;

/**
 * Speakers of the training part whom settings and the temperature are chosen on: of the tested corpus where it is also trained
 * with, else of every testable corpus.
 */
function validationSpeakers(
  protocol: ProtocolSpec,
  test: readonly Clip[],
  rest: readonly Clip[],
  fold: string,
): ReadonlySet<string> {
  const tested = new Set(test.map(({ corpus }) => corpus));
  const alike = rest.filter(({ corpus }) => tested.has(corpus));
  const testable = rest.filter(({ corpus }) => isTestable(corpus));
  const from = [alike, testable, rest].find((clips) => clips.length > 0) ?? [];
  const held = new Set<string>();
  for (const [group, clips] of groupBy(from, ({ corpus, gender }) => `${corpus} ${gender ?? ''}`)) {
    const speakers = [...new Set(clips.map(({ speaker }) => speaker))].sort();
    const random = new Random(`${protocol.name} ${fold} validation ${group}`);
    const wanted = Math.max(1, Math.round(VALIDATION_SHARE * speakers.length));
    // Somebody of each group stays in training.
    for (const speaker of random.shuffled(speakers).slice(0, Math.min(wanted, speakers.length - 1))) held.add(speaker);
  }
  return held;
}

/** Whatever the cause, a fold that tests what it trains with is never run. */
export function keepApart(protocol: ProtocolSpec, { name, train, validation, test }: ProtocolFold): void {
  const shared = (key: (clip: Clip) => string, a: readonly Clip[], b: readonly Clip[]): string | undefined => {
    const known = new Set(a.map(key));
    return b.map(key).find((value) => known.has(value));
  };
  const known = [...train, ...validation];
  const leak =
    shared(recordingOf, known, test) ??
    shared(recordingOf, train, validation) ??
    shared(({ speaker }) => speaker, train, validation) ??
    (protocol.speakerDependent ? undefined : shared(({ speaker }) => speaker, known, test));
  if (leak !== undefined)
    throw new Error(`${protocol.name}: fold ${name} tests or validates ${leak}, which it trains with`);
}

/** Files that are one recording under two names; the loader of the corpus drops the first, this is the second wall. */
const SAME_RECORDING: Readonly<Record<string, string>> = {
  'ravdess/03-01-03-01-02-01-07': 'ravdess/03-01-03-01-02-02-07',
};

const recordingOf = ({ id }: Clip): string => SAME_RECORDING[id] ?? id;

const usage = (protocol: ProtocolSpec, detail: string): UndertoneError =>
  new UndertoneError('usage', { detail: `--protocol ${protocol.name}: ${detail}.` });
