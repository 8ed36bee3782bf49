import type { AlertChange, CallMetrics } from '../protocol/index.ts';
import type { RecordedCall } from './recorded-call.ts';

/** What a call report is made of. */
export interface CallReport {
  readonly call: RecordedCall;
  readonly metrics: CallMetrics;
  /** In order of time. */
  readonly alerts: readonly AlertChange[];
  /** Stands above; default: the call's id. */
  readonly title?: string;
  /** A sentence under it, such as where the recording is from. */
  readonly note?: string;
}

/** An alert from its raise to its clear, if it was cleared. */
export interface ReportedAlert {
  readonly raised: AlertChange;
  readonly cleared: AlertChange | undefined;
}

export function pairAlerts(changes: readonly AlertChange[]): ReportedAlert[] {
  return changes.flatMap((change, index) => {
    if (change.state !== 'raised') return [];
    const cleared = changes.slice(index + 1).find(({ rule, state }) => rule === change.rule && state === 'cleared');
    return [{ raised: change, cleared }];
  });
}

/** The report as JSON: the call without its windows, its metrics, alerts and marks; numbers to six decimals. */
export function reportJson({ call, metrics, alerts, title, note }: CallReport): string {
  const { streamId, callId, durationMs, model, analysis, sides, marks } = call;
  const report = {
    title: title ?? callId,
    note,
    call: {
      streamId,
      callId,
      durationMs,
      sides: sides.map(({ channel, name, role }) => ({ channel, name, role })),
      model,
      analysis,
    },
    metrics,
    alerts,
    marks: marks.map(({ name, atMs }) => ({ name, atMs })),
  };
  return `${JSON.stringify(report, (_, value: unknown) => (typeof value === 'number' ? rounded(value) : value), 2)}\n`;
}

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
