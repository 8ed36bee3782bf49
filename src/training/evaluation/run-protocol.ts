import { createHash } from 'node:crypto';
import { UndertoneError } from '../../errors.ts';
import type { Clip } from '../clips.ts';
import type { ConditionName } from '../conditions.ts';
import { type PredictedStream, wholeClip } from '../decide.ts';
import { highest } from '../fit.ts';
import type { ClassLabel } from '../labels.ts';
import type { Contestant, Ear } from './contestant.ts';
import { type FoldRecord, hasPredictions, otherConfiguration, recordOf, writePredictions } from './fold-record.ts';
import type { ClipPrediction } from './predictions.ts';
import type { ProtocolFold, ProtocolName } from './protocols.ts';

/** Raise this when code changes what a fold comes to. */
const REVISION = 1;

export interface ProtocolRun {
  readonly protocol: ProtocolName;
  /** All of the protocol. */
  readonly folds: readonly ProtocolFold[];
  /** Only this one is run. */
  readonly only?: string | undefined;
  readonly contestant: Contestant;
  readonly seeds: readonly number[];
  readonly conditions: readonly ConditionName[];
  /** Folder of the predictions. */
  readonly out: string;
  readonly onProgress?: (fold: string, seed: number, share: number) => void;
  readonly onWarning?: (message: string) => void;
}

/**
 * Trains and tests every fold with every seed, and writes the predictions of each. What an earlier run with the same settings has
 * left is taken as it is.
 *
 * @returns the records, seed by seed.
 * @throws `usage` for a fold that is none, and for a folder with predictions of other settings.
 */
export async function runProtocol(run: ProtocolRun): Promise<readonly FoldRecord[]> {
  const { folds, only, out, seeds } = run;
  const wanted = folds.filter(({ name }) => only === undefined || name === only);
  if (wanted.length === 0) {
    const names = folds.map(({ name }) => name).join(', ');
    throw new UndertoneError('usage', { detail: `--fold: there is no fold "${only}"; use one of ${names}.` });
  }
  const configuration = configurationOf(run);
  if (otherConfiguration(out, configuration)) {
    const detail = `${out} holds predictions of other settings; give another --out, or take them away.`;
    throw new UndertoneError('usage', { detail });
  }
  const records: FoldRecord[] = [];
  for (const seed of seeds) {
    for (const fold of wanted) records.push(await runFold(run, configuration, fold, seed));
  }
  return records;
}

async function runFold(run: ProtocolRun, configuration: string, fold: ProtocolFold, seed: number): Promise<FoldRecord> {
  const { protocol, contestant, conditions, out } = run;
  const settingsHash = sha256([configuration, fold.name, seed]);
  let record = recordOf(out, { protocol, fold: fold.name, seed, settingsHash });
  const missing = conditions.filter((condition) => record === undefined || !hasPredictions(out, record, condition));
  if (record !== undefined && missing.length === 0) return record;
  await contestant.prepare(missing);
  contestant.cost?.();
  const began = performance.now();
  const ear = await contestant.train(fold, {
    seed,
    onProgress: (share) => run.onProgress?.(fold.name, seed, share),
  });
  const fresh = record === undefined;
  record ??= {
    protocol,
    fold: fold.name,
    folds: run.folds.length,
    seed,
    subject: contestant.name,
    configuration,
    settingsHash,
    trained: contestant.trained,
    labels: ear.labels,
    speakers: { train: speakersOf(fold.train), validation: speakersOf(fold.validation), test: speakersOf(fold.test) },
    clips: { train: fold.train.length, validation: fold.validation.length, test: fold.test.length },
    trainedIn: contestant.trainedIn,
    parameters: ear.parameters,
    settings: ear.settings,
    temperature: ear.temperature,
    curve: ear.curve,
    trainingSeconds: contestant.trained ? (performance.now() - began) / 1000 : 0,
    predictions: {},
  };
  for (const condition of missing) {
    const rows = await clipPredictions(ear, fold.test, condition, run.onWarning ?? (() => {}));
    if (fresh && condition === missing[0] && contestant.cost !== undefined)
      record = { ...record, cost: contestant.cost() };
    record = writePredictions(out, record, condition, { labels: ear.labels, rows });
  }
  return record;
}

/** What an ear makes of clips, each as a stream of its own; clips of a class that it has not are left out. */
export async function clipPredictions(
  ear: Ear,
  clips: readonly Clip[],
  condition: ConditionName,
  warn: (message: string) => void,
): Promise<ClipPrediction[]> {
  const known = clips.filter(({ label }) => ear.labels.includes(label));
  if (known.length < clips.length) warn(`${clips.length - known.length} test clips have a class that was not trained.`);
  const streams = await ear.clips(known, condition);
  const unread = streams.filter((stream) => stream === undefined).length;
  if (unread > 0) warn(`${unread} test clips could not be read and are not counted (${condition}).`);
  return known.flatMap((clip, index) => prediction(clip, streams[index], ear.labels, ear.temperature) ?? []);
}

function prediction(
  { id, speaker, gender, label }: Clip,
  stream: PredictedStream | undefined,
  labels: readonly ClassLabel[],
  temperature: number,
): ClipPrediction | undefined {
  const probabilities = stream && wholeClip(stream, temperature);
  if (probabilities === undefined) return undefined;
  return {
    clip: id,
    speaker,
    gender: gender ?? '',
    truth: label,
    guess: labels[highest(probabilities, 0, labels.length)]!,
    probabilities: [...probabilities],
  };
}

const speakersOf = (clips: readonly Clip[]): string[] => [...new Set(clips.map(({ speaker }) => speaker))].sort();

/** Of all that decides what comes out, but for the fold and the seed. */
function configurationOf({ protocol, contestant, folds }: ProtocolRun): string {
  const ids = (clips: readonly Clip[]): unknown => clips.map(({ id, label }) => [id, label]);
  const parts = folds.map(({ name, test, train, validation }) => [name, ids(test), ids(train), ids(validation)]);
  return sha256([REVISION, protocol, parts, contestant.name, contestant.key]);
}

const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
