import { createHash, randomUUID } from 'node:crypto';
import { UndertoneError } from '../../errors.ts';
import type { AlertHandling, CallAlert } from '../../protocol/index.ts';
import { type Clock, systemClock } from '../clock.ts';
import { silentLogger } from '../log.ts';
import type { Tap } from '../taps.ts';
import { CallWatch } from './call-watch.ts';
import { DeadLetters } from './dead-letters.ts';
import { EndpointQueue } from './endpoint-queue.ts';
import { Journal } from './journal.ts';
import { bodyFor, type News, wants } from './messages.ts';
import { post } from './post.ts';
import { systemResolver } from './resolve.ts';
import { signedHeaders } from './sign.ts';
import type { EndpointStatus, Webhooks, WebhooksOptions, WebhooksStatus } from './types.ts';

/** Where the store keeps which endpoints have answered 410: their names, with a hash of their address. */
const GONE_SETTING = 'webhooks.gone';
/** Of messages that wait in memory, for all endpoints together. */
const MOST_BYTES = 134_217_728;
const DRAIN_MS = 3_000;
const LOG_EVERY_MS = 60_000;

/**
 * Opens the webhooks of a server, with what waited when the last one ended.
 *
 * @example
 * const endpoints = readEndpoints(text, { environment: process.env });
 * const webhooks = await openWebhooks({ endpoints, store });
 * const server = await startServer({ model, taps: [webhooks.tap] });
 */
export async function openWebhooks(options: WebhooksOptions): Promise<Webhooks> {
  const webhooks = new Sender(options);
  await webhooks.restore();
  return webhooks;
}

class Sender implements Webhooks {
  readonly tap: Tap;
  readonly #options: Required<Pick<WebhooksOptions, 'clock' | 'wallClock' | 'logger'>> & WebhooksOptions;
  readonly #watch: CallWatch;
  readonly #journal: Journal | undefined;
  readonly #dead: DeadLetters;
  /** By name. */
  readonly #queues: ReadonlyMap<string, EndpointQueue>;
  #closed: Promise<void> | undefined;
  /** Nothing is taken any more: the store may be gone. */
  #ended = false;

  constructor(given: WebhooksOptions) {
    const { clock = systemClock, wallClock = Date.now, logger = silentLogger } = given;
    this.#options = { ...given, clock, wallClock, logger };
    const { store, endpoints, random = Math.random, resolve = systemResolver(), allowPrivate = false } = given;
    const onChange = (failing: string | null): void => {
      if (failing === null) logger.info({}, 'webhooks: the store takes messages again');
      else
        logger.warn(
          { reason: failing },
          'webhooks: the store does not take messages; they would not survive a restart',
        );
    };
    this.#journal = store && new Journal({ store, clock, onChange });
    this.#dead = new DeadLetters(store && this.#journal && { store, journal: this.#journal });
    const maxBytes = Math.floor(MOST_BYTES / Math.max(1, endpoints.length));
    this.#queues = new Map(
      endpoints.map((endpoint) => {
        const { url, secrets, timeoutMs, name } = endpoint;
        const say = sparingly(clock, (messages, reason) =>
          logger.warn({ endpoint: name, messages, reason }, 'webhooks: messages that nobody took are dead letters'),
        );
        const queue: EndpointQueue = new EndpointQueue({
          endpoint,
          maxBytes,
          send: ({ deliveryId, body }, signal) => {
            const bytes = Buffer.from(body);
            const headers = { 'user-agent': 'undertone', ...signedHeaders(secrets, deliveryId, wallClock(), bytes) };
            return post({ url, headers, body: bytes, timeoutMs, allowPrivate, resolve, signal });
          },
          keep: (delivery) => this.#journal?.keep(delivery),
          remove: (deliveryId) => this.#journal?.remove(deliveryId),
          bury: (delivery) => {
            say(delivery.lastError);
            this.#dead.add(delivery);
          },
          onGone: () => {
            logger.warn({ endpoint: name }, 'webhooks: the endpoint has answered 410 and is disabled');
            void this.#keepGone();
          },
          clock,
          wallClock,
          random,
        });
        return [name, queue];
      }),
    );
    this.#watch = new CallWatch({
      tell: (news) => this.#tell(news),
      tellsEnds: endpoints.some(({ events }) => events.has('call.ended')),
      call: given.call,
      policy: given.policy,
      clock,
      wallClock,
      logger,
    });
    this.tap = this.#watch;
  }

  async restore(): Promise<void> {
    const { store, logger } = this.#options;
    if (store === undefined) return;
    try {
      const gone = goneOf(await store.setting(GONE_SETTING));
      for (const queue of this.#queues.values()) {
        if (gone[queue.endpoint.name] === fingerprint(queue.endpoint.url)) queue.disable();
      }
      await this.#dead.refresh();
      for (const delivery of await store.deliveries('waiting')) {
        this.#journal?.knows(delivery.deliveryId);
        const queue = this.#queues.get(delivery.endpoint);
        if (queue !== undefined) queue.restore(delivery);
        else this.#dead.add({ ...delivery, nextAttemptAtMs: null, lastError: 'there is no such endpoint any more' });
      }
    } catch (err) {
      logger.error({ err }, 'webhooks: what waited could not be read from the store');
    }
  }

  alertHandled(alert: CallAlert, handling: AlertHandling): void {
    this.#watch.handled(alert, handling);
  }

  endpoints(): readonly EndpointStatus[] {
    return [...this.#queues.values()].map((queue) => queue.status(this.#dead.count(queue.endpoint.name)));
  }

  async status(): Promise<WebhooksStatus> {
    // Where the store does not answer there is what is known without it.
    await this.#dead.refresh().catch(() => {});
    const endpoints = this.endpoints();
    const waiting = endpoints.reduce((sum, endpoint) => sum + endpoint.waiting + endpoint.inFlight, 0);
    return { endpoints, waiting, dead: this.#dead.list, storeFailing: this.#journal?.failing ?? null };
  }

  async replay(deliveryId: string, by: string): Promise<void> {
    const missing = (): UndertoneError =>
      new UndertoneError('not-found', { path: `/v1/webhooks/dead/${encodeURIComponent(deliveryId)}` });
    const letter = this.#dead.has(deliveryId);
    const queue = letter && this.#queues.get(letter.endpoint);
    if (queue === undefined) throw missing();
    if (queue.gone) throw new UndertoneError('webhook-disabled', { name: queue.endpoint.name });
    const delivery = await this.#dead.take(deliveryId);
    if (delivery === undefined) throw missing();
    queue.add({ ...delivery, attempts: 0, nextAttemptAtMs: this.#options.wallClock() });
    await this.#note('webhook-replayed', deliveryId, by, delivery.callId);
  }

  async enable(name: string, by: string): Promise<void> {
    const queue = this.#queues.get(name);
    if (queue === undefined) {
      throw new UndertoneError('not-found', { path: `/v1/webhooks/${encodeURIComponent(name)}` });
    }
    if (!queue.gone) return;
    queue.enable();
    await this.#keepGone();
    await this.#note('webhook-enabled', name, by, null);
  }

  forget(callIds: readonly string[]): void {
    const ids = new Set(callIds);
    for (const callId of callIds) this.#watch.forget(callId);
    for (const queue of this.#queues.values()) queue.forget(({ callId }) => callId !== null && ids.has(callId));
    this.#dead.forget(ids);
  }

  close(drainMs = DRAIN_MS): Promise<void> {
    this.#closed ??= this.#close(drainMs);
    return this.#closed;
  }

  async #close(drainMs: number): Promise<void> {
    const queues = [...this.#queues.values()];
    let callOff = (): void => {};
    const late = new Promise<void>((resolve) => {
      callOff = this.#options.clock.after(drainMs, resolve);
    });
    const drained = this.#watch.settle().then(async () => {
      await Promise.all(queues.map((queue) => queue.idle()));
    });
    await Promise.race([drained, late]);
    callOff();
    this.#ended = true;
    for (const queue of queues) queue.close();
    await this.#journal?.flush();
    const left = queues.reduce((sum, queue) => sum + queue.status(0).waiting, 0);
    if (left > 0 && this.#journal === undefined) {
      this.#options.logger.warn({ messages: left }, 'webhooks: messages are lost that waited to be sent again');
    }
  }

  #tell(news: News): void {
    if (this.#ended) return;
    const createdAtMs = this.#options.wallClock();
    for (const queue of this.#queues.values()) {
      if (!wants(queue.endpoint, news)) continue;
      queue.add({
        // No full stop in it: it stands before one where it is signed.
        deliveryId: `msg_${randomUUID().replaceAll('-', '')}`,
        endpoint: queue.endpoint.name,
        callId: news.callId,
        body: bodyFor(queue.endpoint, news),
        createdAtMs,
        attempts: 0,
        nextAttemptAtMs: createdAtMs,
        lastError: null,
      });
    }
  }

  async #keepGone(): Promise<void> {
    const { store, logger } = this.#options;
    const gone = [...this.#queues.values()].filter((queue) => queue.gone);
    const value = Object.fromEntries(gone.map(({ endpoint }) => [endpoint.name, fingerprint(endpoint.url)]));
    try {
      await store?.setSetting(GONE_SETTING, JSON.stringify(value));
    } catch (err) {
      logger.warn({ err }, 'webhooks: which endpoints are disabled could not be kept');
    }
  }

  async #note(action: string, subject: string, by: string, callId: string | null): Promise<void> {
    const at = new Date(this.#options.wallClock()).toISOString();
    await this.#options.store?.note({ at, by, action, subject }, callId ?? undefined);
  }
}

/** Says something once a minute at most, and how often it has happened since. */
function sparingly(clock: Clock, say: (times: number, reason: string | null) => void): (reason: string | null) => void {
  let times = 0;
  let saidAtMs = Number.NEGATIVE_INFINITY;
  return (reason) => {
    times += 1;
    if (clock.now() - saidAtMs < LOG_EVERY_MS) return;
    saidAtMs = clock.now();
    say(times, reason);
    times = 0;
  };
}

/** The address may be a secret, so that it is not kept itself. */
const fingerprint = (url: URL): string => createHash('sha256').update(url.href).digest('hex');

function goneOf(setting: string | undefined): Readonly<Record<string, unknown>> {
  if (setting === undefined) return {};
  const value: unknown = JSON.parse(setting);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
