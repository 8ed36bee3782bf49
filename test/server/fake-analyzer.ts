import { Subject } from 'rxjs';
import type { EndedEvent, StreamStatusCode, TimelineEvent, WindowEvent } from '../../src/protocol/index.ts';
import type { Analyzer, AnalyzerOptions, AnalyzerStream, StreamOptions } from '../../src/streams/index.ts';

/** What goes wrong inside a stream, by its call id. */
export type Fault =
  | 'none'
  | 'open-throws'
  | 'push-throws'
  | 'events-fail'
  | 'not-finite'
  | 'cursor-hole'
  | 'mark-throws'
  | 'stop-throws'
  | 'stop-is-silent'
  | 'model-fails';

/**
 * A stand-in for the analyzer of the streams room, for faults that the real one should not have. It emits `chatter` windows of
 * about 1 KB for every push, and one through the model for every 1,000 bytes.
 */
export function fakeAnalyzer(chatter: (callId: string) => number = () => 1) {
  return (options: AnalyzerOptions): Analyzer => ({
    model: options.model,
    open: (stream) => {
      if (stream.callId === 'open-throws') throw new Error('injected: open');
      return new FakeStream(stream, options, chatter(stream.callId));
    },
    flush: () => {},
  });
}

const PADDING = Object.fromEntries(
  Array.from({ length: 24 }, (_, index) => [`descriptor-number-${index}-of-many`, index]),
);

class FakeStream implements AnalyzerStream {
  readonly options: StreamOptions;
  readonly events = new Subject<TimelineEvent>();
  readonly #fault: Fault;
  readonly #analyzer: AnalyzerOptions;
  readonly #chatter: number;
  #cursor = 0;
  #seq = 0;
  #bytes = 0;
  #ended = false;

  constructor(options: StreamOptions, analyzer: AnalyzerOptions, chatter: number) {
    this.options = options;
    this.#analyzer = analyzer;
    this.#chatter = chatter;
    this.#fault = options.callId as Fault;
  }

  get receivedSamples(): number {
    return this.#bytes / 2;
  }

  push(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#fault === 'push-throws') throw new Error('injected: push');
    if (this.#fault === 'events-fail') {
      this.events.error(new Error('injected: events'));
      return;
    }
    if (this.#fault === 'cursor-hole') this.#cursor += 3;
    if (this.#fault === 'model-fails') {
      this.#analyzer.schedule?.(() => this.#analyzer.model.predict(new Float32Array(1), 1));
      return;
    }
    for (let index = 0; index < this.#chatter; index += 1) this.events.next(this.#window());
  }

  gap(): void {}

  stretch(): void {}

  replaceRules(): void {}

  mark(name: string): void {
    if (this.#fault === 'mark-throws') throw new Error('injected: mark');
    this.events.next({ type: 'mark', ...this.#number(), name, atMs: this.#endMs });
  }

  status(code: StreamStatusCode, message: string): void {
    this.events.next({ type: 'status', ...this.#number(), code, message });
  }

  stop(reason: EndedEvent['reason']): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#fault === 'stop-throws') throw new Error('injected: stop');
    if (this.#fault !== 'stop-is-silent') {
      this.events.next({ type: 'ended', ...this.#number(), reason, durationMs: this.#endMs, channels: [] });
    }
    this.events.complete();
  }

  get #endMs(): number {
    return Math.floor(this.#bytes / 16);
  }

  #number(): { streamId: string; cursor: number } {
    const cursor = this.#cursor;
    this.#cursor += 1;
    return { streamId: this.options.streamId, cursor };
  }

  #window(): WindowEvent {
    const seq = this.#seq;
    this.#seq += 1;
    return {
      type: 'window',
      ...this.#number(),
      channel: 0,
      channelName: 'mixed',
      role: 'unknown',
      seq,
      startMs: 0,
      endMs: this.#endMs,
      label: 'neutral',
      score: this.#fault === 'not-finite' ? Number.NaN : 1,
      confidence: 1,
      probabilities: { neutral: 1 },
      raw: { neutral: 1 },
      arousal: 0,
      valence: 0,
      speechRatio: 1,
      openTurn: null,
      added: { speechMs: 500, levelDb: -20, pitchSemitones: null, syllables: 2 },
      quality: { levelDb: -20, clippedRatio: 0 },
      descriptors: PADDING,
      latencyMs: 0,
    };
  }
}
