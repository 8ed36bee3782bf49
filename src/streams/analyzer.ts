import { Observable, Subject, type Subscriber } from 'rxjs';
import { bytesPerSampleFrame } from '../audio/index.ts';
import { Batcher } from '../inference/index.ts';
import type { EndedEvent, StreamStatusCode, TimelineEvent } from '../protocol/index.ts';
import type { AlertRule } from './alerts/index.ts';
import { hear } from './pipeline.ts';
import { samplesUntil } from './resample.ts';
import type { StreamInput } from './signals.ts';
import { startOf } from './summarize.ts';
import { Timeline } from './timeline.ts';
import type { Analyzer, AnalyzerOptions, AnalyzerStream, Checkpoint, StreamOptions } from './types.ts';

/**
 * An analyzer of any number of streams with one model.
 *
 * @example
 * const analyzer = createAnalyzer({ model: await loadModel('models/default') });
 * const stream = analyzer.open({ streamId: 'a', callId: 'a', format, channels, analysis });
 * stream.events.subscribe((event) => console.log(event.type));
 * stream.push(bytes);
 * stream.stop('stop');
 */
export function createAnalyzer(options: AnalyzerOptions): LocalAnalyzer {
  const { model, schedule = (run) => run(), clock, maxBatch = 64 } = options;
  const batcher = new Batcher(model, { maxBatch, schedule });
  return {
    model,
    open: (stream): LocalStream => new PipelineStream(stream, batcher, clock),
    flush: () => batcher.flush(),
  };
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** An analyzer of this thread, whose streams can go on elsewhere. */
export interface LocalAnalyzer extends Analyzer {
  open(options: StreamOptions): LocalStream;
}

export interface LocalStream extends AnalyzerStream {
  /** Where the stream stands after the events that were emitted so far. */
  checkpoint(): Checkpoint;
}

class PipelineStream implements LocalStream {
  readonly options: StreamOptions;
  /** Not a subject: that makes objects at every item, and there is one who listens. */
  #inputs!: Subscriber<StreamInput>;
  readonly #events = new Subject<TimelineEvent>();
  readonly #timeline: Timeline;
  readonly #batcher: Batcher;
  readonly #clock: (() => number) | undefined;
  readonly #frameBytes: number;
  #receivedBytes = 0;
  /** Samples of a channel that are not in what was received: gaps, and what came before the checkpoint. */
  #gapSamples: number;
  #arrivedAtMs = 0;
  #stretch = 1;
  #ended = false;
  #failure: unknown;
  /** Reused from push to push: nothing in the pipeline keeps it. */
  readonly #audio = { kind: 'audio' as const, bytes: NOTHING };
  /** Inside a call whose caller is told of a failure by a throw. */
  #inCall = false;
  /** The events have ended with the failure. */
  #silent = false;

  constructor(options: StreamOptions, batcher: Batcher, clock: (() => number) | undefined) {
    this.options = options;
    this.#batcher = batcher;
    this.#clock = clock;
    this.#frameBytes = bytesPerSampleFrame(options.format);
    const { streamId, channels, from, format, rules, lengthMs } = options;
    this.#gapSamples = samplesUntil(startOf(from), format.sampleRateHz);
    this.#timeline = new Timeline({ streamId, channels, clock, from, rules, lengthMs });
    const emit = (event: TimelineEvent): void => this.#events.next(event);
    const position = {
      arrivedAtMs: () => this.#arrivedAtMs,
      endMs: () => this.#endMs,
      stretch: () => this.#stretch,
    };
    const inputs = new Observable<StreamInput>((subscriber) => {
      this.#inputs = subscriber;
    });
    inputs.pipe(hear(options, position, batcher)).subscribe({
      next: (item) => this.#timeline.next(item, emit),
      error: (error: unknown) => this.#failed(error),
    });
  }

  get events(): Observable<TimelineEvent> {
    return this.#events.asObservable();
  }

  get receivedSamples(): number {
    return Math.floor(this.#receivedBytes / this.#frameBytes) + this.#gapSamples;
  }

  /** The end of the last sample; a whole ms, as all positions outside are. */
  get #endMs(): number {
    return Math.ceil((this.receivedSamples * 1000) / this.options.format.sampleRateHz);
  }

  push(bytes: Uint8Array, arrivedAtMs?: number): void {
    this.#arrivedAtMs = arrivedAtMs ?? this.#clock?.() ?? 0;
    this.#receivedBytes += bytes.length;
    this.#audio.bytes = bytes;
    this.#input(this.#audio);
    this.#audio.bytes = NOTHING;
  }

  gap(durationMs: number, message?: string): void {
    const samples = Math.round((durationMs * this.options.format.sampleRateHz) / 1000);
    if (samples <= 0) return;
    const startMs = this.#endMs;
    this.#gapSamples += samples;
    const said = message ?? `No audio for ${Math.round(durationMs)} ms; the timeline jumps over it.`;
    this.#input({ kind: 'status', code: 'gap', message: said, startMs, endMs: this.#endMs });
    this.#input({ kind: 'gap', samples });
  }

  mark(name: string): void {
    this.#input({ kind: 'mark', name, atMs: this.#endMs });
  }

  status(code: StreamStatusCode, message: string): void {
    this.#input({ kind: 'status', code, message });
  }

  stretch(factor: number): void {
    this.#stretch = factor;
  }

  replaceRules(rules: readonly AlertRule[]): void {
    this.#input({ kind: 'rules', rules });
  }

  checkpoint(): Checkpoint {
    return this.#timeline.checkpoint();
  }

  stop(reason: EndedEvent['reason']): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#inputs.complete();
    this.#batcher.flush();
    if (this.#silent) return;
    this.#timeline.end(reason, this.#endMs, (event) => this.#events.next(event));
    this.#events.complete();
  }

  #input(input: StreamInput): void {
    if (this.#ended) return;
    this.#inCall = true;
    this.#inputs.next(input);
    this.#inCall = false;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The pipeline is dead. What its windows became before is out; `stop` still gives their summary. */
  #failed(error: unknown): void {
    this.#failure = error;
    if (this.#inCall) return;
    this.#silent = true;
    this.#events.error(error);
  }
}
