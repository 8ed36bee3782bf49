import { readFileSync } from 'node:fs';

/** Of this package. Two folders up from src/server as from dist/server. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string }
).version;
