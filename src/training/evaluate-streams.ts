import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UndertoneError } from '../errors.ts';
import { loadModel, type ModelManifest } from '../inference/index.ts';
import { defaultOut, type Evaluation, type EvaluationOptions } from './evaluate.ts';
import { metricsJson } from './evaluation/metrics-file.ts';
import { ANALYSIS, setUp } from './evaluation/setup.ts';
import { streamingFigureSet } from './evaluation/streaming/figures.ts';
import { heardStreams } from './evaluation/streaming/heard-streams.ts';
import { FINEST_STEP_MS, type StreamSettings, scoreThreshold } from './evaluation/streaming/stream-settings.ts';
import { type StreamingSummary, summariseStreams } from './evaluation/streaming/streaming-summary.ts';
import type { HeardWindow } from './evaluation/streaming/sweep.ts';
import { writeFigures } from './evaluation/write-report.ts';
import { isEmotion } from './labels.ts';
import { labelsOf } from './window-rows.ts';

export interface StreamingOptions extends EvaluationOptions {
  /** Lengths of the windows that are tried; default 1000, 2000 and 3000. A finished model has its own. */
  readonly windowsMs?: readonly number[] | undefined;
  /** Model folder whose settings the figures are compared with; of a finished model, its own. */
  readonly present: string;
}

export interface StreamingEvaluation extends Pick<Evaluation, 'out'> {
  readonly summary: StreamingSummary;
}

/**
 * Measures how a timeline follows what is acted, on long streams made of single speakers' clips, and which settings would make it
 * follow better. Those are chosen on streams of training speakers who were held out; a finished model has none, and its own
 * settings are measured alone. Writes `streaming.json` and figures.
 *
 * @throws what `runEvaluation` throws.
 * @example
 * await runStreamingEvaluation({ protocol: 'held-out', corpora: ['ravdess=RAVDESS'], subject: { classifier: 'mlp' }, present: 'models/default' });
 */
export async function runStreamingEvaluation(options: StreamingOptions): Promise<StreamingEvaluation> {
  const { protocol, seeds = [1], conditions = ['clean'] } = options;
  const setup = await setUp(options);
  try {
    const labels = labelsOf(setup.folds.flatMap(({ test, train }) => [...test, ...train])).filter(isEmotion);
    if (labels.length < labelsOf(setup.clips).length) {
      const detail =
        'A timeline has emotions only: use the protocol held-out, leave-one-speaker-out or cross-corpus, with no other labels.';
      throw new UndertoneError('usage', { detail });
    }
    const present = settingsOf(setup.manifest ?? (await manifestOf(options.present)));
    const windowsMs = setup.manifest
      ? [present.windowMs]
      : [...new Set([...(options.windowsMs ?? [1000, 2000, 3000]), present.windowMs])].sort((a, b) => a - b);
    const heard: HeardWindow[] = [];
    let [subject, out] = ['', ''];
    for (const windowMs of windowsMs) {
      const contestant = await setup.contestant({ windowMs, stepMs: ANALYSIS.stepMs }, FINEST_STEP_MS);
      subject = contestant.name;
      out = options.out ?? defaultOut('streaming', contestant);
      const streams = await heardStreams({
        contestant,
        folds: setup.folds.filter(({ name }) => options.fold === undefined || name === options.fold),
        labels,
        windowMs,
        seeds,
        conditions,
        cache: options.cache ?? '.cache/features',
        onProgress: (fold, seed, share) =>
          options.onProgress?.({
            phase: `window ${windowMs} ms, fold ${fold}, seed ${seed}`,
            done: Math.round(1000 * share),
            total: 1000,
          }),
      });
      heard.push({ windowMs, streams });
    }
    if (heard.every(({ streams }) => streams.length === 0)) {
      throw new UndertoneError('usage', { detail: 'There is no stream to measure; does the fold exist?' });
    }
    const summary = await summariseStreams({
      subject,
      protocol,
      labels,
      seeds,
      conditions,
      heard,
      present,
      onProgress: (share) => options.onProgress?.({ phase: 'settings', done: Math.round(1000 * share), total: 1000 }),
    });
    await write(out, summary, options.onWarning);
    return { out, summary };
  } finally {
    setup.dispose();
  }
}

async function manifestOf(folder: string): Promise<ModelManifest> {
  const model = await loadModel(folder);
  model.dispose();
  return model.manifest;
}

function settingsOf({ analysis, smoothing, calibration }: ModelManifest): StreamSettings {
  const { minSpeechRatio, keepSpeechRatio = minSpeechRatio } = calibration;
  return { ...analysis, ...smoothing, threshold: scoreThreshold(calibration), minSpeechRatio, keepSpeechRatio };
}

async function write(
  folder: string,
  summary: StreamingSummary,
  warn: ((message: string) => void) | undefined,
): Promise<void> {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'streaming.json'), metricsJson(summary));
    await writeFigures(join(folder, 'figures'), streamingFigureSet(summary), warn);
  } catch (thrown) {
    const detail = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new UndertoneError('file-unwritable', { path: folder, detail });
  }
}
