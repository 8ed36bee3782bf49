import { copyFile, readdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const PLAIN_FILES = ['index.html', 'icon.svg'];

/**
 * Bundles the page (`src/web`) into a folder: `index.html`, `main.js` with a chunk for each page that is loaded when it is
 * opened, `styles.css`, and every `NAME.worklet.ts` as a script of its own, `NAME.worklet.js`.
 *
 * @param root of the repository
 */
export async function buildWeb(root: string, outdir: string): Promise<void> {
  const web = join(root, 'src/web');
  const worklets = (await readdir(web, { recursive: true })).filter((path) => path.endsWith('.worklet.ts'));
  // Chunks have the hash of their content in their names: those of earlier builds would stay.
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: [
      { in: join(web, 'main.tsx'), out: 'main' },
      { in: join(web, 'styles.css'), out: 'styles' },
      ...worklets.map((path) => ({ in: join(web, path), out: basename(path, '.ts') })),
    ],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    chunkNames: '[name]-[hash]',
    logLevel: 'warning',
  });
  await Promise.all(PLAIN_FILES.map((name) => copyFile(join(web, name), join(outdir, name))));
}

if (process.argv[1] !== undefined && basename(process.argv[1]).startsWith('build-web')) {
  // Bundled into .cache or run as it is: both lie one folder under the root.
  const root = resolve(fileURLToPath(import.meta.url), '../..');
  await buildWeb(root, resolve(process.argv[2] ?? join(root, 'dist/web')));
}
