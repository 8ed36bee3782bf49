import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  checkEvaluation,
  type EvaluationOptions,
  runEvaluation,
  runStreamingEvaluation,
} from '../../../src/training/index.ts';
import { syntheticRavdess } from '../synthetic-corpus.ts';
import { ravdessNames } from './official-names.ts';

let corpus: string;
let work: string;
const phases: string[] = [];
const warnings: string[] = [];

const evaluate = (out: string, more: Partial<EvaluationOptions> = {}) =>
  runEvaluation({
    protocol: 'leave-one-speaker-out',
    corpora: [`ravdess=${corpus}`],
    subject: { classifier: 'logistic-regression' },
    quick: true,
    plain: true,
    cache: join(work, 'cache'),
    out: join(work, out),
    workers: 0,
    onProgress: ({ phase }) => phases.push(phase),
    onWarning: (message) => warnings.push(message),
    ...more,
  });
const text = (...path: string[]): string => readFileSync(join(work, ...path), 'utf8');
const trainedFolds = (): string[] => [...new Set(phases.filter((phase) => phase.startsWith('fold')))];

beforeAll(async () => {
  corpus = await syntheticRavdess(4, 2);
  work = mkdtempSync(join(tmpdir(), 'undertone-evaluate-'));
  await evaluate('first');
}, 120_000);

describe('an evaluation from sound to report', () => {
  it('writes predictions of every clip, figures and a report that follow from them', () => {
    const names = readdirSync(join(work, 'first', 'predictions')).sort();
    expect(names).toEqual(
      ['01', '02', '03', '04'].flatMap((actor) =>
        ['csv', 'json'].map((ending) => `leave-one-speaker-out-ravdess.${actor}-1.${ending}`),
      ),
    );
    const rows = names
      .filter((name) => name.endsWith('.csv'))
      .flatMap((name) => text('first', 'predictions', name).trim().split('\n').slice(1));
    expect(rows).toHaveLength(4 * 3 * 2);
    expect(new Set(rows.map((row) => row.split(',')[0])).size).toBe(rows.length);
    expect(checkEvaluation(join(work, 'first'))).toEqual([]);
    expect(readdirSync(join(work, 'first')).sort()).toEqual(['figures', 'metrics.json', 'predictions', 'report.html']);
    expect(warnings).toEqual([]);
  });

  it('hears more than chance in speakers that were left out', () => {
    const { conditions } = JSON.parse(text('first', 'metrics.json'));
    expect(conditions.clean.ua.value).toBeGreaterThan(0.6);
  });

  it('names no folder of this machine', () => {
    for (const path of ['report.html', 'metrics.json', 'predictions/leave-one-speaker-out-ravdess.01-1.json']) {
      expect(text('first', path)).not.toContain(tmpdir());
    }
    expect(text('first', 'report.html')).toContain(
      `--corpus ravdess=${basename(corpus)} --classifier logistic-regression`,
    );
  });
});

describe('an evaluation that is run again', () => {
  it('trains nothing that is there', async () => {
    phases.length = 0;
    const before = text('first', 'metrics.json');
    await evaluate('first');
    expect(trainedFolds()).toEqual([]);
    expect(text('first', 'metrics.json')).toBe(before);
  });

  it('trains a fold again whose predictions are missing or were changed, to the same bytes', async () => {
    const lost = join(work, 'first', 'predictions', 'leave-one-speaker-out-ravdess.02-1.csv');
    const changed = join(work, 'first', 'predictions', 'leave-one-speaker-out-ravdess.03-1.csv');
    const before = [lost, changed].map((path) => readFileSync(path, 'utf8'));
    rmSync(lost);
    writeFileSync(changed, readFileSync(changed, 'utf8').replace('0.', '1.'));
    phases.length = 0;
    await evaluate('first');
    expect(trainedFolds()).toEqual(['fold ravdess.02, seed 1', 'fold ravdess.03, seed 1']);
    expect([lost, changed].map((path) => readFileSync(path, 'utf8'))).toEqual(before);
  });

  it('adds a seed or a condition to what is there', async () => {
    phases.length = 0;
    const { metrics } = await evaluate('first', { seeds: [1, 2] });
    expect(trainedFolds()).toHaveLength(4);
    expect(metrics.seeds).toEqual([1, 2]);
    const phone = await evaluate('first', { seeds: [1, 2], conditions: ['clean', 'phone'] });
    expect(Object.keys(phone.metrics.conditions)).toEqual(['clean', 'phone']);
    expect(checkEvaluation(join(work, 'first'))).toEqual([]);
  });

  it('is refused where the settings are others', async () => {
    await expect(evaluate('first', { labels: 'sadness=drop' })).rejects.toThrow(/holds predictions of other settings/);
    await expect(evaluate('first', { subject: { classifier: 'svm' } })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('one fold alone', () => {
  it('comes to the same as among the others, and is not called the whole protocol', async () => {
    const { metrics } = await evaluate('alone', { fold: 'ravdess.03' });
    expect(metrics).toMatchObject({ complete: false, folds: [{ fold: 'ravdess.03' }] });
    const name = 'predictions/leave-one-speaker-out-ravdess.03-1.csv';
    expect(text('alone', name)).toBe(text('first', name));
    expect(text('alone', 'report.html')).toContain('cannot be compared with others');
  });

  it('is one that exists', async () => {
    await expect(evaluate('none', { fold: '7' })).rejects.toThrow(/there is no fold "7"; use one of ravdess\.01, /);
  });
});

describe('what cannot be evaluated', () => {
  it.each<[string, Partial<EvaluationOptions>, RegExp]>([
    ['no corpus', { corpora: [] }, /Give at least one --corpus/],
    ['noise without recordings', { conditions: ['noise-10'] }, /give their folder with --noise/],
    ['a room without responses', { conditions: ['room'] }, /give their folder with --rooms/],
    ['a protocol of EmoBox without its folds', { protocol: 'emobox-ravdess' }, /with --folds/],
    ['one corpus across corpora', { protocol: 'cross-corpus' }, /it takes two corpora/],
    ['a classifier that is none', { subject: { classifier: 'oracle' } }, /there is no "oracle"/],
    ['a model that is none', { subject: { model: '/nowhere' } }, /There is no model at \/nowhere/],
    ['folds that are no file', { protocol: 'emobox-ravdess', folds: '/nowhere' }, /\/nowhere does not exist/],
  ])('says what is wrong: %s', async (_, options, message) => {
    await expect(evaluate('wrong', options)).rejects.toThrow(message);
  });

  it.each<[string, unknown, RegExp]>([
    [
      'of another corpus',
      { name: 'x', corpus: 'emodb', test: [['03a01Wa']] },
      /the folds are of emodb, not of ravdess/,
    ],
    ['that test a file twice', { name: 'x', corpus: 'ravdess', test: [['a'], ['a']] }, /a file is tested twice/],
    ['of nothing', { name: 'x', corpus: 'ravdess', test: [] }, /test: /],
    [
      'that leave clips out',
      { name: 'x', corpus: 'ravdess', test: [ravdessNames().slice(0, 100)] },
      /clips are in no fold/,
    ],
    [
      'of files that are not there',
      { name: 'x', corpus: 'ravdess', test: [['a'], ravdessNames()] },
      /none of the files of fold 1/,
    ],
  ])('says what is wrong with folds %s', async (_, folds, message) => {
    const path = join(work, 'folds.json');
    writeFileSync(path, JSON.stringify(folds));
    await expect(evaluate('wrong', { protocol: 'emobox-ravdess', folds: path })).rejects.toThrow(message);
    writeFileSync(path, '{');
    await expect(evaluate('wrong', { protocol: 'emobox-ravdess', folds: path })).rejects.toThrow(/it is not JSON/);
  });
});

describe('live timelines from sound to figures', () => {
  it('are measured on streams of speakers who were left out, settings chosen on others', async () => {
    const { out, summary } = await runStreamingEvaluation({
      protocol: 'leave-one-speaker-out',
      corpora: [`ravdess=${corpus}`],
      subject: { classifier: 'logistic-regression' },
      quick: true,
      plain: true,
      cache: join(work, 'cache'),
      out: join(work, 'streaming'),
      workers: 0,
      fold: 'ravdess.02',
      windowsMs: [1500],
      present: 'models/default',
    });
    expect(summary.windowsMs).toEqual([1500, 3000]);
    expect(summary.present.settings).toMatchObject({ windowMs: 3000, stepMs: 500 });
    expect(summary.chosen).not.toBeNull();
    expect(summary.test.clean!.chosen!.windows).toBeGreaterThan(20);
    const { figures } = { figures: readdirSync(join(out, 'figures')) };
    for (const name of ['window', 'step', 'smoothing', 'hysteresis', 'threshold', 'speech-ratio', 'frontier']) {
      expect(figures).toEqual(expect.arrayContaining([`streaming-${name}.svg`, `streaming-${name}.png`]));
    }
    const written = JSON.parse(readFileSync(join(out, 'streaming.json'), 'utf8'));
    expect(written.chosen.settings).toEqual(summary.chosen!.settings);
  }, 120_000);
});
