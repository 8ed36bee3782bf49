import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { FloorAlert, FloorCall, FloorChanges, FloorSnapshot } from '../../protocol/index.ts';
import type { ApiError } from '../api-error.ts';
import { followEvents, type StreamState } from '../event-stream.ts';

/** A call of the floor as the page keeps it. */
export interface CallState {
  readonly call: FloorCall;
  /** When it came, on the page's monotonic clock, ms: durations tick from there. */
  readonly receivedMs: number;
  /** Ended, and shown until the floor is sorted again. */
  readonly ended: boolean;
}

export interface CallEntry {
  readonly callId: string;
  readonly state: Signal<CallState>;
}

/** Told of every message at once, also while the page is hidden and draws nothing. */
export type AlertListener = (call: FloorCall, alert: FloorAlert) => void;

/**
 * The live calls. What comes is kept until the next frame and then shown at once, so that a burst costs one drawing; of each
 * call only the latest is kept.
 */
export class FloorCalls {
  readonly entries = new Map<string, CallEntry>();
  readonly #version = signal(0);
  readonly #connection = signal<StreamState>('connecting');
  readonly #error = signal<ApiError | undefined>(undefined);
  readonly #loaded = signal(false);
  readonly #heardAt = signal<number | undefined>(undefined);
  readonly #onAlert: AlertListener;
  #coming = new Map<string, CallState>();
  #gone = new Set<string>();
  /** Alerts that have been told of. */
  readonly #alerts = new Map<string, Set<string>>();
  /** Ends the wait for the next showing. */
  #waiting: (() => void) | undefined;
  #stop: (() => void) | undefined;
  #heardMs = 0;

  constructor(onAlert: AlertListener) {
    this.#onAlert = onAlert;
  }

  /** Rises with every change of what is shown. */
  get version(): ReadonlySignal<number> {
    return this.#version;
  }

  get connection(): ReadonlySignal<StreamState> {
    return this.#connection;
  }

  get error(): ReadonlySignal<ApiError | undefined> {
    return this.#error;
  }

  /** Whether the calls have come once. */
  get loaded(): ReadonlySignal<boolean> {
    return this.#loaded;
  }

  /** Of the last message, ms since 1970. */
  get heardAt(): ReadonlySignal<number | undefined> {
    return this.#heardAt;
  }

  /** Of the last message, on the clock of `CallState.receivedMs`. */
  get heardMs(): number {
    return this.#heardMs;
  }

  start(): void {
    this.#stop?.();
    this.#stop = followEvents('/v1/floor', {
      onEvent: ({ event, data }) => {
        if (event === 'floor') this.snapshot(JSON.parse(data) as FloorSnapshot);
        else if (event === 'changes') this.changes(JSON.parse(data) as FloorChanges);
      },
      onState: (state, error) =>
        batch(() => {
          this.#connection.value = state;
          this.#error.value = error;
        }),
    });
  }

  stop(): void {
    this.#waiting?.();
    this.#waiting = undefined;
    this.#stop?.();
    this.#stop = undefined;
  }

  snapshot({ calls }: FloorSnapshot): void {
    const there = new Set(calls.map(({ callId }) => callId));
    const known = [...this.entries.keys(), ...this.#coming.keys()];
    this.#take(
      calls,
      known.filter((callId) => !there.has(callId)),
    );
  }

  changes({ calls, gone }: FloorChanges): void {
    this.#take(calls, gone);
  }

  /** An alert as the server has answered that it is now, before the floor says so. */
  handled(callId: string, alertId: string, change: Partial<FloorAlert>): void {
    const entry = this.entries.get(callId);
    if (entry === undefined) return;
    const { call, ...rest } = entry.state.value;
    const alerts = call.alerts.map((alert) => (alert.alertId === alertId ? { ...alert, ...change } : alert));
    entry.state.value = { ...rest, call: { ...call, alerts } };
    this.#version.value += 1;
  }

  /** Lets go of those that have ended. */
  forgetEnded(): void {
    for (const [callId, { state }] of this.entries) if (state.peek().ended) this.entries.delete(callId);
  }

  #take(calls: readonly FloorCall[], gone: readonly string[]): void {
    const receivedMs = performance.now();
    for (const call of calls) {
      this.#coming.set(call.callId, { call, receivedMs, ended: false });
      this.#gone.delete(call.callId);
      this.#tell(call);
    }
    for (const callId of gone) {
      this.#coming.delete(callId);
      this.#gone.add(callId);
      this.#alerts.delete(callId);
    }
    this.#heardAt.value = Date.now();
    this.#heardMs = receivedMs;
    this.#waiting ??= inNextFrame(() => this.#show());
  }

  /** What was raised before the page was opened is no news. */
  #tell(call: FloorCall): void {
    const told = this.#alerts.get(call.callId);
    if (call.alerts.length === 0 && told === undefined) return;
    this.#alerts.set(call.callId, new Set(call.alerts.map(({ alertId }) => alertId)));
    if (this.#heardAt.peek() === undefined) return;
    for (const alert of call.alerts) if (told?.has(alert.alertId) !== true) this.#onAlert(call, alert);
  }

  #show(): void {
    this.#waiting = undefined;
    const [coming, gone] = [this.#coming, this.#gone];
    this.#coming = new Map();
    this.#gone = new Set();
    batch(() => {
      for (const [callId, state] of coming) {
        const entry = this.entries.get(callId);
        if (entry === undefined) this.entries.set(callId, { callId, state: signal(state) });
        else entry.state.value = state;
      }
      for (const callId of gone) {
        const entry = this.entries.get(callId);
        if (entry !== undefined) entry.state.value = { ...entry.state.peek(), ended: true };
      }
      this.#loaded.value = true;
      this.#version.value += 1;
    });
  }
}

/** A page that is hidden has no frames, but a title that tells how many alerts wait. */
const HIDDEN_MS = 1_000;

/** @returns ends the wait */
function inNextFrame(show: () => void): () => void {
  const once = (): void => {
    end();
    show();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, HIDDEN_MS);
  const end = (): void => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  return end;
}
