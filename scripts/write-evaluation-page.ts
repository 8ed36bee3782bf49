/**
 * Computes the tables of docs/evaluation.md from the predictions in docs/evaluation, and writes them between their marks.
 *
 *   npm run docs:evaluation
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { withTables } from './evaluation-tables.ts';

const PAGE = 'docs/evaluation.md';
writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8'), '.'));
