import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRecordings, isBatch } from '../../src/cli/recordings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'undertone-find-'));
  for (const file of [
    'one.wav',
    'two.FLAC',
    'notes.txt',
    'in [1].wav',
    'sub/three.mp3',
    'sub/deep/four.ogg',
    '.x.wav',
  ]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), 'x');
  }
  mkdirSync(join(folder, 'bare'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const paths = async (...given: string[]): Promise<string[]> =>
  (await findRecordings(given)).map(({ kind, path }) => (kind === 'found' ? path : `failed ${path}`));

describe('the recordings that arguments stand for', () => {
  it('a folder is its audio files, at any depth, by name; nothing hidden, no other files', async () => {
    expect(await paths(folder)).toEqual(
      ['in [1].wav', 'one.wav', 'sub/deep/four.ogg', 'sub/three.mp3', 'two.FLAC'].map((name) => `${folder}/${name}`),
    );
    expect(await paths(`${folder}/sub/`)).toEqual([`${folder}/sub/deep/four.ogg`, `${folder}/sub/three.mp3`]);
  });

  it('a file is itself, whatever its ending and whatever characters its name has', async () => {
    expect(await paths(`${folder}/notes.txt`, `${folder}/in [1].wav`)).toEqual([
      `${folder}/notes.txt`,
      `${folder}/in [1].wav`,
    ]);
  });

  it('a glob is what it matches, and its place is below its fixed part', async () => {
    const found = await findRecordings([`${folder}/**/*.{mp3,ogg}`]);
    expect(found).toEqual([
      { kind: 'found', path: `${folder}/sub/deep/four.ogg`, place: 'sub/deep/four.ogg' },
      { kind: 'found', path: `${folder}/sub/three.mp3`, place: 'sub/three.mp3' },
    ]);
  });

  it('every recording is there once', async () => {
    expect(await paths(`${folder}/one.wav`, folder, `${folder}/one.wav`)).toHaveLength(5);
  });

  it('what is not there is an error in its place and ends none of the others', async () => {
    const found = await findRecordings([`${folder}/no.wav`, `${folder}/one.wav`, `${folder}/*.aac`, `${folder}/bare`]);
    expect(found.map((recording) => (recording.kind === 'failed' ? recording.error.message : recording.path))).toEqual([
      `${folder}/no.wav does not exist.`,
      `${folder}/one.wav`,
      `${folder}/*.aac cannot be read: it matches no file.`,
      `${folder}/bare cannot be read: it holds no audio.`,
    ]);
  });

  it('several arguments, a folder or a glob make a batch, one file does not', async () => {
    expect(await isBatch([`${folder}/one.wav`])).toBe(false);
    expect(await isBatch([`${folder}/in [1].wav`])).toBe(false);
    expect(await isBatch([`${folder}/missing.wav`])).toBe(false);
    expect(await isBatch([folder])).toBe(true);
    expect(await isBatch([`${folder}/*.wav`])).toBe(true);
    expect(await isBatch([`${folder}/one.wav`, `${folder}/one.wav`])).toBe(true);
  });
});
