import type { StoreWriterStatus } from '../../../store/index.ts';
import type { Connections } from '../../connections.ts';
import type { Counts } from '../../counts.ts';
import type { RecordingsStatus } from '../../recordings/index.ts';
import type { Registry } from '../../registry.ts';
import type { AnalysisStats } from '../../stats.ts';
import type { EndpointStatus } from '../../webhooks/index.ts';
import type { Metrics } from './metrics.ts';

/** Where the figures come from; asked only when somebody looks. */
export interface MetricSources {
  readonly version: string;
  readonly model: { readonly name: string; readonly version: string };
  readonly counts: Counts;
  readonly streams: Registry;
  readonly connections: Connections;
  readonly stats: readonly AnalysisStats[];
  readonly workerDeaths: () => number;
  readonly overloadLevel: () => number;
  readonly ready: () => boolean;
  readonly store?: () => StoreWriterStatus;
  readonly recordings?: () => RecordingsStatus;
  readonly webhooks?: () => readonly EndpointStatus[];
}

/** The metrics of a server as a page. What makes it is loaded by the first who looks. */
export class Exposition {
  /** Text format, version 0.0.4. */
  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8';
  readonly #sources: MetricSources;
  #metrics: Promise<Metrics> | undefined;

  constructor(sources: MetricSources) {
    this.#sources = sources;
  }

  async text(): Promise<string> {
    this.#metrics ??= import('./metrics.ts').then(({ Metrics }) => new Metrics(this.#sources));
    return (await this.#metrics).text();
  }
}
