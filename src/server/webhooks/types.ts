import type { AlertHandling, AlertSeverity, CallAlert, CallDetail, DeskPolicy, Role } from '../../protocol/index.ts';
import type { KeptDelivery, Store } from '../../store/index.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Tap } from '../taps.ts';
import type { ResolveHost } from './resolve.ts';

export const WEBHOOK_TYPES = ['alert.raised', 'alert.cleared', 'alert.handled', 'call.started', 'call.ended'] as const;
export type WebhookType = (typeof WEBHOOK_TYPES)[number];

/** What a message may hold beyond the least. */
export const WEBHOOK_PARTS = ['evidence', 'legs', 'metrics'] as const;
export type WebhookPart = (typeof WEBHOOK_PARTS)[number];

/** One endpoint of the file. */
export interface WebhookEndpoint {
  /** Names it in status, in dead letters and in the log. */
  readonly name: string;
  readonly url: URL;
  /** Keys of HMAC-SHA256; every message is signed with each of them. */
  readonly secrets: readonly Uint8Array[];
  readonly events: ReadonlySet<WebhookType>;
  /** Alerts of these rules, of these severities, that stand on a side of these roles; `undefined`: of all. */
  readonly rules?: ReadonlySet<string>;
  readonly severities?: ReadonlySet<AlertSeverity>;
  readonly roles?: ReadonlySet<Role>;
  /** Keys of a call's metadata that are sent. */
  readonly metadata: readonly string[];
  readonly include: ReadonlySet<WebhookPart>;
  /** Of one attempt, from the look-up of its name to the head of the answer. */
  readonly timeoutMs: number;
  /** Attempts at once. */
  readonly concurrency: number;
}

/** Where a message's own state is kept. */
export type DeliveryStore = Pick<
  Store,
  'keepDelivery' | 'removeDelivery' | 'deliveries' | 'setting' | 'setSetting' | 'note'
>;

export interface WebhooksOptions {
  readonly endpoints: readonly WebhookEndpoint[];
  /** Left out: in memory only. */
  readonly store?: DeliveryStore;
  /**
   * What is known of a call that has ended, with what the policy hides left out. Left out, or where it gives nothing:
   * `call.ended` tells what the streams' own `ended` events do.
   */
  readonly call?: (callId: string) => Promise<CallDetail | undefined>;
  /** Whose moods may be told, where `call` gives nothing. Default: everybody's. */
  readonly policy?: () => DeskPolicy;
  /** Default false: only addresses of the public internet, and only over https. */
  readonly allowPrivate?: boolean;
  /** Default: DNS. */
  readonly resolve?: ResolveHost;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** ms since 1970. */
  readonly wallClock?: () => number;
  /** 0 to 1; for the jitter. */
  readonly random?: () => number;
}

/** Of `GET /v1/webhooks`. Neither secrets nor the path of an address, which may be one, are in it. */
export interface EndpointStatus {
  readonly name: string;
  /** `https://host:port` */
  readonly origin: string;
  /** `gone`: it answered 410, and gets nothing until it is enabled by hand or its address changes. */
  readonly state: 'active' | 'gone';
  readonly events: readonly WebhookType[];
  readonly waiting: number;
  readonly inFlight: number;
  readonly delivered: number;
  /** Attempts that failed. */
  readonly failures: number;
  /** Messages that nobody took; they are kept, and may be replayed. */
  readonly dead: number;
  /** Messages that came while it was gone. */
  readonly dropped: number;
  readonly lastDeliveredAt: string | null;
  readonly lastError: string | null;
  /** It asked for a pause, until then. */
  readonly pausedUntil: string | null;
}

export interface WebhooksStatus {
  readonly endpoints: readonly EndpointStatus[];
  readonly waiting: number;
  /** Newest first. */
  readonly dead: readonly Omit<KeptDelivery, 'body'>[];
  /** The store does not take what is to be kept: what waits would not survive a restart. */
  readonly storeFailing: string | null;
}

/** Tells the outside of calls and alerts. Nothing here throws into the live path or waits for anybody. */
export interface Webhooks {
  /** Looks into the events of alerts and of the end alone. */
  readonly tap: Tap;
  alertHandled(alert: CallAlert, handling: AlertHandling): void;
  status(): Promise<WebhooksStatus>;
  /** Without asking the store; for metrics. */
  endpoints(): readonly EndpointStatus[];
  /** Sends a dead message again, with its id. @throws UndertoneError `not-found`, `webhook-disabled` */
  replay(deliveryId: string, by: string): Promise<void>;
  /** Takes an endpoint back that answered 410. @throws UndertoneError `not-found` */
  enable(name: string, by: string): Promise<void>;
  /** Forgets every message of these calls, whether it waits or is dead, here (the store erases its own). */
  forget(callIds: readonly string[]): void;
  /** Takes nothing new; tries what is due for `drainMs` at most, then leaves the rest to the store. */
  close(drainMs?: number): Promise<void>;
}
