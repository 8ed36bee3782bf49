import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LabelledRows, TrainableClassifier } from '../../../src/training/classifiers/classifier.ts';
import { type Clip, corpusSource, findClips } from '../../../src/training/clips.ts';
import { retrained } from '../../../src/training/evaluation/contestant.ts';
import {
  keepApart,
  type ProtocolFold,
  type ProtocolName,
  protocolFolds,
  protocols,
} from '../../../src/training/evaluation/protocols.ts';
import { runProtocol } from '../../../src/training/evaluation/run-protocol.ts';
import type { WindowSource } from '../../../src/training/evaluation/window-source.ts';
import { labelMap } from '../../../src/training/labels.ts';
import {
  emodbFolder,
  emodbFolds,
  nemoFolder,
  ravdessFolder,
  ravdessFolds,
  ravdessNames,
  tessFolder,
} from './official-names.ts';

const folders = { ravdess: ravdessFolder(), emodb: emodbFolder(), nemo: nemoFolder(), tess: tessFolder() };
type Corpus = keyof typeof folders;

const clipsOf = (protocol: ProtocolName, ...corpora: readonly Corpus[]): Clip[] =>
  corpora.flatMap((corpus) => [
    ...findClips(corpusSource(`${corpus}=${folders[corpus]}`), labelMap(protocols[protocol].labels)),
  ]);

const FOLDS: Readonly<Record<ProtocolName, readonly ProtocolFold[]>> = {
  'held-out': protocolFolds(protocols['held-out'], { clips: clipsOf('held-out', 'ravdess', 'emodb', 'nemo', 'tess') }),
  'emobox-ravdess': protocolFolds(protocols['emobox-ravdess'], {
    clips: clipsOf('emobox-ravdess', 'ravdess'),
    also: clipsOf('emobox-ravdess', 'emodb', 'nemo', 'tess'),
    folds: ravdessFolds(),
  }),
  'emobox-emodb': protocolFolds(protocols['emobox-emodb'], {
    clips: clipsOf('emobox-emodb', 'emodb'),
    also: clipsOf('emobox-emodb', 'ravdess', 'nemo'),
    folds: emodbFolds(),
  }),
  'leave-one-speaker-out': protocolFolds(protocols['leave-one-speaker-out'], {
    clips: clipsOf('leave-one-speaker-out', 'emodb'),
    also: clipsOf('leave-one-speaker-out', 'ravdess'),
  }),
  'cross-corpus': protocolFolds(protocols['cross-corpus'], {
    clips: clipsOf('cross-corpus', 'ravdess', 'emodb', 'nemo', 'tess'),
  }),
};
const NAMES = Object.keys(FOLDS) as ProtocolName[];

const speakersOf = (clips: readonly Clip[]): Set<string> => new Set(clips.map(({ speaker }) => speaker));
const shared = (a: ReadonlySet<string>, b: ReadonlySet<string>): string[] => [...a].filter((value) => b.has(value));
const idsOf = (clips: readonly Clip[]): Set<string> => new Set(clips.map(({ id }) => id));

describe.each(NAMES)('the folds of %s', (name) => {
  const folds = FOLDS[name];

  it('test no clip that they train or validate with', () => {
    for (const { test, train, validation } of folds) {
      expect(shared(idsOf(test), idsOf([...train, ...validation]))).toEqual([]);
      expect(shared(idsOf(train), idsOf(validation))).toEqual([]);
    }
  });

  it('validate with speakers whom they do not train with', () => {
    for (const { train, validation } of folds) {
      expect(validation.length).toBeGreaterThan(0);
      expect(shared(speakersOf(train), speakersOf(validation))).toEqual([]);
    }
  });

  it('test every clip of what is tested once', () => {
    const tested = folds.flatMap(({ test }) => test.map(({ id }) => id));
    expect(new Set(tested).size).toBe(tested.length);
    const corpora = new Set(folds.flatMap(({ test }) => test.map(({ corpus }) => corpus)));
    const all = clipsOf(name, ...([...corpora] as Corpus[])).filter(
      ({ label }) => protocols[name].classes?.includes(label) ?? true,
    );
    expect(tested).toHaveLength(all.length);
  });

  it('are the same whatever the order in which the clips are found', () => {
    const again = protocolFolds(protocols['leave-one-speaker-out'], {
      clips: [...clipsOf('leave-one-speaker-out', 'emodb')].reverse(),
    });
    const of = (some: readonly ProtocolFold[], fold: string): string[] =>
      [...speakersOf(some.find((one) => one.name === fold)!.validation)].sort();
    const once = protocolFolds(protocols['leave-one-speaker-out'], {
      clips: clipsOf('leave-one-speaker-out', 'emodb'),
    });
    for (const { name: fold } of once) expect(of(again, fold)).toEqual(of(once, fold));
  });
});

describe.each(NAMES.filter((name) => name !== 'emobox-emodb'))('the folds of %s', (name) => {
  it('test no speaker whom they train or validate with', () => {
    for (const { test, train, validation } of FOLDS[name]) {
      expect(shared(speakersOf(test), speakersOf([...train, ...validation]))).toEqual([]);
    }
  });
});

describe('what each protocol is', () => {
  it('six folds of four actors in eight classes', () => {
    const folds = FOLDS['emobox-ravdess'];
    expect(folds).toHaveLength(6);
    for (const { test, validation } of folds) {
      expect(speakersOf(test).size).toBe(4);
      expect(new Set(test.map(({ label }) => label)).size).toBe(8);
      // Two women and two men of the twenty that are left; nobody of the corpora that are only trained with.
      expect(speakersOf(validation).size).toBe(4);
      expect(new Set(validation.map(({ corpus }) => corpus))).toEqual(new Set(['ravdess']));
    }
  });

  it('five folds in seven classes, every speaker in training and test', () => {
    const folds = FOLDS['emobox-emodb'];
    expect(folds).toHaveLength(5);
    for (const { test, train, validation } of folds) {
      expect(speakersOf(test).size).toBe(10);
      expect(shared(speakersOf(test), speakersOf([...train, ...validation]))).toHaveLength(10);
      expect(new Set(test.map(({ label }) => label)).size).toBe(7);
    }
  });

  it('no class that is not tested, whatever other corpora have', () => {
    expect(clipsOf('emobox-emodb', 'ravdess', 'nemo').some(({ label }) => label === 'surprise')).toBe(true);
    for (const { train, validation } of FOLDS['emobox-emodb']) {
      expect([...train, ...validation].some(({ label }) => label === 'surprise')).toBe(false);
      expect(train.some(({ corpus }) => corpus === 'nemo')).toBe(true);
    }
  });

  it('each speaker alone; each corpus in four classes, by the others; each testable speaker once', () => {
    expect(FOLDS['leave-one-speaker-out'].map(({ test }) => speakersOf(test).size)).toEqual(Array(10).fill(1));
    for (const { name, test, train } of FOLDS['cross-corpus']) {
      expect(new Set(test.map(({ corpus }) => corpus))).toEqual(new Set([name]));
      expect(train.some(({ corpus }) => corpus === name)).toBe(false);
      expect([...new Set([...test, ...train].map(({ label }) => label))].sort()).toEqual([
        'anger',
        'happiness',
        'neutral',
        'sadness',
      ]);
    }
    const tested = FOLDS['held-out'].flatMap(({ test }) => [...speakersOf(test)]);
    expect(tested).toHaveLength(24 + 10 + 5);
    expect(new Set(tested).size).toBe(tested.length);
  });
});

describe('the recording that RAVDESS has under two names', () => {
  const [first, second] = ['03-01-03-01-02-01-07', '03-01-03-01-02-02-07'];

  it('is there once', () => {
    expect(ravdessNames()).toEqual(expect.arrayContaining([first, second]));
    const ids = clipsOf('emobox-ravdess', 'ravdess').map(({ id }) => id);
    expect(ids).toHaveLength(1439);
    expect(ids.filter((id) => id.endsWith(first!) || id.endsWith(second!))).toHaveLength(1);
  });

  it('would be refused in training and test, whoever put it there', () => {
    const clips = clipsOf('emobox-ravdess', 'ravdess');
    const known = clips.find(({ id }) => id === `ravdess/${second}` || id === `ravdess/${first}`)!;
    const other = known.id.endsWith(second!) ? first : second;
    // Under another speaker's name, so that nothing else gives it away.
    const copy = { ...known, id: `ravdess/${other}`, speaker: 'ravdess/99' };
    for (const protocol of [protocols['emobox-ravdess'], protocols['emobox-emodb']]) {
      expect(() => keepApart(protocol, { name: '1', train: [copy], validation: [], test: [known] })).toThrow(/tests/);
      expect(() => keepApart(protocol, { name: '1', train: [], validation: [copy], test: [known] })).toThrow(/tests/);
    }
  });
});

describe('folds that leak are refused', () => {
  const [a, b] = clipsOf('emobox-ravdess', 'ravdess').filter(({ speaker }) => speaker === 'ravdess/01');
  it.each<[string, ProtocolName, Omit<ProtocolFold, 'name'>]>([
    ['a clip in training and test', 'emobox-emodb', { train: [a!], validation: [], test: [a!] }],
    ['a clip in validation and test', 'emobox-emodb', { train: [], validation: [a!], test: [a!] }],
    ['a speaker in training and validation', 'emobox-emodb', { train: [a!], validation: [b!], test: [] }],
    ['a speaker in training and test', 'emobox-ravdess', { train: [a!], validation: [], test: [b!] }],
    ['a speaker in validation and test', 'cross-corpus', { train: [], validation: [a!], test: [b!] }],
  ])('%s', (_, protocol, parts) => {
    expect(() => keepApart(protocols[protocol], { name: '1', ...parts })).toThrow(/which it trains with/);
  });
});

/** Its rows are the clips' ids: what a classifier is given is what it was told of. */
class Ids implements WindowSource<string> {
  readonly key = 'ids';
  async clips(clips: readonly Clip[]) {
    return clips.map(({ id }) => ({ rows: [id, id], endMs: [500, 1000], speechRatio: [1, 0.5], spansMs: [] }));
  }
  async streams() {
    return [];
  }
}

interface Lesson {
  readonly trained: ReadonlySet<string>;
  readonly validated: ReadonlySet<string>;
}

/** Remembers what it was trained with, and answers evenly. */
function witness(lessons: Lesson[]): TrainableClassifier<string> {
  return {
    name: 'mlp',
    async fit(rows, labels, { validation }) {
      lessons.push({ trained: new Set(rows), validated: new Set(validation?.rows ?? []) });
      const classes = [...new Set(labels)].sort();
      return {
        labels: classes,
        parameters: 0,
        settings: {},
        predict: (of: LabelledRows<string>['rows']) => new Float32Array(of.length * classes.length),
      };
    },
  };
}

describe.each(NAMES)('what a classifier is given in %s', (name) => {
  it('is nothing of the test part, in the search and in the training after it', async () => {
    const lessons: Lesson[] = [];
    await runProtocol({
      protocol: name,
      folds: FOLDS[name],
      contestant: retrained({
        classifier: witness(lessons),
        source: new Ids(),
        trainedIn: ['clean', 'varied'],
        minSpeechRatio: 0.2,
      }),
      seeds: [1],
      conditions: ['clean'],
      out: mkdtempSync(join(tmpdir(), 'undertone-folds-')),
    });
    expect(lessons).toHaveLength(2 * FOLDS[name].length);
    FOLDS[name].forEach(({ test, train, validation }, fold) => {
      const [search, final] = [lessons[2 * fold]!, lessons[2 * fold + 1]!];
      const tested = idsOf(test);
      for (const { trained, validated } of [search, final]) {
        expect(shared(trained, tested)).toEqual([]);
        expect(shared(validated, tested)).toEqual([]);
      }
      expect(search.trained).toEqual(idsOf(train));
      expect(shared(search.trained, search.validated)).toEqual([]);
      expect(final.trained).toEqual(idsOf([...train, ...validation]));
      if (protocols[name].speakerDependent) return;
      const speakers = speakersOf(test);
      const clips = new Map(
        Object.keys(folders)
          .flatMap((corpus) => clipsOf(name, corpus as Corpus))
          .map((clip) => [clip.id, clip]),
      );
      expect([...final.trained].filter((id) => speakers.has(clips.get(id)!.speaker))).toEqual([]);
    });
  });
});
