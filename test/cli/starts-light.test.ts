import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');

/** What a module loads when it is loaded: its static imports of values. */
function loads(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/^(?:import|export) (?!type )(?:[^'"]*? from )?'([^']+)'/gm)].map(
    ([, target]) => target ?? '',
  );
}

describe('the command line', () => {
  it('loads no other room and no large package before a command runs, so that --help is there at once', () => {
    const seen = new Set<string>();
    const packages = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      for (const target of loads(path)) {
        if (target.startsWith('.')) visit(resolve(dirname(path), target));
        else if (!target.startsWith('node:')) packages.add(target);
      }
    };
    visit(resolve(SRC, 'cli/main.ts'));
    const rooms = new Set([...seen].map((path) => relative(SRC, path)).filter((path) => !path.startsWith('cli/')));
    expect([...rooms].sort()).toEqual(['clock.ts', 'emotions.ts', 'errors.ts']);
    expect([...packages].sort()).toEqual(['commander', 'picocolors']);
    expect(seen.size).toBeGreaterThan(15);
  });
});
