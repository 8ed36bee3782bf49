import { map, type Observable } from 'rxjs';
import type { EndReason, StreamStatusCode } from '../protocol/index.ts';
import type { AlertRule, Analyzer, AnalyzerStream, StreamOptions } from '../streams/index.ts';
import { type EncodedEvent, encodeTimelineEvent } from './encoded-event.ts';
import type { AnalysisStats } from './stats.ts';

/** An analyzer of this thread in the form in which those of other threads are: its events come encoded. */
export function encoded(analyzer: Analyzer, stats: AnalysisStats): Analyzer<EncodedEvent> {
  return {
    model: analyzer.model,
    open: (options) => new EncodedStream(analyzer.open(options), stats),
    flush: () => analyzer.flush(),
  };
}

class EncodedStream implements AnalyzerStream<EncodedEvent> {
  readonly #inner: AnalyzerStream;
  /** Ends with the error of an event that cannot be encoded. */
  readonly events: Observable<EncodedEvent>;

  constructor(inner: AnalyzerStream, { latency }: AnalysisStats) {
    this.#inner = inner;
    this.events = inner.events.pipe(
      map((event) => {
        if (event.type === 'window') latency.observe(event.latencyMs);
        return encodeTimelineEvent(event);
      }),
    );
  }

  get options(): StreamOptions {
    return this.#inner.options;
  }

  get receivedSamples(): number {
    return this.#inner.receivedSamples;
  }

  push(bytes: Uint8Array, arrivedAtMs?: number): void {
    this.#inner.push(bytes, arrivedAtMs);
  }

  gap(durationMs: number, message?: string): void {
    this.#inner.gap(durationMs, message);
  }

  mark(name: string): void {
    this.#inner.mark(name);
  }

  status(code: StreamStatusCode, message: string): void {
    this.#inner.status(code, message);
  }

  stretch(factor: number): void {
    this.#inner.stretch(factor);
  }

  replaceRules(rules: readonly AlertRule[]): void {
    this.#inner.replaceRules(rules);
  }

  stop(reason: EndReason): void {
    this.#inner.stop(reason);
  }
}
