import { randomUUID } from 'node:crypto';
import { asUndertoneError, UndertoneError } from '../../errors.ts';
import type { KeptAnalysis } from '../../protocol/index.ts';
import { silentLogger } from '../log.ts';
import type { RecordingJob } from './analyse-recording.ts';
import { type CallAnalyst, startAnalyst } from './analysis-thread.ts';
import type { Reanalysis, ReanalysisOptions } from './types.ts';

/**
 * What analyses recordings again.
 *
 * @example
 * const reanalysis = openReanalysis({ recordings, store });
 * const { analysisId } = await reanalysis.analyseAgain('call-1', 'models/other');
 */
export function openReanalysis(options: ReanalysisOptions): Reanalysis {
  return new OneAtATime(options);
}

/** The analysis that is begun or runs. */
interface Running {
  readonly callId: string;
  analyst: CallAnalyst | undefined;
  stopped: boolean;
  /** Resolves when the store knows how it ended. */
  done: Promise<void>;
}

class OneAtATime implements Reanalysis {
  readonly #options: ReanalysisOptions;
  #running: Running | undefined;
  #closed = false;

  constructor(options: ReanalysisOptions) {
    this.#options = options;
  }

  async analyseAgain(callId: string, modelFolder: string): Promise<KeptAnalysis> {
    if (this.#closed) throw new UndertoneError('shutting-down');
    if (this.#running !== undefined) throw new UndertoneError('analysis-busy');
    const running: Running = { callId, analyst: undefined, stopped: false, done: Promise.resolve() };
    this.#running = running;
    try {
      const jobs = await this.#jobs(callId);
      running.analyst = await startAnalyst(modelFolder);
      if (running.stopped) throw new UndertoneError('shutting-down');
      const analysis: KeptAnalysis = {
        analysisId: randomUUID(),
        model: running.analyst.model,
        at: new Date().toISOString(),
        state: 'running',
        agreement: null,
      };
      await this.#options.store.addAnalysis(callId, analysis);
      running.done = this.#finish(running, running.analyst, analysis.analysisId, jobs);
      return analysis;
    } catch (error) {
      this.#running = undefined;
      await running.analyst?.stop();
      throw error;
    }
  }

  forget(callIds: readonly string[]): void {
    if (this.#running !== undefined && callIds.includes(this.#running.callId)) void stop(this.#running);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const running = this.#running;
    if (running === undefined) return;
    await stop(running);
    await running.done;
  }

  async #jobs(callId: string): Promise<readonly RecordingJob[]> {
    const { recordings, store } = this.#options;
    const files = await store.recordings(callId);
    if (files.length === 0) throw new UndertoneError('recording-missing');
    const indexed = await Promise.all(files.map(({ file }) => recordings.index(file)));
    const timelines = await store.timeline(callId);
    return indexed.map(({ path, index }, place) => {
      const { runId } = index.info;
      const kept = timelines.find(({ stream }) => stream.runId === runId);
      return { path, name: files[place]?.file ?? '', index, events: kept?.events ?? [] };
    });
  }

  /** Never rejects. */
  async #finish(
    running: Running,
    analyst: CallAnalyst,
    analysisId: string,
    jobs: readonly RecordingJob[],
  ): Promise<void> {
    const { store, logger = silentLogger } = this.#options;
    try {
      const results = await analyst.run(jobs);
      const compared = results.reduce((sum, result) => sum + result.compared, 0);
      const agreed = results.reduce((sum, result) => sum + result.agreed, 0);
      const timelines = results.map(({ streamId, events }) => ({ streamId, events }));
      await store.finishAnalysis(analysisId, { timelines, agreement: compared === 0 ? null : agreed / compared });
    } catch (thrown) {
      const { code, cause } = asUndertoneError(thrown);
      if (!running.stopped) logger.error({ code, err: cause }, 'a recording could not be analysed again');
      await store.finishAnalysis(analysisId, 'failed').catch((err: unknown) => {
        // Its call may have been erased meanwhile.
        if (!running.stopped) logger.warn({ err }, 'how an analysis ended could not be kept');
      });
    } finally {
      await analyst.stop();
      if (this.#running === running) this.#running = undefined;
    }
  }
}

async function stop(running: Running): Promise<void> {
  running.stopped = true;
  await running.analyst?.stop();
}
