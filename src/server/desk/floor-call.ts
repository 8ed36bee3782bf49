import type { FloorAlert, FloorCall, Role } from '../../protocol/index.ts';
import type { LiveStream } from '../live-stream.ts';
import { FloorStream } from './floor-stream.ts';
import { urgencyOf } from './urgency.ts';

/** A live call: the streams with its id that have not ended. */
export class LiveCall {
  readonly callId: string;
  readonly startedAtMs: number;
  readonly #streams = new Map<LiveStream, FloorStream>();

  constructor(callId: string, startedAtMs: number) {
    this.callId = callId;
    this.startedAtMs = startedAtMs;
  }

  get over(): boolean {
    return this.#streams.size === 0;
  }

  get streams(): IterableIterator<LiveStream> {
    return this.#streams.keys();
  }

  add(stream: LiveStream): void {
    this.#streams.set(stream, new FloorStream(stream));
  }

  of(stream: LiveStream): FloorStream | undefined {
    return this.#streams.get(stream);
  }

  remove(stream: LiveStream): void {
    this.#streams.delete(stream);
  }

  catchUp(): void {
    for (const stream of this.#streams.values()) stream.catchUp();
  }

  /** @param alerts that are raised, the most severe first */
  shown(alerts: readonly FloorAlert[], analysed: readonly Role[], nowMs: number): FloorCall {
    const streams = [...this.#streams.values()];
    const withheldOf =
      ({ stream }: FloorStream) =>
      (channel: number): boolean =>
        !analysed.includes(stream.settings.channels[channel]!.role);
    const signs = {
      alerts,
      sides: streams.flatMap((stream) => stream.signs(withheldOf(stream))),
      silenceMs: Math.min(...streams.map(({ silenceMs }) => silenceMs)),
      nowMs,
    };
    return {
      callId: this.callId,
      startedAt: new Date(this.startedAtMs).toISOString(),
      durationMs: Math.max(...streams.map(({ stream, durationMs }) => this.offsetOf(stream) + durationMs)),
      legs: streams.flatMap((stream) => stream.legs(withheldOf(stream))),
      alerts,
      urgency: Math.round(1000 * urgencyOf(signs)) / 1000,
      metadata: Object.assign({}, ...streams.map(({ stream }) => stream.metadata).reverse()),
      paused: streams.every(({ paused }) => paused),
    };
  }

  /** By how much a stream's time is moved in the call's. */
  offsetOf({ startedAtMs }: LiveStream): number {
    return startedAtMs - this.startedAtMs;
  }
}
