import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Two folders up from src/cli as from dist/cli.
const ROOT = new URL('../../', import.meta.url);

/** A file that comes with the package. */
export function packagePath(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}

/** The model that is used where none is named. */
export const DEFAULT_MODEL = packagePath('models/default');

export function packageVersion(): string {
  const { version }: { version: string } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8'));
  return version;
}
