import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UndertoneError } from '../errors.ts';
import { globBase, globPattern, isGlob } from './glob.ts';

/** Endings that are taken for audio when a folder is searched; a file that is named itself may have any. */
export const AUDIO_ENDINGS: readonly string[] =
  '.wav .wave .mp3 .flac .ogg .oga .opus .m4a .m4b .mp4 .aac .webm .mka .wma .amr .aif .aiff .au .caf .3gp'.split(' ');

/** A recording that was asked for, or why there is none. */
export type Recording = FoundRecording | FailedRecording;

export interface FoundRecording {
  readonly kind: 'found';
  /** As it was given, or the folder that was given and the way from there. */
  readonly path: string;
  /** Its place below what was given: where a result belongs below a folder of results. */
  readonly place: string;
}

export interface FailedRecording {
  readonly kind: 'failed';
  readonly path: string;
  readonly error: UndertoneError;
}

/**
 * The recordings that arguments of the command line stand for: a file is itself, a folder all audio files below it by
 * name, a glob what it matches (for shells that leave it to us, and for quoted ones). Every recording once, and what
 * cannot be found in its place as an error, so that it ends none of the others.
 */
export async function findRecordings(given: readonly string[]): Promise<Recording[]> {
  const found = new Map<string, Recording>();
  for (const argument of given) {
    for (const recording of await expand(argument)) {
      if (!found.has(recording.path)) found.set(recording.path, recording);
    }
  }
  return [...found.values()];
}

/** Whether arguments may stand for several recordings, however many they are today. */
export async function isBatch(given: readonly string[]): Promise<boolean> {
  if (given.length > 1) return true;
  const info = await stat(given[0] ?? '').catch(() => undefined);
  return info === undefined ? isGlob(given[0] ?? '') : info.isDirectory();
}

async function expand(argument: string): Promise<Recording[]> {
  const info = await stat(argument).catch(() => undefined);
  if (info?.isDirectory()) return searchFolder(argument);
  if (info !== undefined) return [{ kind: 'found', path: argument, place: basename(argument) }];
  if (!isGlob(argument)) return [failed(argument, new UndertoneError('file-missing', { path: argument }))];
  const glob = argument.replace(/^(?:\.\/)+/, '');
  const prefix = argument.slice(0, argument.length - glob.length);
  const base = globBase(glob);
  const pattern = globPattern(glob);
  const matches = (await filesBelow(base).catch(() => []))
    .map((place) => ({ place, path: base === '.' ? place : `${base.replace(/\/$/, '')}/${place}` }))
    .filter(({ path }) => pattern.test(path));
  if (matches.length > 0) return matches.map(({ path, place }) => ({ kind: 'found', path: prefix + path, place }));
  return [failed(argument, new UndertoneError('file-unreadable', { path: argument, detail: 'it matches no file' }))];
}

async function searchFolder(folder: string): Promise<Recording[]> {
  try {
    const paths = (await filesBelow(folder)).filter((path) =>
      AUDIO_ENDINGS.some((ending) => path.toLowerCase().endsWith(ending)),
    );
    if (paths.length === 0) throw new UndertoneError('file-unreadable', { path: folder, detail: 'it holds no audio' });
    return paths.map((place) => ({ kind: 'found', path: `${folder.replace(/\/+$/, '')}/${place}`, place }));
  } catch (thrown) {
    return [failed(folder, readError(folder, thrown))];
  }
}

/** Files below a folder, relative to it, with `/` between the parts, sorted; nothing hidden. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = await Promise.all(
    entries
      .filter((entry) => !entry.name.startsWith('.'))
      .map(async (entry) => {
        if (!entry.isDirectory()) return [entry.name];
        return (await filesBelow(join(folder, entry.name))).map((path) => `${entry.name}/${path}`);
      }),
  );
  return nested.flat().sort();
}

function failed(path: string, error: UndertoneError): Recording {
  return { kind: 'failed', path, error };
}

/** An error of the file system as one of the table. */
export function readError(path: string, thrown: unknown): UndertoneError {
  if (thrown instanceof UndertoneError) return thrown;
  return new UndertoneError('file-unreadable', { path, detail: systemReason(thrown) });
}

/** What went wrong in a call to the system, in words. */
export function systemReason(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  switch (code) {
    case 'ENOENT':
      return 'it does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'permission is denied';
    case 'EISDIR':
      return 'it is a folder';
    case 'ENOTDIR':
      return 'a part of its path is not a folder';
    case 'ENOSPC':
      return 'the disk is full';
    case 'EROFS':
      return 'the disk is read-only';
    default:
      return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
