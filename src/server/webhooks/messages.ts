import type {
  AlertChange,
  AlertHandling,
  AlertSeverity,
  CallMetrics,
  CallSummary,
  ChannelDescription,
  EndReason,
  LegSummary,
  Metadata,
  Role,
} from '../../protocol/index.ts';
import type { WebhookEndpoint } from './types.ts';

/** What a message tells of an alert. Positions are of the call's time, as everywhere in the HTTP API. */
export interface AlertNews extends Omit<AlertChange, 'state'> {
  /** The same in the raised, the cleared and the handled message of an alert. */
  readonly alertId: string;
  readonly streamId: string;
}

/** A leg of a call that has ended; `lowest` is known where the server keeps a store. */
export type LegNews = Omit<LegSummary, 'lowest'> & Partial<Pick<LegSummary, 'lowest'>>;

export interface EndedCallNews {
  readonly startedAt: string;
  readonly endedAt: string;
  readonly durationMs: number;
  readonly streams: readonly { readonly streamId: string; readonly reason: EndReason }[];
  readonly legs: readonly LegNews[];
  readonly alerts: CallSummary['alerts'];
  /** `null` where the server keeps no store, and the call had several streams or more events than are kept in memory. */
  readonly metrics: CallMetrics | null;
}

interface About {
  readonly callId: string;
  /** When it happened, ISO 8601. */
  readonly timestamp: string;
  /** Of the call; endpoints get the keys that they ask for. */
  readonly metadata: Metadata;
}

/** Something that happened, before it is decided who is told how much of it. */
export type News = About &
  (
    | {
        readonly type: 'alert.raised' | 'alert.cleared' | 'alert.handled';
        readonly alert: AlertNews;
        readonly handling?: AlertHandling;
        /** Of the sides that the alert stands on; none where it is of the call as a whole, or where that is not known. */
        readonly roles: readonly Role[];
      }
    | {
        readonly type: 'call.started';
        readonly streamId: string;
        readonly channels: readonly ChannelDescription[];
      }
    | { readonly type: 'call.ended'; readonly call: EndedCallNews }
  );

/** Whether an endpoint is told. What is said of rules, severities and roles chooses among alerts. */
export function wants(endpoint: WebhookEndpoint, news: News): boolean {
  if (!endpoint.events.has(news.type)) return false;
  if (news.type === 'call.started' || news.type === 'call.ended') return true;
  const { rules, severities, roles } = endpoint;
  if (rules !== undefined && !rules.has(news.alert.rule)) return false;
  if (severities !== undefined && !severities.has(news.alert.severity)) return false;
  return roles === undefined || news.roles.length === 0 || news.roles.some((role) => roles.has(role));
}

/** The body that an endpoint gets, JSON: `type`, `timestamp`, `data`. */
export function bodyFor(endpoint: WebhookEndpoint, news: News): string {
  const { type, timestamp } = news;
  return JSON.stringify({ type, timestamp, data: dataFor(endpoint, news) });
}

function dataFor({ metadata: keys, include }: WebhookEndpoint, news: News): object {
  const { callId } = news;
  const asked = Object.fromEntries(keys.flatMap((key) => entryOf(news.metadata, key)));
  const metadata = keys.length > 0 ? { metadata: asked } : {};
  switch (news.type) {
    case 'call.started':
      return { callId, streamId: news.streamId, channels: news.channels, ...metadata };
    case 'call.ended': {
      const { legs, metrics, ...call } = news.call;
      const parts = { ...(include.has('legs') && { legs }), ...(include.has('metrics') && { metrics }) };
      return { callId, ...call, ...parts, ...metadata };
    }
    default: {
      const { evidence, ...alert } = news.alert;
      const { handling } = news;
      const parts = { ...(include.has('evidence') && { evidence }), ...(handling && { handling }) };
      return { callId, ...alert, ...parts, ...metadata };
    }
  }
}

const entryOf = (metadata: Metadata, key: string): [string, string | number | boolean][] => {
  const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  return value === undefined ? [] : [[key, value]];
};

const RANK: Readonly<Record<AlertSeverity, number>> = { low: 0, medium: 1, high: 2 };

/** The more severe of the two. */
export const higher = (a: AlertSeverity | null, b: AlertSeverity): AlertSeverity =>
  a === null || RANK[b] > RANK[a] ? b : a;
