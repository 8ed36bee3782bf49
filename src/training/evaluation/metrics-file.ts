import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UndertoneError } from '../../errors.ts';
import { readFolds } from './fold-record.ts';
import { type EvaluationMetrics, summarise } from './summary.ts';

export const PREDICTIONS = 'predictions';
export const METRICS = 'metrics.json';

/** JSON with figures to six decimals, lists of numbers on one line; what is not defined is null. */
export function metricsJson(metrics: unknown): string {
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(6)) : value;
  const text = JSON.stringify(metrics, rounded, 1);
  const flat = /\[\s+((?:-?[\d.e-]+|null|"[^"\\]*")(?:,\s+(?:-?[\d.e-]+|null|"[^"\\]*"))*)\s+\]/g;
  const interval = /\{\s+("value": [^{}[\]]*?)\s+\}/g;
  const oneLine = (list: string): string => list.replace(/\s+/g, ' ');
  return `${text.replace(flat, (_, list: string) => `[${oneLine(list)}]`).replace(interval, (_, list: string) => `{ ${oneLine(list)} }`)}\n`;
}

/** A number of metrics.json that the predictions do not lead to. */
export interface Difference {
  /** E.g. `conditions.clean.ua.value`. */
  readonly path: string;
  readonly written: unknown;
  readonly recomputed: unknown;
}

/**
 * Recomputes everything in a folder's `metrics.json` from its predictions, and says what differs.
 *
 * @throws `file-missing`, `file-unreadable`.
 * @example
 * const differences = checkEvaluation('docs/evaluation/emobox-ravdess-mlp'); // [] where all is as it should be
 */
export function checkEvaluation(folder: string): readonly Difference[] {
  const path = join(folder, METRICS);
  let written: unknown;
  try {
    written = JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') throw new UndertoneError('file-missing', { path });
    throw new UndertoneError('file-unreadable', { path, detail: 'it is not JSON' });
  }
  return differencesFrom(recomputed(folder), written);
}

/** Where a `metrics.json` is not what figures would be written as. */
export function differencesFrom(metrics: EvaluationMetrics, written: unknown): readonly Difference[] {
  return differences('', written, JSON.parse(metricsJson(metrics)));
}

/** The figures of a folder's predictions. */
export function recomputed(folder: string): EvaluationMetrics {
  const predictions = join(folder, PREDICTIONS);
  const folds = readFolds(predictions);
  try {
    return summarise(folds);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new UndertoneError('file-unreadable', { path: predictions, detail: thrown.message });
  }
}

function differences(path: string, written: unknown, found: unknown): Difference[] {
  if (isObject(written) && isObject(found)) {
    const keys = [...new Set([...Object.keys(written), ...Object.keys(found)])];
    return keys.flatMap((key) => differences(path === '' ? key : `${path}.${key}`, written[key], found[key]));
  }
  return Object.is(written, found) ? [] : [{ path, written, recomputed: found }];
}

/** Objects and lists, both by key. */
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
