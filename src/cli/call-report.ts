import { type CallReport, recordCall } from '../exports/index.ts';
import type { ChannelDescription, ServerEvent, TimelineEvent } from '../protocol/index.ts';
import { type AlertRule, CallMeter, judgeTimeline } from '../streams/index.ts';

/** The report of a call from its events. With rules, its alerts are theirs, instead of those among the events. */
export function callReport(
  events: readonly ServerEvent[],
  rules: readonly AlertRule[] | undefined,
  title: string,
): CallReport {
  const told = recordCall(events);
  const channels: ChannelDescription[] = [];
  for (const { channel, name, role } of told.sides) channels[channel] = { name, role };
  // A channel that no event names.
  for (let channel = 0; channel < channels.length; channel += 1) {
    channels[channel] ??= { name: `channel${channel}`, role: 'unknown' };
  }
  const timeline = events.filter(isTimelineEvent);
  const judged =
    rules === undefined ? timeline : judgeTimeline(timeline, rules, { channels, lengthMs: told.durationMs });
  const meter = new CallMeter(channels);
  for (const event of judged) meter.next(event);
  const call = recordCall([...events.filter(({ type }) => type === 'started'), ...judged]);
  const alerts = call.alerts.map(({ type: _, streamId: __, cursor: ___, ...change }) => change);
  return { call, metrics: meter.metrics(), alerts, title };
}

const isTimelineEvent = (event: ServerEvent): event is TimelineEvent => 'cursor' in event;
