import { type Dirent, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UndertoneError } from '../errors.ts';

/** Noise recordings, by path. */
export interface NoiseFiles {
  readonly training: readonly string[];
  /** Kept for measuring: no model is trained with them. */
  readonly test: readonly string[];
  /** Impulse responses of rooms, kept apart in the same way. */
  readonly rooms?: { readonly training: readonly string[]; readonly test: readonly string[] };
}

const EXTENSIONS = /\.(wav|flac|ogg|opus|mp3)$/i;
const MUSIC = /music/i;
const OFFICE = /office/i;

/**
 * The noises in a folder and its subfolders. Those named `office…` are kept for testing, so that a figure in office noise is not
 * one in noise that was trained with. Music is left out: nobody speaks over music on hold.
 *
 * @throws `file-missing` where the folder cannot be read.
 */
export function findNoises(folder: string | undefined): NoiseFiles {
  const paths = recordingsIn(folder).filter((path) => !MUSIC.test(basename(path)));
  const office = paths.filter((path) => OFFICE.test(basename(path)));
  return { training: paths.filter((path) => !office.includes(path)), test: office };
}

/**
 * The impulse responses in a folder and its subfolders, by name: the first, third, fifth … are kept for testing, the others
 * may be trained with.
 *
 * @throws `file-missing` where the folder cannot be read.
 */
export function findRooms(folder: string | undefined): { readonly training: string[]; readonly test: string[] } {
  const paths = recordingsIn(folder);
  return {
    training: paths.filter((_, index) => index % 2 === 1),
    test: paths.filter((_, index) => index % 2 === 0),
  };
}

/** By path, sorted. */
function recordingsIn(folder: string | undefined): string[] {
  if (folder === undefined) return [];
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  } catch {
    throw new UndertoneError('file-missing', { path: folder });
  }
  return entries
    .filter((entry) => entry.isFile() && EXTENSIONS.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
