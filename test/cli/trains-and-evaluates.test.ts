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

    const table = await run('evaluate', '--model', 'model', ...data, '--conditions', 'clean,phone');
    expect(table.status).toBe(0);
    const rows = table.stdout.trimEnd().split('\n');
    expect(rows[0]?.split(/ {2,}/)).toEqual(['corpus', 'condition', 'UA', 'accuracy', 'speakers', 'chance']);
    expect(
      rows
        .slice(1)
        .map((row) => row.split(/ {2,}/))
        .map(([name, condition, , , speakers, , warning]) => [name, condition, speakers, warning]),
    ).toEqual([
      ['RAVDESS', 'clean', '6', 'trained with'],
      ['RAVDESS', 'phone', '6', 'trained with'],
    ]);
    const json = await run('evaluate', '--model', 'model', ...data, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject([{ corpus: 'RAVDESS', condition: 'clean', trainedWith: true }]);

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
      ['evaluate', '--corpus', 'emodb=x', '--conditions', 'loud'],
      2,
      /The condition "loud" is unknown; use some of clean, /,
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
