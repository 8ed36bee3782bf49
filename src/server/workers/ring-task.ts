import { HOP_MS } from '../../audio/index.ts';
import type { EndReason, StreamStatusCode } from '../../protocol/index.ts';
import { wireFrameBytes } from '../../protocol/index.ts';
import type { AlertRule, LocalStream } from '../../streams/index.ts';
import { encodeTimelineEvent } from '../encoded-event.ts';
import { Pace } from '../pace.ts';
import type { Task } from '../scheduler.ts';
import type { BatchWriter } from './batch.ts';
import { type Interruption, reportOf } from './messages.ts';
import { RECORD, type Ring, type RingRecord } from './ring.ts';

const INTERRUPTED =
  'The analysis was interrupted; what was not analysed is missing, and what came before is forgotten.';

export interface RingTaskOptions {
  readonly number: number;
  readonly stream: LocalStream;
  readonly ring: Ring;
  readonly batch: BatchWriter;
  readonly clock: () => number;
  /** Takes how long audio of a stream that keeps to real time waited in the ring, ms. */
  readonly onLag: (ms: number) => void;
  /** Takes how long a window took from the arrival of its last packet, ms. */
  readonly onLatency: (ms: number) => void;
  /** The rules that the worker was sent under a number. */
  readonly rulesOf: (number: number) => readonly AlertRule[];
}

/** One stream inside a worker: from its ring through the analyzer into the batch of what the worker has to say. */
export class RingTask implements Task {
  readonly #options: RingTaskOptions;
  readonly #pace = new Pace();
  readonly #bytesPerMs: number;
  readonly #frameBytes: number;
  /** Has said something since the last checkpoint. */
  #changed = false;
  #failed = false;
  #ended = false;

  constructor(options: RingTaskOptions) {
    this.#options = options;
    const { format } = options.stream.options;
    this.#frameBytes = wireFrameBytes(format);
    this.#bytesPerMs = (this.#frameBytes * format.sampleRateHz) / 1000;
    options.stream.events.subscribe({
      next: (event) => {
        if (this.#ended) return;
        try {
          options.batch.event(options.number, encodeTimelineEvent(event));
          if (event.type === 'window') options.onLatency(event.latencyMs);
          this.#changed = true;
        } catch (error) {
          this.#fail(error);
          this.#complete();
        }
      },
      error: (error) => {
        this.#fail(error);
        this.#complete();
      },
      complete: () => this.#complete(),
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  get ready(): boolean {
    return !this.#ended && !this.#options.ring.empty;
  }

  get ahead(): boolean {
    return this.#pace.ahead(this.#options.clock());
  }

  /** Goes on where a worker that died has left off. */
  resume({ samples, marks, stretch, stop }: Interruption): void {
    const { stream } = this.#options;
    stream.stretch(stretch);
    const missing = samples - stream.receivedSamples;
    if (missing > 0) stream.gap((missing * 1000) / stream.options.format.sampleRateHz, INTERRUPTED);
    else stream.status('gap', INTERRUPTED);
    for (const name of marks) stream.mark(name);
    if (stop !== undefined) stream.stop(stop);
  }

  turn(maxMs: number): number {
    const { ring } = this.#options;
    let usedMs = 0;
    while (usedMs < maxMs && !this.#ended) {
      const record = ring.read(this.#samplesOf);
      if (record === undefined) break;
      try {
        usedMs += this.#take(record);
      } catch (error) {
        this.#fail(error);
      }
    }
    ring.release();
    return usedMs;
  }

  /** Puts into the batch what the other side must know after a tick. */
  conclude(): void {
    const { batch, number, ring, stream } = this.#options;
    if (ring.roomToTell) batch.room(number);
    if (!this.#changed) return;
    this.#changed = false;
    if (!this.#ended) batch.checkpoint(number, JSON.stringify(stream.checkpoint()));
  }

  /** Returns how much audio that was, ms. */
  #take(record: RingRecord): number {
    const { stream } = this.#options;
    if (record.kind === RECORD.stop) {
      stream.stop(text(record) as EndReason);
      return 0;
    }
    // After a failure only the end is of interest.
    if (this.#failed) return HOP_MS;
    switch (record.kind) {
      case RECORD.audio:
        return this.#hear(record);
      case RECORD.gap:
        stream.gap(record.value);
        return Math.min(record.value, stream.options.analysis.windowMs);
      case RECORD.mark:
        stream.mark(text(record));
        return 0;
      case RECORD.status: {
        const [code = '', ...message] = text(record).split('\n');
        stream.status(code as StreamStatusCode, message.join('\n'));
        return 0;
      }
      case RECORD.stretch:
        stream.stretch(record.value);
        return 0;
      case RECORD.rules:
        stream.replaceRules(this.#options.rulesOf(record.value));
        return 0;
      case RECORD.pad:
        return 0;
    }
  }

  #hear(record: RingRecord): number {
    const { stream, clock, onLag } = this.#options;
    const nowMs = clock();
    const audioMs = record.payload.length / this.#bytesPerMs;
    this.#pace.advance(audioMs, record.writtenAtMs);
    if (!this.#pace.ahead(nowMs)) onLag(nowMs - record.writtenAtMs);
    stream.push(record.payload, record.value);
    return audioMs;
  }

  readonly #samplesOf = ({ kind, value, payload }: RingRecord): number => {
    if (kind === RECORD.audio) return payload.length / this.#frameBytes;
    if (kind !== RECORD.gap) return 0;
    return Math.max(0, Math.round((value * this.#options.stream.options.format.sampleRateHz) / 1000));
  };

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#options.batch.failed(this.#options.number, JSON.stringify(reportOf(error)));
  }

  #complete(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.batch.completed(this.#options.number);
  }
}

const text = ({ payload }: RingRecord): string => Buffer.from(payload).toString();
