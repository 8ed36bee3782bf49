import type {
  AlertEvidence,
  ChannelPosition,
  ChannelSummary,
  Role,
  SegmentEvent,
  TimelineEvent,
} from '../../protocol/index.ts';
import { isFelt } from '../../streams/index.ts';

/** Whether evidence tells how the voice of a withheld role sounded. */
export function tellsOfWithheld(
  evidence: readonly AlertEvidence[],
  roleOf: (channel: number) => Role | undefined,
  withheld: readonly Role[],
): boolean {
  return evidence.some(({ measure, channel }) => {
    const role = channel === undefined ? undefined : roleOf(channel);
    return isFelt(measure) && role !== undefined && withheld.includes(role);
  });
}

/**
 * The events of a stream without the emotions of these roles: what reports and exports are made of. Their windows, turns and
 * segments have the label `unknown` and no figures of the voice; segments, whose bounds are where an emotion changed, are one;
 * alerts that stood on their emotions are left out. Talk, silence and overtalk stay as they are.
 */
export function withholdFromEvents(
  events: readonly TimelineEvent[],
  channels: readonly { readonly role: Role }[],
  withheld: readonly Role[],
): readonly TimelineEvent[] {
  if (!channels.some(({ role }) => withheld.includes(role))) return events;
  const isWithheld = ({ role }: ChannelPosition): boolean => withheld.includes(role);
  const segments = new Map<number, SegmentEvent>();
  const seen = events.flatMap((event): TimelineEvent[] => {
    switch (event.type) {
      case 'window':
        return [isWithheld(event) ? silentWindow(event) : event];
      case 'turn':
        return [isWithheld(event) ? { ...event, label: 'unknown', arousal: 0, valence: 0 } : event];
      case 'segment': {
        if (!isWithheld(event)) return [event];
        const { startMs = event.startMs, windows = 0 } = segments.get(event.channel) ?? {};
        const whole = { ...event, startMs, windows: windows + event.windows, label: 'unknown' as const, meanScore: 0 };
        segments.set(event.channel, whole);
        return [];
      }
      case 'alert':
        return tellsOfWithheld(event.evidence, (channel) => channels[channel]?.role, withheld) ? [] : [event];
      case 'ended':
        return [
          ...segments.values(),
          {
            ...event,
            channels: event.channels.map((channel) => (isWithheld(channel) ? silentSummary(channel) : channel)),
          },
        ];
      default:
        return [event];
    }
  });
  return seen.at(-1)?.type === 'ended' ? seen : [...seen, ...segments.values()];
}

type Window = Extract<TimelineEvent, { readonly type: 'window' }>;

function silentWindow({ reason: _, descriptors: __, ...window }: Window): Window {
  return {
    ...window,
    label: 'unknown',
    score: 0,
    confidence: 0,
    probabilities: {},
    raw: {},
    arousal: 0,
    valence: 0,
    added: { speechMs: 0, levelDb: null, pitchSemitones: null, syllables: 0 },
  };
}

const silentSummary = (channel: ChannelSummary): ChannelSummary => ({
  ...channel,
  shares: {},
  coverage: 0,
  arousal: 0,
  valence: 0,
});
