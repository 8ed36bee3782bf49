import type { ErrorCode } from '../../errors.ts';
import type { ModelDescription } from '../../protocol/index.ts';
import type { RecordingJob, RecordingResult } from './analyse-recording.ts';

/** What the thread is started with. */
export interface AnalysisSetup {
  readonly modelFolder: string;
}

/** To the thread: streams of a call, once. */
export type AnalysisOrder = readonly RecordingJob[];

interface Failure {
  readonly kind: 'failed';
  readonly code: ErrorCode;
  readonly message: string;
  readonly cause: string;
}

/** From it: the model is loaded; then a result per stream, in their order; or a failure, which is the last. */
export type AnalysisReport =
  | { readonly kind: 'ready'; readonly model: ModelDescription }
  | { readonly kind: 'result'; readonly result: RecordingResult }
  | Failure;
