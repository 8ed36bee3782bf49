import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  AlertEvent,
  AlertHandling,
  AlertSeverity,
  CallAlert,
  CallDetail,
  CallMetrics,
  ChannelDescription,
  DeskPolicy,
  EndedEvent,
  EndReason,
  Metadata,
  Role,
  TimelineEvent,
} from '../../protocol/index.ts';
import { CallMeter } from '../../streams/index.ts';
import type { Clock } from '../clock.ts';
import type { EncodedEvent } from '../encoded-event.ts';
import type { History } from '../history.ts';
import type { LiveStream } from '../live-stream.ts';
import type { Logger } from '../log.ts';
import type { Tap } from '../taps.ts';
import { type EndedCallNews, higher, type LegNews, type News } from './messages.ts';

/** A stream as it is watched. */
type Watched = Pick<LiveStream, 'runId' | 'streamId' | 'callId' | 'startedAtMs' | 'metadata' | 'endReason'> & {
  readonly settings: { readonly channels: readonly ChannelDescription[] };
  readonly hub: { readonly history: Pick<History, 'oldestCursor' | 'nextCursor' | 'at'> };
};

interface Leg {
  readonly streamId: string;
  readonly channels: readonly ChannelDescription[];
  /** Its events, while it is the only stream of its call. */
  history: Watched['hub']['history'] | undefined;
  /** Of its first sample, in the call's time. */
  readonly offsetMs: number;
  /** Ids of the alerts that are raised, by their rule. */
  readonly raised: Map<string, string>;
  ended: EndedEvent | undefined;
  reason: EndReason | undefined;
}

interface Call {
  readonly callId: string;
  readonly startedAtMs: number;
  /** By the run of the stream. */
  readonly legs: Map<string, Leg>;
  readonly alerts: { raised: number; highest: AlertSeverity | null; readonly rules: Set<string> };
  metadata: Metadata;
  /** Calls off that it is told as ended. */
  settling: (() => void) | undefined;
  forgotten: boolean;
}

export interface CallWatchOptions {
  readonly tell: (news: News) => void;
  /** Whether anybody is told of the end of calls. */
  readonly tellsEnds: boolean;
  readonly call?: ((callId: string) => Promise<CallDetail | undefined>) | undefined;
  readonly policy?: (() => DeskPolicy) | undefined;
  readonly clock: Clock;
  readonly wallClock: () => number;
  readonly logger: Logger;
}

/** So long after the last stream of a call another may still begin, and what was written reaches the store. */
const SETTLE_MS = 2_000;
/** Streams of a call that are remembered: a call's id may be that of everything that somebody sends. */
const MOST_LEGS = 1_000;
/** Events that are parsed between two looks at the sockets. */
const EVENTS_AT_ONCE = 50;

const iso = (ms: number): string => new Date(ms).toISOString();

/** Makes news of what happens on the streams: of calls, which are one or more of them, and of their alerts. */
export class CallWatch implements Tap {
  readonly #options: CallWatchOptions;
  readonly #calls = new Map<string, Call>();
  /** Calls that ended are told one after the other: their figures are read from the store. */
  #telling: Promise<void> = Promise.resolve();
  /** Those of them that have not been told. */
  readonly #concluding = new Set<Call>();

  constructor(options: CallWatchOptions) {
    this.#options = options;
  }

  opened(stream: Watched): void {
    const { callId, streamId, startedAtMs, metadata } = stream;
    const before = this.#calls.get(callId);
    before?.settling?.();
    const call = before ?? {
      callId,
      startedAtMs,
      legs: new Map(),
      alerts: { raised: 0, highest: null, rules: new Set() },
      metadata,
      settling: undefined,
      forgotten: false,
    };
    call.settling = undefined;
    call.metadata = { ...call.metadata, ...metadata };
    const offsetMs = Math.max(0, startedAtMs - call.startedAtMs);
    const { channels } = stream.settings;
    const { history } = stream.hub;
    for (const leg of call.legs.values()) leg.history = undefined;
    call.legs.set(stream.runId, {
      streamId,
      channels,
      history: call.legs.size === 0 ? history : undefined,
      offsetMs,
      raised: new Map(),
      ended: undefined,
      reason: undefined,
    });
    trim(call.legs);
    this.#calls.set(callId, call);
    if (before !== undefined) return;
    this.#tell(call, { type: 'call.started', timestamp: iso(startedAtMs), streamId, channels });
  }

  event(stream: Watched, event: EncodedEvent): void {
    if (event.type !== 'alert' && event.type !== 'ended') return;
    const call = this.#calls.get(stream.callId);
    const leg = call?.legs.get(stream.runId);
    if (call === undefined || leg === undefined) return;
    const parsed = JSON.parse(event.bytes.toString()) as TimelineEvent;
    if (parsed.type === 'ended') leg.ended = parsed;
    if (parsed.type === 'alert') this.#alert(call, leg, parsed);
  }

  ended(stream: Watched): void {
    const call = this.#calls.get(stream.callId);
    const leg = call?.legs.get(stream.runId);
    if (call === undefined || leg === undefined) return;
    leg.reason = stream.endReason ?? 'error';
    if ([...call.legs.values()].some(({ reason }) => reason === undefined)) return;
    call.settling = this.#options.clock.after(SETTLE_MS, () => this.#conclude(call));
  }

  /** Tells of something that a supervisor did. */
  handled(alert: CallAlert, handling: AlertHandling): void {
    this.#handled(alert, handling).catch((err: unknown) => this.#lost(err));
  }

  async #handled(alert: CallAlert, handling: AlertHandling): Promise<void> {
    const live = this.#calls.get(alert.callId);
    const detail = live === undefined ? await this.#detail(alert.callId) : undefined;
    const channels =
      [...(live?.legs.values() ?? [])].find(({ streamId }) => streamId === alert.streamId)?.channels ??
      detail?.streams.find(({ streamId }) => streamId === alert.streamId)?.channels ??
      [];
    const { alertId, callId, streamId, rule, severity, atMs, sinceMs, evidence, cause } = alert;
    this.#options.tell({
      type: 'alert.handled',
      callId,
      timestamp: handling.at,
      metadata: live?.metadata ?? detail?.metadata ?? {},
      alert: { alertId, streamId, rule, severity, atMs, sinceMs, ...(cause && { cause }), evidence },
      handling,
      roles: rolesOf(evidence, channels),
    });
  }

  /** Nothing more is told of a call that goes on, or has just ended. */
  forget(callId: string): void {
    const live = this.#calls.get(callId);
    live?.settling?.();
    this.#calls.delete(callId);
    for (const call of this.#concluding) if (call.callId === callId) call.forgotten = true;
  }

  /** Tells at once of the calls that have ended lately; resolves when it has. */
  async settle(): Promise<void> {
    for (const call of [...this.#calls.values()]) {
      if (call.settling === undefined) continue;
      call.settling();
      this.#conclude(call);
    }
    await this.#telling;
  }

  #alert(call: Call, leg: Leg, event: AlertEvent): void {
    const { streamId, cursor, state, rule, severity, evidence, atMs, sinceMs, cause } = event;
    const alertId = state === 'raised' ? `${streamId}:${cursor}` : leg.raised.get(rule);
    if (alertId === undefined) return;
    if (state === 'raised') {
      leg.raised.set(rule, alertId);
      call.alerts.raised += 1;
      call.alerts.highest = higher(call.alerts.highest, severity);
      call.alerts.rules.add(rule);
    } else {
      leg.raised.delete(rule);
    }
    const moved = { atMs: atMs + leg.offsetMs, sinceMs: sinceMs + leg.offsetMs };
    this.#tell(call, {
      type: state === 'raised' ? 'alert.raised' : 'alert.cleared',
      timestamp: iso(this.#options.wallClock()),
      alert: { alertId, streamId, rule, severity, ...moved, ...(cause && { cause }), evidence },
      roles: rolesOf(evidence, leg.channels),
    });
  }

  #conclude(call: Call): void {
    this.#calls.delete(call.callId);
    if (!this.#options.tellsEnds) return;
    const endedAtMs = this.#options.wallClock();
    this.#concluding.add(call);
    const tell = async (): Promise<void> => {
      const news = call.forgotten ? undefined : await this.#ending(call, endedAtMs);
      if (news === undefined || call.forgotten) return;
      this.#tell(call, { type: 'call.ended', timestamp: news.endedAt, call: news });
    };
    this.#telling = this.#telling
      .then(tell)
      .catch((err: unknown) => this.#lost(err))
      .finally(() => this.#concluding.delete(call));
  }

  #lost(err: unknown): void {
    this.#options.logger.error({ err }, 'webhooks: something that happened could not be told');
  }

  /** What is kept of a call; else what its streams said at their end. */
  async #ending(call: Call, endedAtMs: number): Promise<EndedCallNews> {
    const legs = [...call.legs.values()];
    const streams = legs.map(({ streamId, reason = 'error' }) => ({ streamId, reason }));
    const detail = await this.#detail(call.callId);
    if (detail !== undefined) {
      const { startedAt, endedAt, durationMs, alerts, metrics } = detail;
      return { startedAt, endedAt: endedAt ?? iso(endedAtMs), durationMs, streams, legs: detail.legs, alerts, metrics };
    }
    const policy = this.#options.policy?.();
    const [first] = legs;
    const shown = first?.channels.every(({ role }) => isShown(policy, role)) === true;
    const { raised, highest, rules } = call.alerts;
    return {
      startedAt: iso(call.startedAtMs),
      endedAt: iso(endedAtMs),
      durationMs: Math.max(0, ...legs.map(({ offsetMs, ended }) => offsetMs + (ended?.durationMs ?? 0))),
      streams,
      legs: legs.flatMap((leg) => legNews(leg, policy)),
      // Every alert is cleared before its stream ends.
      alerts: { raised, open: 0, highest, rules: [...rules] },
      metrics: legs.length === 1 && first !== undefined && shown ? await metricsOf(first) : null,
    };
  }

  async #detail(callId: string): Promise<CallDetail | undefined> {
    try {
      return await this.#options.call?.(callId);
    } catch (err) {
      this.#options.logger.warn({ err }, 'webhooks: a call could not be read from the store');
      return undefined;
    }
  }

  #tell(call: Call, news: DistributiveOmit<News, 'callId' | 'metadata'>): void {
    const { callId, metadata } = call;
    this.#options.tell({ ...news, callId, metadata });
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Forgets the oldest streams that have ended, where they are too many. */
function trim(legs: Map<string, Leg>): void {
  for (const [runId, { reason }] of legs) {
    if (legs.size <= MOST_LEGS) return;
    if (reason !== undefined) legs.delete(runId);
  }
}

function rolesOf(evidence: AlertEvent['evidence'], channels: readonly ChannelDescription[]): readonly Role[] {
  const found = evidence.flatMap(({ channel }) => (channel === undefined ? [] : (channels[channel]?.role ?? [])));
  return [...new Set(found)];
}

const isShown = (policy: DeskPolicy | undefined, role: Role): boolean =>
  policy === undefined || policy.analysedRoles.includes(role);

function legNews({ streamId, ended }: Leg, policy: DeskPolicy | undefined): readonly LegNews[] {
  return (ended?.channels ?? []).map(({ channelName, windows: _, ...summary }) => {
    const leg = { ...summary, streamId, name: channelName };
    if (isShown(policy, leg.role)) return leg;
    return { ...leg, shares: {}, coverage: 0, arousal: null, valence: null };
  });
}

/** Metrics from the events that are still in memory, a few at a time; `null` where the first are gone. */
async function metricsOf({ channels, history }: Leg): Promise<CallMetrics | null> {
  if (history === undefined || history.oldestCursor > 0) return null;
  const meter = new CallMeter(channels);
  for (let cursor = 0; cursor < history.nextCursor; cursor += 1) {
    if (cursor % EVENTS_AT_ONCE === 0) await nextTurn();
    const event = history.at(cursor);
    if (event === undefined) return null;
    meter.next(JSON.parse(event.bytes.toString()) as TimelineEvent);
  }
  return meter.metrics();
}
