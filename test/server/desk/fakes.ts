import { UndertoneError } from '../../../src/errors.ts';
import type {
  AlertChange,
  AlertHandling,
  AuditEntry,
  CallAlert,
  CallSummary,
  ChannelDescription,
} from '../../../src/protocol/index.ts';
import { encodeTimelineEvent } from '../../../src/server/encoded-event.ts';
import type { LiveStream } from '../../../src/server/live-stream.ts';
import type { Logger } from '../../../src/server/log.ts';

export const CHANNELS: readonly ChannelDescription[] = [
  { name: 'caller', role: 'customer' },
  { name: 'agent', role: 'employee' },
];

/** As much of a stream as the book of alerts looks at. */
export const streamOf = (streamId: string, callId = streamId): LiveStream =>
  ({ streamId, callId, settings: { channels: CHANNELS } }) as unknown as LiveStream;

export const alertEvent = (streamId: string, cursor: number, change: Partial<AlertChange> = {}) =>
  encodeTimelineEvent({
    type: 'alert',
    streamId,
    cursor,
    rule: 'angry',
    severity: 'high',
    state: 'raised',
    atMs: 5000,
    sinceMs: 3000,
    evidence: [
      {
        measure: 'anger',
        comparison: 'above',
        threshold: 0.6,
        value: 0.8,
        holds: true,
        channel: 0,
        channelName: 'caller',
      },
    ],
    ...change,
  });

/** What the desk asks of a store, in memory, with faults. */
export class FakeStore {
  readonly settings = new Map<string, string>();
  readonly entries: AuditEntry[] = [];
  readonly handled: (readonly [alertId: string, handling: AlertHandling])[] = [];
  /** Alerts that have arrived. */
  readonly alerts = new Map<string, CallAlert>();
  readonly summaries = new Map<string, CallSummary>();
  failing = false;
  /** Times that it was asked to keep what was done. */
  asked = 0;

  #answer<T>(value: T): Promise<T> {
    return this.failing
      ? Promise.reject(new UndertoneError('store-unavailable', { detail: 'injected' }))
      : Promise.resolve(value);
  }

  setting(key: string): Promise<string | undefined> {
    return this.#answer(this.settings.get(key));
  }

  async setSetting(key: string, value: string): Promise<void> {
    await this.#answer(undefined);
    this.settings.set(key, value);
  }

  async note(entry: AuditEntry): Promise<void> {
    await this.#answer(undefined);
    this.entries.push(entry);
  }

  alert(alertId: string): Promise<CallAlert | undefined> {
    return this.#answer(this.alerts.get(alertId));
  }

  summary(callId: string): Promise<CallSummary | undefined> {
    return this.#answer(this.summaries.get(callId));
  }

  async handleAlert(alertId: string, handling: AlertHandling): Promise<CallAlert> {
    this.asked += 1;
    await this.#answer(undefined);
    const alert = this.alerts.get(alertId);
    if (alert === undefined) throw new UndertoneError('not-found', { path: alertId });
    this.handled.push([alertId, handling]);
    const changed = { ...alert, handling: [...alert.handling, handling] };
    this.alerts.set(alertId, changed);
    return changed;
  }
}

/** Every line that was logged, as "level message {fields}". */
export function listLogger(lines: string[]): Logger {
  const line = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
