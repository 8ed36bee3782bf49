import { Worker } from 'node:worker_threads';
import { asUndertoneError, reportedError, type UndertoneError } from '../../errors.ts';
import { loadModel } from '../../inference/index.ts';
import type { ModelDescription } from '../../protocol/index.ts';
import { analyseRecording, type RecordingJob, type RecordingResult } from './analyse-recording.ts';
import type { AnalysisReport, AnalysisSetup } from './analysis-messages.ts';

/** Something that analyses the streams of one call with one model. */
export interface CallAnalyst {
  readonly model: ModelDescription;
  /** Results in the order of the jobs. Once. Rejects where it is stopped meanwhile. */
  run(jobs: readonly RecordingJob[]): Promise<readonly RecordingResult[]>;
  stop(): Promise<void>;
}

/** Loads a model in a thread of its own. @throws UndertoneError as `loadModel` */
export async function startAnalyst(modelFolder: string): Promise<CallAnalyst> {
  // Node runs no TypeScript: from its sources the analysis is in the thread that asks, which only tests do.
  return import.meta.url.endsWith('.ts') ? AnalystHere.start(modelFolder) : AnalystThread.start(modelFolder);
}

const ENDED = (): Error => new Error('The analysis was ended before it was done.');

class AnalystThread implements CallAnalyst {
  readonly model: ModelDescription;
  readonly #worker: Worker;
  #ended = false;

  private constructor(worker: Worker, model: ModelDescription) {
    this.#worker = worker;
    this.model = model;
    worker.once('exit', () => {
      this.#ended = true;
    });
  }

  static start(modelFolder: string): Promise<AnalystThread> {
    const workerData: AnalysisSetup = { modelFolder };
    const worker = new Worker(new URL('./analysis-worker.js', import.meta.url), { workerData });
    return new Promise((resolve, reject) => {
      worker.once('message', (report: AnalysisReport) => {
        if (report.kind === 'ready') resolve(new AnalystThread(worker, report.model));
        else reject(errorOf(report));
      });
      worker.once('error', reject);
      worker.once('exit', () => reject(ENDED()));
    });
  }

  run(jobs: readonly RecordingJob[]): Promise<readonly RecordingResult[]> {
    const results: RecordingResult[] = [];
    return new Promise((resolve, reject) => {
      if (this.#ended) reject(ENDED());
      this.#worker.on('message', (report: AnalysisReport) => {
        if (report.kind !== 'result') {
          reject(errorOf(report));
          return;
        }
        results.push(report.result);
        if (results.length === jobs.length) resolve(results);
      });
      this.#worker.on('error', reject);
      this.#worker.on('exit', () => reject(ENDED()));
      this.#worker.postMessage(jobs);
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}

function errorOf(report: AnalysisReport): UndertoneError {
  if (report.kind !== 'failed') return asUndertoneError(new Error(`The thread said ${report.kind}.`));
  const error = reportedError(report.code, report.message);
  if (report.cause !== '') error.cause = new Error(report.cause);
  return error;
}

class AnalystHere implements CallAnalyst {
  readonly model: ModelDescription;
  readonly #loaded: Awaited<ReturnType<typeof loadModel>>;
  readonly #stopping = new AbortController();

  private constructor(loaded: Awaited<ReturnType<typeof loadModel>>) {
    this.#loaded = loaded;
    const { name, version, labels } = loaded.manifest;
    this.model = { name, version, hash: loaded.hash, labels };
  }

  static async start(modelFolder: string): Promise<AnalystHere> {
    return new AnalystHere(await loadModel(modelFolder));
  }

  async run(jobs: readonly RecordingJob[]): Promise<readonly RecordingResult[]> {
    const results: RecordingResult[] = [];
    for (const job of jobs) {
      if (this.#stopping.signal.aborted) throw ENDED();
      results.push(await analyseRecording(job, this.#loaded, this.#stopping.signal));
    }
    return results;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
  }
}
