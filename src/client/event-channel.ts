import { filter, Observable, Subject, type Subscription } from 'rxjs';
import { UndertoneError } from '../errors.ts';
import type { ServerEvent, WindowEvent } from '../protocol/index.ts';

type End = { readonly error?: UndertoneError };

/**
 * Events on their way to whoever listens. They are kept, up to a limit, until the first listener comes, so that none is lost
 * between opening and listening; the next listeners hear what comes from then on.
 */
export class EventChannel {
  readonly #subject = new Subject<ServerEvent>();
  readonly #limit: number;
  /** What came before the first listener. */
  #early: ServerEvent[] | undefined = [];
  #lost = 0;
  #end: End | undefined;
  #tellDone: () => void = () => {};
  /** Resolves at the end, with or without an error. */
  readonly done: Promise<void> = new Promise((resolve) => {
    this.#tellDone = resolve;
  });

  /** @param limit events that wait at most: before the first listener, and in each iterator. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Every event; ends with the stream, or with an UndertoneError. */
  readonly events$: Observable<ServerEvent> = new Observable((subscriber) => {
    const early = this.#early ?? [];
    this.#early = undefined;
    if (this.#lost > 0) {
      const message = `${this.#lost} events were left out because nobody listened.`;
      subscriber.next({ type: 'status', code: 'history-truncated', message });
      this.#lost = 0;
    }
    for (const event of early) subscriber.next(event);
    if (this.#end?.error !== undefined) subscriber.error(this.#end.error);
    else if (this.#end !== undefined) subscriber.complete();
    return this.#subject.subscribe(subscriber);
  });

  readonly windows$: Observable<WindowEvent> = this.events$.pipe(filter((event) => event.type === 'window'));

  emit(event: ServerEvent): void {
    if (this.#early === undefined) {
      this.#subject.next(event);
      return;
    }
    this.#early.push(event);
    if (this.#early.length <= this.#limit) return;
    // Half at a time: shifting one by one would walk the array for every event.
    this.#lost += this.#early.splice(0, Math.ceil(this.#limit / 2)).length;
  }

  /** No event comes any more; later calls change nothing. */
  finish(error?: UndertoneError): void {
    if (this.#end !== undefined) return;
    this.#end = error === undefined ? {} : { error };
    if (error === undefined) this.#subject.complete();
    else this.#subject.error(error);
    this.#tellDone();
  }

  /**
   * The events as an async iterator. Those that its reader is too slow for wait, up to the limit; beyond it the iterator
   * throws `events-not-read`.
   */
  iterate(): AsyncIterableIterator<ServerEvent> {
    return new EventIterator(this.events$, this.#limit);
  }
}

class EventIterator implements AsyncIterableIterator<ServerEvent> {
  readonly #queue: ServerEvent[] = [];
  readonly #limit: number;
  readonly #subscription: Subscription;
  #waiting: (() => void) | undefined;
  #end: End | undefined;

  constructor(events$: Observable<ServerEvent>, limit: number) {
    this.#limit = limit;
    this.#subscription = events$.subscribe({
      next: (event) => this.#push(event),
      error: (error: UndertoneError) => this.#finish({ error }),
      complete: () => this.#finish({}),
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ServerEvent>> {
    while (this.#queue.length === 0 && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    const value = this.#queue.shift();
    if (value !== undefined) return { value, done: false };
    const { error } = this.#end ?? {};
    // An iterator throws once; after that it is done.
    this.#end = {};
    if (error !== undefined) throw error;
    return { value: undefined, done: true };
  }

  async return(): Promise<IteratorResult<ServerEvent>> {
    this.#queue.length = 0;
    this.#finish({});
    return { value: undefined, done: true };
  }

  #push(event: ServerEvent): void {
    if (this.#queue.length >= this.#limit) {
      this.#finish({ error: new UndertoneError('events-not-read', { limit: this.#limit }) });
      return;
    }
    this.#queue.push(event);
    this.#wake();
  }

  #finish(end: End): void {
    this.#end ??= end;
    // The subscription is not there yet when the observable ends at once.
    queueMicrotask(() => this.#subscription.unsubscribe());
    this.#wake();
  }

  #wake(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }
}
