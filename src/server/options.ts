import { UndertoneError } from '../errors.ts';
import { MEYDA_DESCRIPTORS } from '../features/index.ts';
import type { WindowModel } from '../inference/index.ts';
import { type AnalysisLimits, DEFAULT_ANALYSIS_LIMITS, resolveAnalysis } from '../protocol/index.ts';
import type { Store } from '../store/index.ts';
import type { AlertRule, Analyzer, AnalyzerOptions } from '../streams/index.ts';
import { isLoopback } from './access.ts';
import type { ServerLimits } from './limits.ts';
import type { Logger } from './log.ts';
import type { Tap } from './taps.ts';
import type { TelephonyOptions } from './telephony/options.ts';
import type { WebhookEndpoint } from './webhooks/index.ts';

/** What supervisors have before them. */
export interface DeskWishes {
  /** Alert rules, YAML or JSON: looked after, and written to by `PUT /v1/rules`. Left out: those in the store, or `rules`. */
  readonly rulesFile?: string;
  /** How long calls are kept until somebody changes it; default: until they are erased. */
  readonly retentionDays?: number | null;
  /** The key of the metadata that says who called; default `caller`. */
  readonly callerKey?: string;
  /** Folders of models that recordings can be analysed with again, by name. */
  readonly models?: Readonly<Record<string, string>>;
}

export interface ServerOptions {
  readonly model: WindowModel;
  /** Default `127.0.0.1`. Any address beyond this machine needs a key. */
  readonly host?: string;
  /** Default 8790; 0: a free one. */
  readonly port?: number;
  /** Whoever connects must have it. An empty one is none. */
  readonly apiKey?: string;
  /** The analysis where a stream asks for nothing; default: what the model was trained for. */
  readonly windowMs?: number;
  readonly stepMs?: number;
  /** Descriptors added to every window, by name. */
  readonly descriptors?: readonly string[];
  /** Alert rules to begin with, for every stream. Those with a range in percent of the call are not judged: its length is not known. */
  readonly rules?: readonly AlertRule[];
  readonly limits?: Partial<ServerLimits>;
  /** Platforms of telephony: what they show to be let in, where they dial, ports for those that speak no WebSocket. */
  readonly telephony?: TelephonyOptions;
  /** Where calls are kept, as `openStore` gives it; whoever gives it closes it, after the server. Left out: nowhere. */
  readonly store?: Store;
  /** A folder where audio is kept, encrypted by the first of the keys; see `recordingKeys`. Needs a store. */
  readonly recordings?: { readonly folder: string; readonly keys: readonly Uint8Array[] };
  readonly desk?: DeskWishes;
  /** Endpoints that are told of calls and alerts. */
  readonly webhooks?: { readonly endpoints: readonly WebhookEndpoint[]; readonly allowPrivate?: boolean };
  /** A folder with the files of the page, which is then at `/`. Left out: there is none. */
  readonly ui?: string;
  /** Those who follow every stream beside its subscribers. */
  readonly taps?: readonly Tap[];
  /** Default: silent. */
  readonly logger?: Logger;
  /** Threads that analyse; each loads the model from the folder. Default: this thread, with `model`. */
  readonly workers?: { readonly count: number; readonly modelFolder: string };
  /** Of this thread. Default `createAnalyzer` of the streams room; a test may put faults there. */
  readonly createAnalyzer?: (options: AnalyzerOptions) => Analyzer;
}

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 8790;

/** What streams may ask for: the model's analysis, overlaid by the server's options. @throws UndertoneError as `resolveAnalysis` */
export function analysisLimits({ model, windowMs, stepMs, descriptors }: ServerOptions): AnalysisLimits {
  const limits = { ...DEFAULT_ANALYSIS_LIMITS, descriptors: MEYDA_DESCRIPTORS };
  const request = {
    ...(windowMs !== undefined && { windowMs }),
    ...(stepMs !== undefined && { stepMs }),
    ...(descriptors !== undefined && { descriptors }),
  };
  const trained = { ...model.manifest.analysis, descriptors: [] };
  return { ...limits, defaults: resolveAnalysis(request, { ...limits, defaults: trained }) };
}

/** The key, if there is one. @throws UndertoneError `key-required` */
export function requireKey(host: string, apiKey: string | undefined): string | undefined {
  const key = apiKey || undefined;
  if (key === undefined && !isLoopback(host)) throw new UndertoneError('key-required', { host });
  return key;
}
