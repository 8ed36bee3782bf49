import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type Needles = Readonly<Record<string, string | Uint8Array>>;

/** Names of those that are in a file of the folder, and in which. */
export function findRaw(
  folder: string,
  needles: Needles,
  ignored: readonly string[] = [],
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const path of filesIn(folder, ignored)) {
    const bytes = readFileSync(path);
    for (const [name, needle] of Object.entries(needles)) {
      const wanted =
        typeof needle === 'string' ? Buffer.from(needle) : Buffer.from(needle.buffer, needle.byteOffset, needle.length);
      if (wanted.length < 8) throw new Error(`${name} is too short to be looked for.`);
      if (bytes.includes(wanted)) found[name] = path.slice(folder.length + 1);
    }
  }
  return found;
}

function filesIn(folder: string, ignored: readonly string[]): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (ignored.includes(entry.name)) return [];
    if (entry.isDirectory()) return filesIn(path, ignored);
    return entry.isFile() && statSync(path).size > 0 ? [path] : [];
  });
}
