/** Writes the documents that are made from the code: npm run docs. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { documents } from './docs/documents.ts';

mkdirSync('docs/schemas', { recursive: true });
for (const old of readdirSync('docs/schemas')) rmSync(`docs/schemas/${old}`);
for (const [path, text] of documents(process.cwd())) writeFileSync(path, text);
