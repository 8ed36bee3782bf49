import type { AlertChange, ChannelDescription, TimelineEvent } from '../../protocol/index.ts';
import { AlertEngine } from './engine.ts';
import type { AlertRule } from './rules.ts';

/**
 * The timeline that a stream would have had with these rules: `alert` events right after the events that caused them, before
 * `ended` at the end, and every event numbered anew. Alerts that were there are left out. Values in a timeline that was read
 * back are rounded; a rule whose threshold lies within the rounding may come out otherwise than live.
 *
 * @param lengthMs of the whole call; without it, rules with a range in percent are not judged.
 */
export function judgeTimeline(
  events: readonly TimelineEvent[],
  rules: readonly AlertRule[],
  { channels, lengthMs }: { readonly channels: readonly ChannelDescription[]; readonly lengthMs?: number },
): TimelineEvent[] {
  const engine = new AlertEngine(rules, { channels, ...(lengthMs !== undefined && { lengthMs }) });
  const judged = events.flatMap((event): TimelineEvent[] => {
    if (event.type === 'alert') return [];
    const alerts = engine.next(event).map((change) => alertEvent(change, event.streamId));
    return event.type === 'ended' ? [...alerts, event] : [event, ...alerts];
  });
  const first = events[0]?.cursor ?? 0;
  return judged.map((event, index) => ({ ...event, cursor: first + index }));
}

const alertEvent = (change: AlertChange, streamId: string): TimelineEvent => ({
  type: 'alert',
  streamId,
  cursor: 0,
  ...change,
});
