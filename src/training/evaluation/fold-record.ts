import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UndertoneError } from '../../errors.ts';
import type { ClassifierCost } from '../classifiers/cost-meter.ts';
import { CONDITION_NAMES, type ConditionName } from '../conditions.ts';
import { type Predictions, parsePredictions, predictionsCsv } from './predictions.ts';
import { PROTOCOL_NAMES, type ProtocolName } from './protocols.ts';

/** What is known of one trained fold beside its predictions. */
export interface FoldRecord {
  readonly protocol: ProtocolName;
  readonly fold: string;
  /** How many folds the protocol has. */
  readonly folds: number;
  readonly seed: number;
  /** A classifier's name, or a model's name and version. */
  readonly subject: string;
  /** Hash of all that decides what comes out, but for the fold and the seed: folds of one evaluation have it in common. */
  readonly configuration: string;
  /** With the fold and the seed: a fold with the same is not trained again. */
  readonly settingsHash: string;
  /** Whether it was trained for this fold, or comes from elsewhere as it is. */
  readonly trained: boolean;
  readonly labels: readonly string[];
  readonly speakers: {
    readonly train: readonly string[];
    readonly validation: readonly string[];
    readonly test: readonly string[];
  };
  readonly clips: { readonly train: number; readonly validation: number; readonly test: number };
  /** Conditions of the training clips. */
  readonly trainedIn: readonly string[];
  readonly parameters: number;
  /** What validation chose. */
  readonly settings: Readonly<Record<string, number>>;
  readonly temperature: number;
  /** By epoch: mean loss, and the UA of validation where there was any. */
  readonly curve: readonly { readonly loss: number; readonly ua?: number | undefined }[];
  /** Wall-clock time of training. */
  readonly trainingSeconds: number;
  /** What training and predicting took, where it was measured. */
  readonly cost?: ClassifierCost | undefined;
  /** By condition: SHA-256 of its predictions. */
  readonly predictions: Readonly<Partial<Record<ConditionName, string>>>;
}

const speakers = z.array(z.string());
const count = z.int().nonnegative();
const schema = z.object({
  protocol: z.enum(PROTOCOL_NAMES),
  fold: z.string().min(1),
  folds: z.int().positive(),
  seed: z.int(),
  subject: z.string().min(1),
  configuration: z.string().min(1),
  settingsHash: z.string().min(1),
  trained: z.boolean(),
  labels: z.array(z.string()).min(2),
  speakers: z.object({ train: speakers, validation: speakers, test: speakers }),
  clips: z.object({ train: count, validation: count, test: count }),
  trainedIn: z.array(z.string()),
  parameters: count,
  settings: z.record(z.string(), z.number()),
  temperature: z.number().positive(),
  curve: z.array(z.object({ loss: z.number(), ua: z.number().optional() })),
  trainingSeconds: z.number().nonnegative(),
  cost: z
    .object({ trainingCpuSeconds: z.number().nonnegative(), predictionMicroseconds: z.number().nonnegative() })
    .optional(),
  predictions: z.partialRecord(z.enum(CONDITION_NAMES), z.string()),
});

/** A fold's predictions in the conditions that it was measured in. */
export interface MeasuredFold {
  readonly record: FoldRecord;
  readonly conditions: ReadonlyMap<ConditionName, Predictions>;
}

/** `emobox-ravdess-1-1`: protocol, fold, seed. A fold may be called after a speaker, who may be called anything. */
export const foldName = ({ protocol, fold, seed }: Pick<FoldRecord, 'protocol' | 'fold' | 'seed'>): string =>
  `${protocol}-${encodeURIComponent(fold)}-${seed}`;

const csvName = (record: FoldRecord, condition: ConditionName): string =>
  `${foldName(record)}${condition === 'clean' ? '' : `.${condition}`}.csv`;

/** Writes the predictions of one condition, and the record that now names them. */
export function writePredictions(
  folder: string,
  record: FoldRecord,
  condition: ConditionName,
  predictions: Predictions,
): FoldRecord {
  const text = predictionsCsv(predictions);
  const now = { ...record, predictions: { ...record.predictions, [condition]: sha256(text) } };
  try {
    mkdirSync(folder, { recursive: true });
    writeWhole(join(folder, csvName(record, condition)), text);
    // Last: a record never names what is not there.
    writeWhole(join(folder, `${foldName(record)}.json`), `${JSON.stringify(now, undefined, 1)}\n`);
  } catch (thrown) {
    const detail = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new UndertoneError('file-unwritable', { path: folder, detail });
  }
  return now;
}

/** The record of a fold with these settings, if there is one. */
export function recordOf(
  folder: string,
  key: Pick<FoldRecord, 'protocol' | 'fold' | 'seed' | 'settingsHash'>,
): FoldRecord | undefined {
  const path = join(folder, `${foldName(key)}.json`);
  if (!existsSync(path)) return undefined;
  const record = parseRecord(path);
  return record.settingsHash === key.settingsHash ? record : undefined;
}

/** Whether a folder has records of another configuration. */
export function otherConfiguration(folder: string, configuration: string): boolean {
  if (!existsSync(folder)) return false;
  return recordNames(folder).some((name) => parseRecord(join(folder, name)).configuration !== configuration);
}

/** Whether a record's predictions in a condition are there, unchanged. */
export function hasPredictions(folder: string, record: FoldRecord, condition: ConditionName): boolean {
  const expected = record.predictions[condition];
  const path = join(folder, csvName(record, condition));
  return expected !== undefined && existsSync(path) && sha256(readFileSync(path, 'utf8')) === expected;
}

/**
 * All folds of a folder of predictions, by name.
 *
 * @throws `file-missing`, `file-unreadable` where predictions were changed, lack, or are none.
 */
export function readFolds(folder: string): readonly MeasuredFold[] {
  return recordNames(folder).map((name): MeasuredFold => {
    const record = parseRecord(join(folder, name));
    const conditions = new Map<ConditionName, Predictions>();
    for (const condition of CONDITION_NAMES) {
      const expected = record.predictions[condition];
      if (expected === undefined) continue;
      const path = join(folder, csvName(record, condition));
      let text: string;
      try {
        text = readFileSync(path, 'utf8');
      } catch {
        throw new UndertoneError('file-missing', { path });
      }
      if (sha256(text) !== expected) {
        throw new UndertoneError('file-unreadable', { path, detail: `it is not what ${name} says was written` });
      }
      conditions.set(condition, parsePredictions(text, path));
    }
    return { record, conditions };
  });
}

function recordNames(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    throw new UndertoneError('file-missing', { path: folder });
  }
  return names.sort(new Intl.Collator('en', { numeric: true }).compare);
}

function parseRecord(path: string): FoldRecord {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (thrown) {
    const issue = thrown instanceof z.ZodError ? thrown.issues[0] : undefined;
    const detail = issue === undefined ? 'it is not JSON' : `${issue.path.join('.')}: ${issue.message}`;
    throw new UndertoneError('file-unreadable', { path, detail });
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Never half a file under its name. */
function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.part`, text);
  renameSync(`${path}.part`, path);
}
