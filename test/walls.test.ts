import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');
/** Who may import whom: the table of docs/design.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  audio: [],
  features: ['audio'],
  inference: ['features'],
  streams: ['audio', 'features', 'inference', 'protocol'],
  protocol: [],
  client: ['protocol'],
  web: ['client', 'protocol'],
  exports: ['protocol'],
  store: ['protocol', 'streams'],
  server: ['audio', 'features', 'inference', 'streams', 'protocol', 'exports', 'store'],
  training: ['audio', 'features', 'inference', 'streams', 'exports'],
  cli: [
    'audio',
    'features',
    'inference',
    'streams',
    'protocol',
    'client',
    'web',
    'exports',
    'store',
    'server',
    'training',
  ],
};
/** Files at the top that belong to every room. */
const COMMON = ['errors.ts', 'emotions.ts', 'clock.ts'];
const BROWSER_SAFE = ['protocol', 'client', 'web'];

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.tsx?$/.test(path) ? [path] : [];
  });
}

function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

const room = (path: string): string | undefined => {
  const [first, ...rest] = relative(SRC, path).split('/');
  return rest.length > 0 ? first : undefined;
};

describe('the walls between rooms', () => {
  const files = sources(SRC);

  it('every room is in the table', () => {
    const rooms = [...new Set(files.map(room).filter((name) => name !== undefined))];
    expect(rooms.filter((name) => !(name in MAY_IMPORT))).toEqual([]);
  });

  it('no room imports one that it may not', () => {
    const broken = files.flatMap((path) => {
      const from = room(path);
      if (from === undefined) return [];
      return importsOf(path)
        .filter((target) => target.startsWith('.'))
        .map((target) => resolve(dirname(path), target))
        .filter((target) => !COMMON.includes(relative(SRC, target)))
        .filter((target) => room(target) !== from && !MAY_IMPORT[from]?.includes(room(target) ?? ''))
        .map(
          (target) =>
            `${relative(SRC, path)} imports ${relative(SRC, target)}, but ${from} may import only: ${MAY_IMPORT[from]?.join(', ') || 'nothing inside'}. See docs/design.md, Rooms.`,
        );
    });
    expect(broken).toEqual([]);
  });

  it('another room is entered by its index.ts', () => {
    const broken = files.flatMap((path) =>
      importsOf(path)
        .filter((target) => target.startsWith('.'))
        .map((target) => resolve(dirname(path), target))
        .filter((target) => {
          const into = room(target);
          return into !== undefined && into !== room(path) && relative(join(SRC, into), target) !== 'index.ts';
        })
        .map((target) => `${relative(SRC, path)} imports ${relative(SRC, target)}; import that room's index.ts.`),
    );
    expect(broken).toEqual([]);
  });

  it('browser-safe rooms use nothing of Node', () => {
    const broken = files
      .filter((path) => BROWSER_SAFE.includes(room(path) ?? ''))
      .flatMap((path) =>
        importsOf(path)
          .filter((target) => target.startsWith('node:'))
          .map((target) => `${relative(SRC, path)} imports ${target}.`),
      );
    expect(broken).toEqual([]);
  });
});
