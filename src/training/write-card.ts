import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { UndertoneError } from '../errors.ts';
import { type ModelManifest, parseManifest } from '../inference/index.ts';
import { type Measured, modelCard } from './card.ts';
import { METRICS, recomputed } from './evaluation/metrics-file.ts';
import type { StreamingSummary } from './evaluation/streaming/streaming-summary.ts';
import type { TrainingReport } from './training-report.ts';

/** What classifier is trained for each fold by the recipe of a kind of model. */
const RECIPES = { functionals: 'mlp', sequence: 'sequence' } as const;

/**
 * Writes a model's `CARD.md` anew: from its manifest, what its training measured (`metrics.json`), and the evaluations in a folder that
 * are of the model or of its recipe, whose figures are computed from their predictions.
 *
 * @param evaluations a folder of evaluations, each in a folder of its own; without it the card has none.
 * @returns where the card is.
 * @throws `file-missing`, `file-unreadable`, `file-unwritable`.
 * @example
 * writeCard('models/default', 'docs/evaluation');
 */
export function writeCard(folder: string, evaluations?: string): string {
  const manifest = read(join(folder, 'manifest.json'), parseManifest);
  const report = read(join(folder, METRICS), (text) => JSON.parse(text) as TrainingReport);
  const path = join(folder, 'CARD.md');
  const card = modelCard(manifest, report, evaluations === undefined ? {} : measuredIn(folder, evaluations, manifest));
  try {
    writeFileSync(path, card);
  } catch (thrown) {
    throw new UndertoneError('file-unwritable', {
      path,
      detail: (thrown as NodeJS.ErrnoException).code ?? String(thrown),
    });
  }
  return path;
}

function measuredIn(folder: string, home: string, manifest: ModelManifest): Measured {
  if (!existsSync(home)) throw new UndertoneError('file-missing', { path: home });
  const subjects: readonly string[] = [`${manifest.name} ${manifest.version}`, RECIPES[manifest.kind ?? 'functionals']];
  const folders = readdirSync(home)
    .sort()
    .map((name) => join(home, name));
  const evaluations = folders
    .filter((path) => existsSync(join(path, METRICS)))
    .map((path) => ({ folder: relative(folder, path).replaceAll('\\', '/'), metrics: recomputed(path) }))
    .filter(({ metrics }) => subjects.includes(metrics.subject));
  const streaming = folders
    .map((path) => join(path, 'streaming.json'))
    .filter((path) => existsSync(path))
    .map((path) => read(path, revived))
    .find(({ subject }) => subjects.includes(subject));
  return { evaluations, streaming };
}

/** In JSON what never comes is null. */
const revived = (text: string): StreamingSummary =>
  JSON.parse(text, (key, value: unknown) =>
    value === null && ['value', 'low', 'high', 'medianDelayMs'].includes(key) ? Infinity : value,
  ) as StreamingSummary;

function read<T>(path: string, parse: (text: string) => T): T {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new UndertoneError('file-missing', { path });
  }
  try {
    return parse(text);
  } catch (thrown) {
    throw new UndertoneError('file-unreadable', {
      path,
      detail: thrown instanceof Error ? thrown.message : String(thrown),
    });
  }
}
