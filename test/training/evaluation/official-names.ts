import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FoldFile } from '../../../src/training/evaluation/fold-file.ts';

// Folders of empty files with the official names of corpora: enough for whatever goes by names.

const two = (value: number): string => String(value).padStart(2, '0');

function folderOf(paths: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-names-'));
  for (const path of paths) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), '');
  }
  return folder;
}

/** All 1,440, the recording that is there twice included. */
export function ravdessNames(): string[] {
  const names: string[] = [];
  for (let actor = 1; actor <= 24; actor++) {
    for (let emotion = 1; emotion <= 8; emotion++) {
      for (const intensity of emotion === 1 ? [1] : [1, 2]) {
        for (const sentence of [1, 2]) {
          for (const repetition of [1, 2]) {
            names.push(['03', '01', ...[emotion, intensity, sentence, repetition, actor].map(two)].join('-'));
          }
        }
      }
    }
  }
  return names;
}

/** Ten speakers, seven emotions. */
export function emodbNames(): string[] {
  return ['03', '08', '09', '10', '11', '12', '13', '14', '15', '16'].flatMap((speaker) =>
    ['a01', 'a04', 'b02', 'b10'].flatMap((text) => [...'WLEAFTN'].map((emotion) => `${speaker}${text}${emotion}a`)),
  );
}

export const ravdessFolder = (): string =>
  folderOf(ravdessNames().map((name) => `Actor_${name.slice(-2)}/${name}.wav`));
export const emodbFolder = (): string => folderOf(emodbNames().map((name) => `wav/${name}.wav`));
export const nemoFolder = (): string =>
  folderOf(
    ['EB0', 'IC0', 'DD1', 'LM2', 'KD0'].flatMap((speaker) =>
      ['anger', 'fear', 'happiness', 'neutral', 'sadness', 'surprised'].flatMap((emotion) =>
        [1, 2, 3].map((sentence) => `samples/${speaker}_${emotion}_${sentence}.wav`),
      ),
    ),
  );
export const tessFolder = (): string =>
  folderOf(
    ['OAF', 'YAF'].flatMap((speaker) =>
      ['angry', 'disgust', 'fear', 'happy', 'neutral', 'ps', 'sad'].flatMap((emotion) =>
        ['back', 'bar'].map((word) => `${speaker}_${word}_${emotion}.wav`),
      ),
    ),
  );

/** Six folds of four actors, as EmoBox has them. */
export const ravdessFolds = (): FoldFile => ({
  name: 'emobox-ravdess',
  corpus: 'ravdess',
  test: Array.from({ length: 6 }, (_, fold) => ravdessNames().filter((name) => Number(name.slice(-2)) % 6 === fold)),
});

/** Five folds over the clips, every speaker in each. */
export const emodbFolds = (): FoldFile => ({
  name: 'emobox-emodb',
  corpus: 'emodb',
  test: Array.from({ length: 5 }, (_, fold) => emodbNames().filter((__, index) => index % 5 === fold)),
});
