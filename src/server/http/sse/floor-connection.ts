import type { UndertoneError } from '../../../errors.ts';
import type { FloorChanges, FloorSnapshot } from '../../../protocol/index.ts';
import type { Clock } from '../../clock.ts';
import type { ConnectionOwner } from '../../connection.ts';
import type { Connected } from '../../connections.ts';
import type { FloorListener, LiveFloor } from '../../desk/index.ts';
import type { EventStream } from './event-stream.ts';

export interface FloorContext {
  readonly floor: LiveFloor;
  readonly clock: Clock;
  /** Bytes that may wait for the reader. */
  readonly limitBytes: number;
  readonly onRejected: (error: UndertoneError) => void;
}

/** What it needs of its connection. */
export type FloorStream = Pick<
  EventStream,
  'own' | 'sendNamed' | 'whenFlushed' | 'tell' | 'close' | 'tick' | 'terminate' | 'bufferedBytes'
>;

/**
 * Somebody who watches the floor: all of it first, then what changes. A reader that is too slow gets nothing more until it
 * has caught up, then all of it anew; if it does not, it is closed.
 */
export class FloorConnection implements Connected, ConnectionOwner, FloorListener {
  readonly #stream: FloorStream;
  readonly #context: FloorContext;
  #leave: () => void = () => {};
  #slowSinceMs: number | undefined;
  #gone = false;

  constructor(stream: FloorStream, context: FloorContext) {
    this.#stream = stream;
    this.#context = context;
    stream.own(this);
    this.#watch();
  }

  floor(_snapshot: FloorSnapshot, json: string): void {
    this.#send('floor', json);
  }

  changes(_changes: FloorChanges, json: string): void {
    this.#send('changes', json);
  }

  get slowMs(): number {
    return this.#slowSinceMs === undefined ? 0 : this.#context.clock.now() - this.#slowSinceMs;
  }

  get bufferedBytes(): number {
    return this.#stream.bufferedBytes;
  }

  // Nothing comes from a reader.
  text(): void {}
  audio(): void {}

  fault(error: UndertoneError): void {
    this.#context.onRejected(error);
    this.#stream.tell(error);
    this.#close();
  }

  lost(): void {
    this.#gone = true;
    this.#leave();
  }

  tick(): void {
    this.#stream.tick();
  }

  drain(): void {}

  drained(): void {
    this.#close();
  }

  terminate(): void {
    this.#stream.terminate();
  }

  #watch(): void {
    if (this.#gone) return;
    this.#slowSinceMs = undefined;
    this.#leave = this.#context.floor.watch(this);
  }

  #send(event: string, json: string): void {
    if (this.#gone || this.#slowSinceMs !== undefined) return;
    const waiting = this.#stream.bufferedBytes;
    // The whole floor goes out however long it is: what waits is one such message at most.
    if (waiting > 0 && waiting + json.length > this.#context.limitBytes) this.#becomeSlow();
    else this.#stream.sendNamed(event, json);
  }

  #becomeSlow(): void {
    this.#slowSinceMs = this.#context.clock.now();
    this.#leave();
    this.#leave = () => {};
    this.#stream.whenFlushed(() => this.#watch());
  }

  #close(): void {
    this.#gone = true;
    this.#leave();
    this.#stream.close();
  }
}
