import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { readName } from './file-names.ts';
import { clipsByName } from './files.ts';
import type { FoundClip } from './found-clip.ts';

const DEMOGRAPHICS = 'VideoDemographics.csv';

/** CREMA-D by its file names; the gender of its actors from `VideoDemographics.csv`, where that lies in the folder or beside it. */
export function cremadClips(corpus: string, folder: string): FoundClip[] {
  const genders = gendersOf(folder);
  return clipsByName(corpus, folder, readName.cremad).map((clip) => {
    const gender = genders.get(clip.speaker);
    return gender === undefined ? clip : { ...clip, gender };
  });
}

function gendersOf(folder: string): ReadonlyMap<string, 'female' | 'male'> {
  const path = [folder, dirname(resolve(folder))].map((place) => join(place, DEMOGRAPHICS)).find(existsSync);
  if (path === undefined) return new Map();
  const rows = parse(readFileSync(path), { columns: true, bom: true, trim: true, skip_empty_lines: true });
  return new Map(
    (rows as Readonly<Record<string, string>>[]).flatMap(({ ActorID: actor, Sex: sex }) =>
      actor !== undefined && (sex === 'Female' || sex === 'Male')
        ? [[actor, sex === 'Female' ? ('female' as const) : ('male' as const)]]
        : [],
    ),
  );
}
