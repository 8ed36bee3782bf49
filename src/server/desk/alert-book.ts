import {
  ALERT_SEVERITIES,
  type AlertEvent,
  type AlertHandling,
  type CallAlert,
  type ChannelDescription,
  type FloorAlert,
  handledState,
} from '../../protocol/index.ts';
import type { EncodedEvent } from '../encoded-event.ts';
import type { LiveStream } from '../live-stream.ts';

export interface AlertBookOptions {
  /** Cleared alerts that are remembered, the latest; those that are raised always are. */
  readonly keep: number;
  /** ms since 1970. */
  readonly now: () => number;
}

interface Entry {
  readonly alert: CallAlert;
  /** Of its stream. */
  readonly channels: readonly ChannelDescription[];
  /** Its call was erased: it is not to outlive its clear. */
  readonly erased?: true;
}

/** The alerts of live calls, and those that were cleared lately, with what supervisors did with them. */
export class AlertBook {
  readonly #options: AlertBookOptions;
  /** The cleared ones in the order in which they were cleared. */
  readonly #alerts = new Map<string, Entry>();
  /** Ids of those that are raised, by their rule. */
  readonly #raised = new Map<LiveStream, Map<string, string>>();

  constructor(options: AlertBookOptions) {
    this.#options = options;
  }

  get(alertId: string): CallAlert | undefined {
    return this.#alerts.get(alertId)?.alert;
  }

  /** Those of the stream that an alert was raised on. */
  channelsOf(alertId: string): readonly ChannelDescription[] | undefined {
    return this.#alerts.get(alertId)?.channels;
  }

  /** @param offsetMs by how much the stream's time is moved in the call's */
  event(stream: LiveStream, encoded: EncodedEvent, offsetMs: number): void {
    const event = JSON.parse(encoded.bytes.toString()) as AlertEvent;
    if (event.state === 'raised') this.#raise(stream, event, offsetMs);
    else this.#clear(stream, event.rule, event.atMs + offsetMs, event.cause);
  }

  /** The stream has ended; where it could not say so, its alerts are cleared with it. */
  ended(stream: LiveStream, atMs: number): void {
    for (const rule of [...(this.#raised.get(stream)?.keys() ?? [])]) this.#clear(stream, rule, atMs, 'ended');
    this.#raised.delete(stream);
  }

  /** What was done with an alert, added to it. */
  handle(alertId: string, handling: AlertHandling): CallAlert | undefined {
    const entry = this.#alerts.get(alertId);
    if (entry === undefined) return undefined;
    const all = [...entry.alert.handling, handling];
    const alert = { ...entry.alert, handling: all, ...handledState(all) };
    this.#alerts.set(alertId, { ...entry, alert });
    return alert;
  }

  /** Calls were erased: nothing of them stays here. */
  forget(callIds: readonly string[]): void {
    const erased = new Set(callIds);
    for (const [alertId, entry] of this.#alerts) {
      if (!erased.has(entry.alert.callId)) continue;
      if (entry.alert.clearedMs === null) this.#alerts.set(alertId, { ...entry, erased: true });
      else this.#alerts.delete(alertId);
    }
  }

  /** Alerts that are raised on these streams, the most severe first, then those that have stood longest. */
  raisedOn(streams: Iterable<LiveStream>): FloorAlert[] {
    const alerts: CallAlert[] = [];
    for (const stream of streams) {
      for (const alertId of this.#raised.get(stream)?.values() ?? []) alerts.push(this.#alerts.get(alertId)!.alert);
    }
    return alerts.sort((a, b) => rank(b) - rank(a) || a.sinceMs - b.sinceMs).map(floorAlert);
  }

  #raise(stream: LiveStream, event: AlertEvent, offsetMs: number): void {
    const alertId = `${stream.streamId}:${event.cursor}`;
    const { rule, severity, atMs, sinceMs, evidence } = event;
    const raised = this.#raised.get(stream) ?? new Map<string, string>();
    this.#raised.set(stream, raised);
    raised.set(rule, alertId);
    // An earlier run of the stream may have had the same id: it is the end of the line now.
    this.#alerts.delete(alertId);
    const alert: CallAlert = {
      alertId,
      callId: stream.callId,
      streamId: stream.streamId,
      rule,
      severity,
      atMs: atMs + offsetMs,
      sinceMs: sinceMs + offsetMs,
      evidence,
      raisedAt: new Date(this.#options.now()).toISOString(),
      clearedMs: null,
      handling: [],
      ...handledState([]),
    };
    this.#alerts.set(alertId, { alert, channels: stream.settings.channels });
  }

  #clear(stream: LiveStream, rule: string, clearedMs: number, cause: AlertEvent['cause']): void {
    const raised = this.#raised.get(stream);
    const alertId = raised?.get(rule);
    const entry = alertId === undefined ? undefined : this.#alerts.get(alertId);
    raised?.delete(rule);
    if (alertId === undefined || entry === undefined) return;
    this.#alerts.delete(alertId);
    if (entry.erased === true) return;
    const alert = { ...entry.alert, clearedMs, ...(cause !== undefined && { cause }) };
    this.#alerts.set(alertId, { ...entry, alert });
    this.#forget();
  }

  #forget(): void {
    let raised = 0;
    for (const rules of this.#raised.values()) raised += rules.size;
    let excess = this.#alerts.size - raised - this.#options.keep;
    for (const [alertId, { alert }] of this.#alerts) {
      if (excess <= 0) break;
      if (alert.clearedMs === null) continue;
      this.#alerts.delete(alertId);
      excess -= 1;
    }
  }
}

const rank = ({ severity }: CallAlert): number => ALERT_SEVERITIES.indexOf(severity);

function floorAlert(alert: CallAlert): FloorAlert {
  const { alertId, rule, severity, sinceMs, takenBy, acknowledged, wrong, snoozedUntil } = alert;
  return { alertId, rule, severity, sinceMs, takenBy, acknowledged, wrong, snoozedUntil };
}
