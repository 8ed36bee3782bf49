import { type CallReport, recordCall } from '../../src/exports/index.ts';
import type { AlertChange, CallMetrics } from '../../src/protocol/index.ts';
import { CallMeter } from '../../src/streams/index.ts';
import { eventsOf, type MadeUp } from './call-events.ts';

export const ALERTS: readonly AlertChange[] = [
  {
    rule: 'angry caller',
    severity: 'high',
    state: 'raised',
    atMs: 2000,
    sinceMs: 1000,
    evidence: [
      {
        measure: 'anger',
        comparison: 'above',
        threshold: 0.6,
        value: 0.75,
        holds: true,
        channel: 0,
        channelName: 'caller',
      },
      {
        measure: 'valence',
        comparison: 'falls',
        threshold: 0.4,
        value: 0.1,
        holds: false,
        channel: 0,
        channelName: 'caller',
      },
    ],
  },
  {
    rule: 'angry caller',
    severity: 'high',
    state: 'cleared',
    cause: 'stale',
    atMs: 4000,
    sinceMs: 1000,
    evidence: [],
  },
  { rule: 'dead air', severity: 'low', state: 'raised', atMs: 5500, sinceMs: 5500, evidence: [] },
];

/** The metrics of a call, by the pipeline's own meter. */
export function metricsOf(change: MadeUp = {}): CallMetrics {
  const call = recordCall(eventsOf(change));
  const meter = new CallMeter(call.sides);
  for (const event of call.events) {
    if (event.type === 'started' || event.type === 'ack' || event.type === 'error') continue;
    if (event.type === 'status' && !('cursor' in event)) continue;
    meter.next(event);
  }
  return meter.metrics();
}

export function reportOf(change: MadeUp = {}, more: Partial<CallReport> = {}): CallReport {
  return { call: recordCall(eventsOf(change)), metrics: metricsOf(change), alerts: ALERTS, ...more };
}
