import { type Dirent, readdirSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { UndertoneError } from '../../errors.ts';
import type { ClipName, FoundClip } from './found-clip.ts';

const EXTENSIONS = ['.wav', '.flac', '.opus', '.ogg', '.mp3'];

/** What a file name says of a clip; undefined for a file that is none of the corpus's clips. */
export type ReadName = (stem: string, folder: string) => ClipName | undefined;

/**
 * The clips under a folder by their official names, wherever they lie in it; of several copies the first by path.
 *
 * @param idOf what makes a stem unique, where the corpus repeats stems from speaker to speaker.
 * @throws `corpus-invalid` for a folder that cannot be read.
 */
export function clipsByName(
  corpus: string,
  folder: string,
  read: ReadName,
  idOf: (stem: string, name: ClipName) => string = (stem) => stem,
): FoundClip[] {
  const clips = new Map<string, FoundClip>();
  for (const path of recordingsUnder(corpus, folder)) {
    const stem = stemOf(path);
    const name = read(stem, basename(dirname(path)));
    if (name === undefined) continue;
    const id = idOf(stem, name);
    if (!clips.has(id)) clips.set(id, { id, path, ...name });
  }
  return [...clips.values()];
}

/** The audio files under a folder, by path. */
export function recordingsUnder(corpus: string, folder: string): string[] {
  return filesUnder(corpus, folder).filter((path) => EXTENSIONS.includes(extname(path).toLowerCase()));
}

/** All files under a folder, by path; without those that macOS leaves beside others. */
export function filesUnder(corpus: string, folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  } catch {
    throw new UndertoneError('corpus-invalid', { name: corpus, path: folder, detail: 'the folder cannot be read' });
  }
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('._'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => (relative(folder, a) < relative(folder, b) ? -1 : 1));
}

export const stemOf = (path: string): string => basename(path, extname(path));
