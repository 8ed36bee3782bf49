import type { KeptDelivery } from '../../store/index.ts';
import type { Clock } from '../clock.ts';
import { DueHeap } from './due-heap.ts';
import type { Outcome } from './post.ts';
import { MAX_ATTEMPTS, retryAfterMs, waitMs } from './schedule.ts';
import type { EndpointStatus, WebhookEndpoint } from './types.ts';

export interface EndpointQueueOptions {
  readonly endpoint: WebhookEndpoint;
  /** Of messages that wait. */
  readonly maxBytes: number;
  /** One attempt; never rejects. */
  readonly send: (delivery: KeptDelivery, signal: AbortSignal) => Promise<Outcome>;
  /** What the store is to know: as it stands now, or that it was taken. */
  readonly keep: (delivery: KeptDelivery) => void;
  readonly remove: (deliveryId: string) => void;
  /** Nobody took it; it is kept, and may be sent again by hand. */
  readonly bury: (delivery: KeptDelivery) => void;
  /** The endpoint has answered 410. */
  readonly onGone: () => void;
  readonly clock: Clock;
  readonly wallClock: () => number;
  readonly random: () => number;
}

interface Flight {
  readonly delivery: KeptDelivery;
  readonly controller: AbortController;
}

interface Waiting {
  readonly delivery: KeptDelivery;
  readonly dueAtMs: number;
}

/** Messages that wait for one endpoint at most. */
const MOST_WAITING = 10_000;
/** The wall clock is looked at again after this time at the latest: it may have been set. */
const LONGEST_TIMER_MS = 60_000;
const GONE = 410;

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

/**
 * The messages of one endpoint. A few attempts at once; after a failure one at a time, until one succeeds. Whatever it does,
 * slow, full or gone, is its own affair.
 */
export class EndpointQueue {
  readonly #options: EndpointQueueOptions;
  readonly #waiting = new DueHeap<Waiting>();
  /** What is on its way, by delivery id. */
  readonly #inFlight = new Map<string, Flight>();
  #waitingBytes = 0;
  #failingSinceSuccess = false;
  #gone = false;
  #closed = false;
  #timer: (() => void) | undefined;
  #pausedUntilMs: number | undefined;
  #lastDeliveredAtMs: number | undefined;
  #lastError: string | null = null;
  readonly #counts = { delivered: 0, failures: 0, dropped: 0 };
  #idle: (() => void) | undefined;

  constructor(options: EndpointQueueOptions) {
    this.#options = options;
  }

  get endpoint(): WebhookEndpoint {
    return this.#options.endpoint;
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** @param dead messages for it that nobody took */
  status(dead: number): EndpointStatus {
    const { name, url, events } = this.endpoint;
    const paused = (this.#pausedUntilMs ?? 0) > this.#options.wallClock() ? this.#pausedUntilMs : undefined;
    return {
      name,
      origin: url.origin,
      state: this.#gone ? 'gone' : 'active',
      events: [...events],
      waiting: this.#waiting.size,
      inFlight: this.#inFlight.size,
      ...this.#counts,
      dead,
      lastDeliveredAt: iso(this.#lastDeliveredAtMs),
      lastError: this.#lastError,
      pausedUntil: iso(paused),
    };
  }

  /** A message that nobody has kept yet. */
  add(delivery: KeptDelivery): void {
    if (this.#gone) {
      this.#counts.dropped += 1;
    } else if (this.#full(delivery)) {
      this.#bury({ ...delivery, lastError: 'too many messages wait for this endpoint' });
    } else {
      this.#options.keep(delivery);
      this.restore(delivery);
    }
  }

  /** A message that is kept already. */
  restore(delivery: KeptDelivery): void {
    if (this.#gone || this.#full(delivery)) {
      this.#bury({ ...delivery, lastError: this.#gone ? 'the endpoint is gone' : 'too many messages wait' });
      return;
    }
    this.#waiting.push({ delivery, dueAtMs: delivery.nextAttemptAtMs ?? 0 });
    this.#waitingBytes += delivery.body.length;
    this.#pump();
  }

  /** It answered 410: what waits is buried, and what comes is dropped. */
  disable(): void {
    this.#gone = true;
    for (const { delivery } of this.#takeOut(() => true))
      this.#bury({ ...delivery, lastError: 'the endpoint is gone' });
    this.#wakeIdle();
  }

  enable(): void {
    this.#gone = false;
    this.#failingSinceSuccess = false;
    this.#pausedUntilMs = undefined;
    this.#lastError = null;
  }

  /** Forgets what waits or is on its way. */
  forget(matches: (delivery: KeptDelivery) => boolean): void {
    for (const { delivery } of this.#takeOut(({ delivery }) => matches(delivery))) {
      this.#options.remove(delivery.deliveryId);
    }
    for (const { delivery, controller } of [...this.#inFlight.values()]) {
      if (!matches(delivery)) continue;
      this.#inFlight.delete(delivery.deliveryId);
      controller.abort();
      this.#options.remove(delivery.deliveryId);
    }
    this.#pump();
  }

  /** Resolves when nothing is due and nothing on its way. */
  async idle(): Promise<void> {
    if (!this.#busy()) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  /** Gives up what is on its way, which is kept as it was, and begins nothing more. */
  close(): void {
    this.#closed = true;
    this.#timer?.();
    for (const { controller } of this.#inFlight.values()) controller.abort();
    this.#wakeIdle();
  }

  #full({ body }: KeptDelivery): boolean {
    return this.#waiting.size >= MOST_WAITING || this.#waitingBytes + body.length > this.#options.maxBytes;
  }

  #takeOut(matches: (waiting: Waiting) => boolean): readonly Waiting[] {
    const removed = this.#waiting.remove(matches);
    for (const { delivery } of removed) this.#waitingBytes -= delivery.body.length;
    return removed;
  }

  /** Begins as many attempts as are due and allowed; sets the timer for the next. */
  #pump(): void {
    this.#timer?.();
    this.#timer = undefined;
    const nowMs = this.#options.wallClock();
    while (this.#mayBegin()) {
      const dueAtMs = Math.max(this.#waiting.first?.dueAtMs ?? 0, this.#pausedUntilMs ?? 0);
      if (dueAtMs > nowMs) {
        const inMs = Math.min(LONGEST_TIMER_MS, dueAtMs - nowMs);
        this.#timer = this.#options.clock.after(inMs, () => this.#pump());
        break;
      }
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#waitingBytes -= next.delivery.body.length;
      void this.#attempt(next.delivery);
    }
    this.#wakeIdle();
  }

  #mayBegin(): boolean {
    if (this.#closed || this.#gone || this.#waiting.size === 0) return false;
    return this.#inFlight.size < (this.#failingSinceSuccess ? 1 : this.endpoint.concurrency);
  }

  async #attempt(delivery: KeptDelivery): Promise<void> {
    const controller = new AbortController();
    const flight: Flight = { delivery, controller };
    this.#inFlight.set(delivery.deliveryId, flight);
    const outcome = await this.#options.send(delivery, controller.signal);
    // It was forgotten meanwhile, or this process ends: then it is kept as it was, and tried again by the next.
    const known = this.#inFlight.get(delivery.deliveryId) === flight;
    if (known) this.#inFlight.delete(delivery.deliveryId);
    if (!known || (this.#closed && outcome.kind === 'failed')) return;
    if (outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300) this.#delivered(delivery);
    else this.#failed(delivery, outcome);
    this.#pump();
  }

  #delivered({ deliveryId }: KeptDelivery): void {
    this.#counts.delivered += 1;
    this.#failingSinceSuccess = false;
    this.#lastDeliveredAtMs = this.#options.wallClock();
    this.#options.remove(deliveryId);
  }

  #failed(delivery: KeptDelivery, outcome: Outcome): void {
    const { wallClock, random } = this.#options;
    const nowMs = wallClock();
    const attempts = delivery.attempts + 1;
    const lastError = outcome.kind === 'answered' ? `answered ${outcome.status}` : outcome.why;
    const tried = { ...delivery, attempts, lastError };
    this.#counts.failures += 1;
    this.#failingSinceSuccess = true;
    this.#lastError = lastError;
    if (outcome.kind === 'answered' && outcome.status === GONE && !this.#gone) {
      this.#bury(tried);
      this.disable();
      this.#options.onGone();
      return;
    }
    if (attempts >= MAX_ATTEMPTS || this.#gone) {
      this.#bury(tried);
      return;
    }
    const askedMs = outcome.kind === 'answered' ? retryAfterMs(outcome.retryAfter, nowMs) : undefined;
    // Whoever says when to come back means all of us.
    if (askedMs !== undefined) this.#pausedUntilMs = Math.max(this.#pausedUntilMs ?? 0, nowMs + askedMs);
    const nextAttemptAtMs = nowMs + Math.max(askedMs ?? 0, waitMs(attempts, random()));
    const next = { ...tried, nextAttemptAtMs };
    this.#options.keep(next);
    this.#waiting.push({ delivery: next, dueAtMs: nextAttemptAtMs });
    this.#waitingBytes += next.body.length;
  }

  #bury(delivery: KeptDelivery): void {
    this.#options.bury({ ...delivery, nextAttemptAtMs: null });
  }

  #busy(): boolean {
    if (this.#inFlight.size > 0) return true;
    if (this.#closed || this.#gone) return false;
    const dueAtMs = Math.max(this.#waiting.first?.dueAtMs ?? Number.POSITIVE_INFINITY, this.#pausedUntilMs ?? 0);
    return dueAtMs <= this.#options.wallClock();
  }

  #wakeIdle(): void {
    if (this.#idle === undefined || this.#busy()) return;
    this.#idle();
    this.#idle = undefined;
  }
}
