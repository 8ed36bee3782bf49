import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syntheticRavdess } from '../training/synthetic-corpus.ts';
import { DEMO_CALL, jsonLines, undertone } from './undertone.ts';

let corpus: string;
let folder: string;
beforeAll(async () => {
  corpus = await syntheticRavdess(6, 2);
  folder = mkdtempSync(join(tmpdir(), 'undertone-train-'));
});
afterAll(() => {
  for (const path of [corpus, folder]) rmSync(path, { recursive: true });
});

const run = (...args: string[]): ReturnType<typeof undertone> => undertone(args, { cwd: folder });

describe('a model trained on the command line', () => {
  it('is written with its card, can be evaluated, and analyses recordings', { timeout: 120_000 }, async () => {
    const data = ['--corpus', `ravdess=${corpus}`, '--workers', '1', '--cache', 'features'];
    const trained = await run(
      'train',
      ...data,
      '--quick',
      '--out',
      'model',
      '--name',
      'mine',
      '--model-version',
      '7.0.0',
    );
    expect(trained.stdout).toMatch(/^model: model mine 7\.0\.0\n {2}ravdess\.clean\.ua {2}[\d.]+\n/);
    expect(trained.status).toBe(0);
    // Phases, a line each, where there is no terminal.
    expect(trained.stderr).toMatch(/cross-validation\nfinal training\n/);
    for (const name of ['manifest.json', 'model.json', 'weights.bin', 'CARD.md', 'metrics.json']) {
      expect(existsSync(join(folder, 'model', name)), name).toBe(true);
    }

    const others = await syntheticRavdess(2, 2, 8);
    const test = ['--corpus', `ravdess=${others}`, '--workers', '1', '--cache', 'features', '--out', 'evaluation'];
    const table = await run('evaluate', '--model', 'model', ...test, '--condition', 'clean,phone');
    expect(table).toMatchObject({ status: 0 });
    const [title, head, ...rows] = table.stdout.trimEnd().split('\n');
    expect(title).toBe('mine 7.0.0, held-out: 3 classes, seed 1');
    expect(head?.split(/ {2,}/)).toEqual(['condition', 'UA', '95 %', 'clips', 'accuracy', 'macro F1', 'ECE']);
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 2))).toEqual([
      ['clean', 'mean'],
      ['', 'ravdess'],
      ['phone', 'mean'],
      ['', 'ravdess'],
      ['evaluation/report.html'],
    ]);
    const json = await run('evaluate', '--model', 'model', ...test, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ protocol: 'held-out', conditions: { clean: { clips: 12 } } });
    const checked = await run('evaluate', '--check', 'evaluation');
    expect(checked).toMatchObject({ status: 0, stderr: '' });
    const heard = await run('evaluate', '--model', 'model', ...data);
    expect(heard).toMatchObject({ status: 1, stdout: '' });
    expect(heard.stderr).toMatch(/was trained with speakers that it is to be measured on \(ravdess\/01, /);

    const analyzed = await run('analyze', DEMO_CALL, '--model', 'model', '--format', 'jsonl');
    expect(jsonLines(analyzed.stdout)[0]).toMatchObject({ model: { name: 'mine', version: '7.0.0' } });
  });

  it.each<[string, string[], number, RegExp]>([
    [
      'a corpus that is not there',
      ['evaluate', '--corpus', 'emodb=nowhere'],
      1,
      /The corpus \S+ at nowhere cannot be used/,
    ],
    [
      'a condition that is none',
      ['evaluate', '--corpus', 'emodb=x', '--condition', 'loud'],
      2,
      /The condition "loud" is unknown; use one of clean, /,
    ],
    ['a corpus without a place', ['evaluate', '--corpus', 'emodb'], 2, /emodb/],
    [
      'training on what is not there',
      ['train', '--corpus', 'emodb=nowhere', '--out', 'x'],
      1,
      /The corpus \S+ at nowhere cannot be used/,
    ],
  ])('%s: one sentence', async (_, args, expected, sentence) => {
    const { status, stdout, stderr } = await run(...args, ...(args[0] === 'evaluate' ? ['--model', 'model'] : []));
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
  });
});
