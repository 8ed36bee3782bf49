import { asUndertoneError, type ErrorCode, reportedError, type UndertoneError } from '../../errors.ts';
import type { EndReason } from '../../protocol/index.ts';
import type { AlertRule, StreamOptions } from '../../streams/index.ts';

/** What a worker is started with. */
export interface WorkerSetup {
  readonly modelFolder: string;
  readonly control: SharedArrayBuffer;
  /** Of `AnalysisStats`; outlives the worker. */
  readonly stats: SharedArrayBuffer;
  readonly maxBatch: number;
  /** Least time from one look at the rings to the next, ms. */
  readonly tickMs: number;
  readonly sliceMs: number;
}

export type WorkerMessage = OpenMessage | RulesMessage;

/**
 * To a worker: rules that streams will be told to take, by their number, through their rings. They are sent beside the rings,
 * once for all streams, because they may be longer than a ring.
 */
export interface RulesMessage {
  readonly kind: 'rules';
  /** Rises by one. */
  readonly number: number;
  readonly rules: readonly AlertRule[];
}

/** To a worker: a stream to analyse from its ring. The rest goes through the ring, in order with the audio. */
export interface OpenMessage {
  readonly kind: 'open';
  readonly stream: number;
  readonly options: StreamOptions;
  readonly ring: SharedArrayBuffer;
  /** The stream was analysed by a worker that died. */
  readonly interrupted?: Interruption;
}

/** What the dead worker had taken in, and had not said when it died. */
export interface Interruption {
  /** Samples of a channel that it had taken in. */
  readonly samples: number;
  readonly marks: readonly string[];
  readonly stretch: number;
  readonly stop?: EndReason;
}

/** From a worker: once, when its model is loaded or cannot be. Batches follow, as plain bytes. */
export type ReadyMessage = { readonly ready: true } | { readonly ready: false; readonly error: ErrorReport };

/** An error that crosses threads. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  /** What broke inside, for the log. */
  readonly cause: string;
}

export function reportOf(thrown: unknown): ErrorReport {
  const error = asUndertoneError(thrown);
  const { cause } = error;
  return { code: error.code, message: error.message, cause: cause instanceof Error ? (cause.stack ?? '') : '' };
}

export function errorOf({ code, message, cause }: ErrorReport): UndertoneError {
  const error = reportedError(code, message);
  if (cause !== '') error.cause = new Error(cause);
  return error;
}

/** Words of the control memory; Int32. */
export const CONTROL = {
  /** Rises with everything new; notified where the worker waits. */
  bell: 0,
  waiting: 1,
  exit: 2,
  /** The longest that audio has waited in a ring since this was last set to 0, µs. */
  lagUs: 3,
  /** Never notified: to sleep on. */
  pause: 4,
} as const;
export const CONTROL_BYTES = 64;
