import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DeskPolicy, FloorCall, FloorChanges, FloorSnapshot } from '../../protocol/index.ts';
import type { EncodedEvent } from '../encoded-event.ts';
import type { LiveStream } from '../live-stream.ts';
import type { Tap } from '../taps.ts';
import type { AlertBook } from './alert-book.ts';
import { LiveCall } from './floor-call.ts';

/** Somebody who looks at the floor. `json` is the same encoded, once for all of them. */
export interface FloorListener {
  /** Once, first. */
  floor(snapshot: FloorSnapshot, json: string): void;
  /** Once a second at most. */
  changes(changes: FloorChanges, json: string): void;
}

export interface LiveFloor {
  snapshot(): Promise<FloorSnapshot>;
  /** Returns what ends it. A listener that throws is not called again. */
  watch(listener: FloorListener): () => void;
}

export interface LiveCallsOptions {
  readonly book: AlertBook;
  readonly policy: () => DeskPolicy;
  /** ms since 1970. */
  readonly now: () => number;
  /** A listener threw. */
  readonly onFault: (error: unknown) => void;
  /** From one look to the next while somebody watches, ms; default 1,000. */
  readonly everyMs?: number | undefined;
}

/** So long a round may hold up the streams, ms; then they have their turn. */
const SLICE_MS = 4;

interface Shown {
  readonly call: LiveCall;
  floor: FloorCall | undefined;
  json: string;
  /** Of the look at which it last changed. */
  look: number;
}

interface Watcher {
  readonly listener: FloorListener;
  /** Has seen all before this look; `undefined` until it has the whole floor. */
  from: number | undefined;
}

/**
 * The live calls as the floor shows them. As long as nobody looks nothing is read but alerts and conditions of streams, which are few. Who looks
 * finds the last minute in the histories of the streams; from then on there is one look a second for all who watch.
 */
export class LiveCalls implements LiveFloor, Tap {
  readonly #options: LiveCallsOptions;
  readonly #calls = new Map<string, Shown>();
  readonly #watchers = new Set<Watcher>();
  /** Calls that have ended, with the look before which they had. */
  readonly #gone = new Map<string, number>();
  #look = 1;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LiveCallsOptions) {
    this.#options = options;
  }

  /** Streams that have not ended. */
  *streams(): Generator<LiveStream> {
    for (const { call } of this.#calls.values()) yield* call.streams;
  }

  // What happens

  opened(stream: LiveStream): void {
    const { callId, startedAtMs } = stream;
    const shown = this.#calls.get(callId) ?? {
      call: new LiveCall(callId, startedAtMs),
      floor: undefined,
      json: '',
      look: 0,
    };
    this.#calls.set(callId, shown);
    shown.call.add(stream);
    this.#gone.delete(callId);
  }

  event(stream: LiveStream, event: EncodedEvent): void {
    if (event.type !== 'alert' && event.type !== 'status') return;
    const call = this.#calls.get(stream.callId)?.call;
    if (event.type === 'status') call?.of(stream)?.status(event);
    else this.#options.book.event(stream, event, call?.offsetOf(stream) ?? 0);
  }

  ended(stream: LiveStream): void {
    const { callId } = stream;
    const call = this.#calls.get(callId)?.call;
    const offsetMs = call?.offsetOf(stream) ?? 0;
    this.#options.book.ended(stream, offsetMs + (call?.of(stream)?.durationMs ?? 0));
    call?.remove(stream);
    if (call?.over !== true) return;
    this.#calls.delete(callId);
    if (this.#watchers.size > 0) this.#gone.set(callId, this.#look);
  }

  // Who looks

  async snapshot(): Promise<FloorSnapshot> {
    await this.#lookOnce();
    return this.#snapshot();
  }

  watch(listener: FloorListener): () => void {
    const watcher: Watcher = { listener, from: undefined };
    this.#watchers.add(watcher);
    this.#timer ??= setInterval(() => this.#run(() => this.#tick()), this.#options.everyMs ?? 1_000).unref();
    this.#run(() => this.#welcome());
    return () => this.#leave(watcher);
  }

  /** Nobody watches any more. */
  close(): void {
    for (const watcher of this.#watchers) this.#leave(watcher);
  }

  #run(work: () => Promise<void>): void {
    work().catch(this.#options.onFault);
  }

  async #tick(): Promise<void> {
    await this.#lookOnce();
    this.#greet();
    const told = new Map<number, { readonly changes: FloorChanges; readonly json: string }>();
    for (const watcher of this.#watchers) {
      if (watcher.from === undefined || watcher.from >= this.#look) continue;
      const found = told.get(watcher.from) ?? this.#changesFrom(watcher.from);
      told.set(watcher.from, found);
      watcher.from = this.#look;
      const { changes, json } = found;
      if (changes.calls.length + changes.gone.length > 0)
        this.#tell(watcher, () => watcher.listener.changes(changes, json));
    }
    const oldest = Math.min(...[...this.#watchers].map(({ from = this.#look }) => from));
    for (const [callId, look] of this.#gone) if (look < oldest) this.#gone.delete(callId);
  }

  async #welcome(): Promise<void> {
    await this.#lookOnce();
    this.#greet();
  }

  /** All of the floor, for those who have come. */
  #greet(): void {
    let whole: { readonly snapshot: FloorSnapshot; readonly json: string } | undefined;
    for (const watcher of this.#watchers) {
      if (watcher.from !== undefined) continue;
      watcher.from = this.#look;
      whole ??= this.#whole();
      const { snapshot, json } = whole;
      this.#tell(watcher, () => watcher.listener.floor(snapshot, json));
    }
  }

  #tell(watcher: Watcher, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#leave(watcher);
      this.#options.onFault(error);
    }
  }

  #leave(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#gone.clear();
  }

  // A look

  /** Brings what is shown up to date; whoever asks while that goes on waits for the same look. */
  #lookOnce(): Promise<void> {
    this.#looking ??= this.#lookAround().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookAround(): Promise<void> {
    let sinceMs = performance.now();
    for (const shown of this.#calls.values()) {
      if (performance.now() - sinceMs > SLICE_MS) {
        await nextTurn();
        sinceMs = performance.now();
        if (shown.call.over) continue;
      }
      shown.call.catchUp();
      this.#show(shown);
    }
    this.#look += 1;
  }

  #show(shown: Shown): void {
    const { book, policy, now } = this.#options;
    const { call } = shown;
    const floor = call.shown(book.raisedOn(call.streams), policy().analysedRoles, now());
    const json = JSON.stringify(floor);
    if (json === shown.json) return;
    shown.floor = floor;
    shown.json = json;
    shown.look = this.#look;
  }

  /** Calls that were opened since the look have not been looked at. */
  #all(from = 0): Shown[] {
    for (const shown of this.#calls.values()) if (shown.floor === undefined) this.#show(shown);
    return [...this.#calls.values()].filter(({ look }) => look >= from);
  }

  #snapshot(): FloorSnapshot {
    return { at: this.#at(), calls: this.#all().flatMap(({ floor }) => floor ?? []) };
  }

  #whole(): { readonly snapshot: FloorSnapshot; readonly json: string } {
    const snapshot = this.#snapshot();
    return {
      snapshot,
      json: `{"at":"${snapshot.at}","calls":[${this.#all()
        .map(({ json }) => json)
        .join()}]}`,
    };
  }

  #changesFrom(from: number): { readonly changes: FloorChanges; readonly json: string } {
    const changed = this.#all(from);
    const gone = [...this.#gone].flatMap(([callId, look]) => (look >= from ? callId : []));
    const changes = { at: this.#at(), calls: changed.flatMap(({ floor }) => floor ?? []), gone };
    const calls = changed.map(({ json }) => json).join();
    return { changes, json: `{"at":"${changes.at}","calls":[${calls}],"gone":${JSON.stringify(gone)}}` };
  }

  #at(): string {
    return new Date(this.#options.now()).toISOString();
  }
}
