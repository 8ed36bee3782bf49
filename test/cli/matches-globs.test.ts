import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { globBase, globPattern, isGlob } from '../../src/cli/glob.ts';

const FILES = [
  'a.wav',
  'b.wav',
  'b.flac',
  'c.txt',
  '.hidden.wav',
  'call-1.wav',
  'call-2.wav',
  'call-10.wav',
  'x+y(1).wav',
  'day/a.wav',
  'day/evening/a.wav',
  'day/evening/z.mp3',
  'day/.secret/a.wav',
  'night/a.wav',
  'night/ä.wav',
];

describe('a glob matches what bash matches', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'undertone-glob-'));
    for (const file of FILES) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), '');
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    '*.wav',
    '*',
    '?.wav',
    '*.{wav,flac}',
    'call-[12].wav',
    'call-[!1].wav',
    'call-[0-9]*.wav',
    '{day,night}/*.wav',
    '{day/*,night}/a.wav',
    '**/*.wav',
    'day/**/*.wav',
    'day/**/evening/*',
    '*/a.wav',
    'x+y(1).*',
    'n*/?.wav',
    '.h*.wav',
    'none-*.wav',
    '{a,b}.{wav,{flac,mp3}}',
  ])('%s', (glob) => {
    // bash is the reference; a word with braces or parentheses in it must reach its globbing unquoted.
    const word = glob.replace(/[()]/g, '\\$&');
    const matched = execFileSync(
      'bash',
      ['-c', `shopt -s globstar nullglob; for f in ${word}; do [ -f "$f" ] && echo "$f"; done; true`],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } },
    );
    const pattern = globPattern(glob);
    expect(FILES.filter((file) => pattern.test(file)).sort()).toEqual(
      [...new Set(matched.split('\n').filter((line) => line !== ''))].sort(),
    );
  });

  it('is looked for below its parts without special characters', () => {
    expect(globBase('*.wav')).toBe('.');
    expect(globBase('calls/2024/*.wav')).toBe('calls/2024');
    expect(globBase('/*.wav')).toBe('/');
    expect(globBase('/data/c?lls/x/*.wav')).toBe('/data');
    expect(globBase('../calls/*')).toBe('../calls');
  });

  it('is told from a plain path', () => {
    expect(['a*.wav', 'a?.wav', '[ab].wav', '{a,b}.wav'].every(isGlob)).toBe(true);
    expect(['a.wav', 'x+y(1).wav', '../a b/ä.wav'].some(isGlob)).toBe(false);
  });
});
