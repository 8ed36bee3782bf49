import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');

/** A script for a page, with the modules that went into it. */
export interface Bundle {
  readonly code: string;
  readonly inputs: readonly string[];
  /** What of Node it would need. */
  readonly external: readonly string[];
}

export async function bundle(entry: string): Promise<Bundle> {
  const result = await build({
    entryPoints: [resolve(root, entry)],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    metafile: true,
    logLevel: 'silent',
  });
  const imports = Object.values(result.metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path));
  return {
    code: result.outputFiles[0]!.text,
    inputs: Object.keys(result.metafile.inputs),
    external: imports.filter((path) => path.startsWith('node:') || path === 'ws'),
  };
}

/** A page with the script, on an origin of its own. */
export async function serve(code: string): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(`<!doctype html><script>${code}</script>`);
  });
  await new Promise<void>((resolved) => server.listen(0, '127.0.0.1', resolved));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

/** An error of the page with its message only: its stack names places that the test runner does not have. */
export function inPage<T>(result: Promise<T>): Promise<T> {
  return result.catch((error: Error) => {
    throw new Error(error.message);
  });
}
