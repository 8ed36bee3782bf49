import { type CallReport, recordCall } from '../../../exports/index.ts';
import type { AlertChange, Role } from '../../../protocol/index.ts';
import { CallMeter } from '../../../streams/index.ts';
import { withholdFromMetrics } from '../../desk/withhold-metrics.ts';
import { type CallTimeline, withheldTimeline } from './call-timeline.ts';

/**
 * The report of a call from its timeline; its alerts are those that were raised on it.
 *
 * @param withheld roles whose emotions are left out
 * @param note stands under its title
 */
export function timelineReport(timeline: CallTimeline, withheld: readonly Role[], note?: string): CallReport {
  const meter = new CallMeter(timeline.channels);
  for (const event of timeline.numbered) meter.next(event);
  const call = recordCall(withheldTimeline(timeline, withheld).events);
  const alerts = call.alerts.map(({ type: _, streamId: __, cursor: ___, ...change }): AlertChange => change);
  return {
    call,
    metrics: withholdFromMetrics(meter.metrics(), withheld),
    alerts,
    title: timeline.callId,
    ...(note !== undefined && { note }),
  };
}
