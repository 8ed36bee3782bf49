import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { placeOf } from '../../src/training/compare/comparison.ts';
import { type ComparisonResult, checkEvaluation, runComparison } from '../../src/training/index.ts';
import { syntheticRavdess } from './synthetic-corpus.ts';

const NAMES = [
  'logistic-regression',
  'svm',
  'random-forest',
  'gradient-boosting',
  'k-nearest-neighbours',
  'mlp',
] as const;

let corpus: string;
let work: string;
let result: ComparisonResult;

const compare = (
  options: Partial<Parameters<typeof runComparison>[0]> = {},
  phases: string[] = [],
): Promise<ComparisonResult> =>
  runComparison({
    corpora: [`ravdess=${corpus}`],
    protocols: ['held-out'],
    out: join(work, 'comparison'),
    cache: join(work, 'cache'),
    quick: true,
    plain: true,
    workers: 0,
    onProgress: ({ phase }) => phases.push(phase),
    ...options,
  });

beforeAll(async () => {
  corpus = await syntheticRavdess(6, 4);
  work = mkdtempSync(join(tmpdir(), 'undertone-compare-'));
  result = await compare();
}, 300_000);
afterAll(() => {
  for (const path of [corpus, work]) rmSync(path, { recursive: true });
});

describe('classifiers compared on made-up speakers', () => {
  it('all find more than chance in speakers that they have not heard, best first', () => {
    const [heldOut] = result.protocols;
    expect(heldOut).toMatchObject({
      protocol: 'held-out',
      folds: 5,
      complete: true,
      clips: 72,
      speakers: 6,
    });
    expect(heldOut!.labels).toEqual(['anger', 'happiness', 'sadness']);
    for (const of of heldOut!.classifiers) expect([of.seeds, of.trainedIn]).toEqual([[1], ['clean']]);
    expect(heldOut!.classifiers.map(({ classifier }) => classifier).sort()).toEqual([...NAMES].sort());
    const uas = heldOut!.classifiers.map(({ ua }) => ua.value);
    expect(uas).toEqual([...uas].sort((a, b) => b - a));
    // Chance is 1/3.
    expect(Math.min(...uas)).toBeGreaterThan(0.5);
  });

  it('says of each what it reaches, with intervals, and what it takes', () => {
    for (const [index, of] of result.protocols[0]!.classifiers.entries()) {
      for (const { value, low, high } of [of.ua, of.accuracy, of.macroPrecision, of.macroRecall, of.macroF1]) {
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
        expect(high).toBeLessThanOrEqual(1);
      }
      if (index === 0) expect(of.toBest).toBeNull();
      else {
        expect(of.toBest!.value).toBeCloseTo(of.ua.value - result.protocols[0]!.classifiers[0]!.ua.value, 9);
        expect(of.toBest!.value).toBeLessThanOrEqual(0);
      }
      // A weight per functional and class, and a constant.
      if (of.classifier === 'logistic-regression') expect(of.parameters).toBe(3 * 519);
      expect(of.parameters).toBeGreaterThan(0);
      expect(of.trainingCpuSeconds).toBeGreaterThan(0);
      expect(of.predictionMicroseconds).toBeGreaterThan(0);
      expect(of.settings.map(({ fold }) => fold)).toEqual(['1', '2', '3', '4', '5']);
    }
  });

  it('can be recomputed from the predictions of each clip', () => {
    for (const name of NAMES) {
      const place = placeOf(join(work, 'comparison'), 'held-out', name);
      expect(checkEvaluation(place)).toEqual([]);
      expect(readdirSync(join(place, 'predictions')).filter((file) => file.endsWith('.csv'))).toHaveLength(5);
    }
  });

  it('are written as a page, a figure and JSON, none of which names a folder of this machine', () => {
    const page = readFileSync(result.page, 'utf8');
    const json = readFileSync(join(work, 'comparison', 'comparison.json'), 'utf8');
    const svg = readFileSync(join(work, 'comparison', 'images', 'comparison-held-out.svg'), 'utf8');
    for (const text of [page, json, svg]) {
      expect(text).not.toContain(tmpdir());
      expect(text).not.toMatch(/undefined|NaN|\[object/);
      for (const name of NAMES) expect(text).toContain(name);
    }
    expect(page).toContain('](images/comparison-held-out.svg)');
    expect(page).toMatch(
      /\nundertone compare --corpus ravdess=\S+ --protocol held-out --plain --quick --seed 1 --out comparison\n/,
    );
    expect(JSON.parse(json)).toMatchObject({ formatVersion: 1, protocols: [{ protocol: 'held-out' }] });
    expect(svg).toMatch(/^<svg .*<\/svg>\n$/s);
  });

  it('are not trained again where they have been, and join others that were', async () => {
    const phases: string[] = [];
    const two = await compare({ classifiers: ['svm', 'mlp', 'svm'] }, phases);
    expect(phases.filter((phase) => phase.includes('fold'))).toEqual([]);
    expect(two.protocols[0]!.classifiers.map(({ classifier }) => classifier).sort()).toEqual(['mlp', 'svm']);
    const again = two.protocols[0]!.classifiers.find(({ classifier }) => classifier === 'svm')!;
    const before = result.protocols[0]!.classifiers.find(({ classifier }) => classifier === 'svm')!;
    expect(again.ua).toEqual(before.ua);
    expect(again.settings).toEqual(before.settings);
  });

  it('come out the same with the same seed, and otherwise with another', async () => {
    const forest = (seed: number, out: string) =>
      compare({ classifiers: ['random-forest'], seeds: [seed], out: join(work, out), fold: '1' });
    const predictions = (seed: number, out: string) =>
      readFileSync(
        join(placeOf(join(work, out), 'held-out', 'random-forest'), 'predictions', `held-out-1-${seed}.csv`),
        'utf8',
      );
    const one = await forest(1, 'one');
    expect(one.protocols[0]!.complete).toBe(false);
    expect(readFileSync(one.page, 'utf8')).toContain('Not all folds are in it');
    expect(predictions(1, 'one')).toBe(
      readFileSync(
        join(placeOf(join(work, 'comparison'), 'held-out', 'random-forest'), 'predictions', 'held-out-1-1.csv'),
        'utf8',
      ),
    );
    await forest(2, 'two');
    expect(predictions(2, 'two')).not.toBe(predictions(1, 'one'));
  });
});

describe('evaluations that were made elsewhere', () => {
  const placed = (name: (typeof NAMES)[number]): string => placeOf(join(work, 'comparison'), 'held-out', name);

  it('become rows of their protocol, without a corpus', async () => {
    const evaluations = [placed('svm'), placed('mlp')];
    const two = await compare({ corpora: [], protocols: [], evaluations, out: join(work, 'elsewhere') });
    expect(two.protocols).toHaveLength(1);
    const [expected] = result.protocols;
    for (const of of two.protocols[0]!.classifiers) {
      const before = expected!.classifiers.find(({ classifier }) => classifier === of.classifier)!;
      expect({ ...of, toBest: null }).toEqual({ ...before, toBest: null });
    }
    expect(readFileSync(two.page, 'utf8')).toContain('--evaluation');
    expect(existsSync(join(work, 'elsewhere', 'held-out'))).toBe(false);
  });

  it('stand beside what is trained', async () => {
    const both = await compare({ classifiers: ['svm'], evaluations: [placed('mlp')] });
    expect(both.protocols[0]!.classifiers.map(({ classifier }) => classifier).sort()).toEqual(['mlp', 'svm']);
  });

  it('are refused twice, without predictions, and of other clips', async () => {
    const alone = { corpora: [], protocols: [], out: join(work, 'refused') };
    const refused = (evaluations: readonly string[]) => expect(compare({ ...alone, evaluations })).rejects;
    await refused([placed('svm'), placed('svm')]).toThrow('Two evaluations are of a "svm".');
    await refused([join(work, 'nowhere')]).toMatchObject({ code: 'file-missing' });
    await compare({ classifiers: ['mlp'], fold: '1', out: join(work, 'part') });
    const part = placeOf(join(work, 'part'), 'held-out', 'mlp');
    await refused([placed('svm'), part]).toThrow('was not measured on the clips of the others');
    await refused([]).toMatchObject({ code: 'usage' });
    expect(existsSync(join(work, 'refused'))).toBe(false);
  });
});

describe('the command', () => {
  const command = (...args: string[]): Promise<number> => run(['node', 'undertone', 'compare', ...args]);
  const written = async (work: () => Promise<number>): Promise<{ status: number; out: string; err: string }> => {
    const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const text = (spy: typeof out): string => spy.mock.calls.map(([chunk]) => String(chunk)).join('');
    try {
      return { status: await work(), out: text(out), err: text(err) };
    } finally {
      out.mockRestore();
      err.mockRestore();
    }
  };

  it('prints the table, and where the page is', async () => {
    const page = join(work, 'pages', 'compared.md');
    const { status, out } = await written(() =>
      command(
        ...['--corpus', `ravdess=${corpus}`, '--protocol', 'held-out', '--quick', '--plain', '--page', page],
        ...[
          '--out',
          join(work, 'comparison'),
          '--cache',
          join(work, 'cache'),
          '--classifier',
          'svm',
          '--classifier',
          'mlp',
        ],
      ),
    );
    expect(status).toBe(0);
    const [title, head, first, second, blank, place] = out.split('\n');
    expect(title).toBe('held-out');
    expect(head!.trim().split(/ {2,}/)).toEqual([
      'classifier',
      'UA',
      '95 %',
      'accuracy',
      'precision',
      'recall',
      'F1',
      'parameters',
      'training',
      'a window',
    ]);
    expect([first, second].map((row) => row!.split(/ +/)[0]).sort()).toEqual(['mlp', 'svm']);
    expect([blank, place]).toEqual(['', page]);
    expect(existsSync(join(work, 'pages', 'images', 'comparison-held-out.svg'))).toBe(true);
  });

  it.each([
    ['a protocol that is none', ['--protocol', 'mine'], /protocol "mine" is unknown/],
    ['a classifier that is none', ['--protocol', 'held-out', '--classifier', 'oracle'], /no "oracle"/],
    ['no folds', ['--protocol', 'emobox-ravdess'], /--folds/],
    ['no corpus of the protocol', ['--protocol', 'emobox-emodb'], /--corpus emodb=DIR/],
    ['no protocol', [], /--protocol/],
    ['an evaluation that is none', ['--evaluation', '/nowhere'], /nowhere/, 1],
  ])('is refused before anything is trained: %s', async (_, args, message, status = 2) => {
    const said = await written(() =>
      command('--corpus', `ravdess=${corpus}`, '--quick', '--out', join(work, 'never'), ...args),
    );
    expect(said.status).toBe(status);
    expect(said.err).toMatch(message);
    expect(existsSync(join(work, 'never'))).toBe(false);
  });
});
