import { type Dirent, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UndertoneError } from '../errors.ts';

/** Noise recordings, by path. */
export interface NoiseFiles {
  readonly training: readonly string[];
  /** Kept for measuring: no model is trained with them. */
  readonly test: readonly string[];
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
  if (folder === undefined) return { training: [], test: [] };
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  } catch {
    throw new UndertoneError('file-missing', { path: folder });
  }
  const paths = entries
    .filter((entry) => entry.isFile() && EXTENSIONS.test(entry.name) && !MUSIC.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const office = paths.filter((path) => OFFICE.test(basename(path)));
  return { training: paths.filter((path) => !office.includes(path)), test: office };
}
