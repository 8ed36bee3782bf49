import { type Observable, Subject } from 'rxjs';
import { type EndReason, type StreamStatusCode, wireFrameBytes } from '../../protocol/index.ts';
import type { AlertRule, AnalyzerStream, Checkpoint, StreamObserver, StreamOptions } from '../../streams/index.ts';
import type { EncodedEvent } from '../encoded-event.ts';
import type { BatchListener } from './batch.ts';
import { type ErrorReport, errorOf, type Interruption, type OpenMessage } from './messages.ts';
import { RECORD, Ring } from './ring.ts';

export interface RemoteStreamOptions {
  readonly number: number;
  readonly stream: StreamOptions;
  /** Audio of one push at most, ms. */
  readonly sliceMs: number;
  readonly clock: () => number;
  /** There is something in the ring. */
  readonly onWritten: () => void;
  /** Sees to it that the worker has these rules; returns their number. */
  readonly onRules: (rules: readonly AlertRule[]) => number;
  /** Nothing more comes of it. */
  readonly onCompleted: () => void;
}

/** A stream that is analysed by a worker: what is pushed goes into its ring, what the worker says comes out as its events. */
export class RemoteStream implements AnalyzerStream<EncodedEvent>, BatchListener {
  readonly #options: RemoteStreamOptions;
  readonly #events = new Subject<EncodedEvent>();
  readonly #ring: Ring;
  readonly #frameBytes: number;
  readonly #pushBytes: number;
  #receivedBytes = 0;
  #gapSamples = 0;
  #observer: StreamObserver | undefined;
  /** Where the stream stood after the events so far, JSON. */
  #checkpoint: Buffer | undefined;
  /** Marks that are not on the timeline yet, with where they end in the ring. */
  readonly #marks: { readonly name: string; readonly written: number }[] = [];
  #stretch = 1;
  /** Those that the worker has taken out of the ring; none: those of the options. */
  #rules: readonly AlertRule[] | undefined;
  /** Those that it has not, with where they end there. */
  readonly #laterRules: { readonly rules: readonly AlertRule[]; readonly written: number }[] = [];
  #stop: { readonly reason: EndReason; readonly written: number } | undefined;
  #completed = false;

  constructor(options: RemoteStreamOptions) {
    this.#options = options;
    const { format } = options.stream;
    this.#frameBytes = wireFrameBytes(format);
    this.#pushBytes = this.#frameBytes * Math.ceil((format.sampleRateHz * options.sliceMs) / 1000);
    this.#ring = Ring.for(this.#pushBytes);
  }

  // For the server

  get options(): StreamOptions {
    return this.#options.stream;
  }

  get streamId(): string {
    return this.#options.stream.streamId;
  }

  get events(): Observable<EncodedEvent> {
    return this.#events.asObservable();
  }

  get receivedSamples(): number {
    return Math.floor(this.#receivedBytes / this.#frameBytes) + this.#gapSamples;
  }

  /** Shared memory of its ring, bytes. */
  get ringBytes(): number {
    return this.#ring.shared.byteLength;
  }

  /** Bytes in it that wait to be read. */
  get waitingBytes(): number {
    return this.#ring.used;
  }

  get full(): boolean {
    if (this.#ring.hasRoomFor(this.#pushBytes)) return false;
    this.#ring.wantRoom();
    // The worker may have made room before it could see that it is wanted; then nobody would tell.
    return !this.#ring.hasRoomFor(this.#pushBytes);
  }

  observe(observer: StreamObserver): void {
    this.#observer = observer;
  }

  push(bytes: Uint8Array, arrivedAtMs: number = this.#options.clock()): void {
    this.#receivedBytes += bytes.length;
    this.#write(RECORD.audio, arrivedAtMs, bytes);
  }

  gap(durationMs: number): void {
    const { sampleRateHz } = this.options.format;
    this.#gapSamples += Math.max(0, Math.round((durationMs * sampleRateHz) / 1000));
    this.#write(RECORD.gap, durationMs);
  }

  mark(name: string): void {
    this.#write(RECORD.mark, 0, Buffer.from(name));
    this.#marks.push({ name, written: this.#ring.written });
  }

  status(code: StreamStatusCode, message: string): void {
    this.#write(RECORD.status, 0, Buffer.from(`${code}\n${message}`));
  }

  stretch(factor: number): void {
    this.#stretch = factor;
    this.#write(RECORD.stretch, factor);
  }

  replaceRules(rules: readonly AlertRule[]): void {
    if (this.#completed || this.#stop !== undefined) return;
    this.#write(RECORD.rules, this.#options.onRules(rules));
    this.#settleRules();
    this.#laterRules.push({ rules, written: this.#ring.written });
  }

  #settleRules(): void {
    for (let next = this.#laterRules[0]; next && this.#ring.hasClaimed(next.written); next = this.#laterRules[0]) {
      this.#rules = next.rules;
      this.#laterRules.shift();
    }
  }

  stop(reason: EndReason): void {
    if (this.#stop !== undefined) return;
    this.#write(RECORD.stop, 0, Buffer.from(reason));
    this.#stop = { reason, written: this.#ring.written };
  }

  #write(kind: (typeof RECORD)[keyof typeof RECORD], value: number, payload?: Uint8Array): void {
    if (this.#completed || this.#stop !== undefined) return;
    if (!this.#ring.write(kind, value, this.#options.clock(), payload)) {
      throw new RangeError(`The ring of ${this.#ring.capacity} bytes is full; look at \`full\` before every push.`);
    }
    this.#options.onWritten();
  }

  // For the pool

  /** What a worker needs to begin with the stream, or to go on with it after another has died. */
  opening(interrupted: boolean): OpenMessage {
    const { number, stream } = this.#options;
    const base = { kind: 'open' as const, stream: number, ring: this.#ring.shared };
    if (!interrupted) return { ...base, options: stream };
    this.#ring.recover();
    const from = this.#checkpoint && (JSON.parse(this.#checkpoint.toString()) as Checkpoint);
    this.#settleRules();
    const options = { ...stream, ...(this.#rules && { rules: this.#rules }), ...(from && { from }) };
    return { ...base, options, interrupted: this.#interruption() };
  }

  #interruption(): Interruption {
    const stop = this.#stop;
    const lost = this.#marks.filter(({ written }) => this.#ring.hasClaimed(written));
    return {
      samples: Math.floor(this.#ring.claimedSamples),
      marks: lost.map(({ name }) => name),
      stretch: this.#stretch,
      ...(stop && this.#ring.hasClaimed(stop.written) && { stop: stop.reason }),
    };
  }

  // From its worker

  event(event: EncodedEvent): void {
    if (event.type === 'mark') this.#marks.shift();
    this.#events.next(event);
  }

  checkpoint(json: Buffer): void {
    this.#settleRules();
    // Its own memory: a view would keep the whole batch.
    if (this.#checkpoint?.length === json.length) json.copy(this.#checkpoint);
    else this.#checkpoint = Buffer.from(json);
  }

  room(): void {
    this.#observer?.room();
  }

  failed(json: string): void {
    this.#observer?.failed(errorOf(JSON.parse(json) as ErrorReport));
  }

  completed(): void {
    this.#completed = true;
    this.#options.onCompleted();
    this.#events.complete();
  }
}
