import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { FloorAlert, FloorCall, FloorLeg } from '../../protocol/index.ts';
import { EmotionBadge, Sparkline, type SparkSeries } from '../components/index.ts';
import { clock, ROLE_WORDS } from '../format.ts';
import { callHref } from '../router.ts';
import { AlertLine } from './alert-line.tsx';
import { floor, now } from './floor.ts';
import type { CallEntry } from './floor-calls.ts';
import { isWaiting } from './floor-filter.ts';
import { useFocusKept } from './gentle-moves.ts';

/** Values of valence that a leg brings: 60 s, one every 2 s. */
const RECENT = 30;
const SPARK_TITLE =
  'Valence of the last minute: pleasant above the line, unpleasant below. The strong line is the customer.';
/** Of metadata: as many as there is room for. */
const MOST_METADATA = 3;

export interface FloorItemProps {
  readonly entry: CallEntry;
  /** Whether its link and buttons are in the tab order. */
  readonly active: boolean;
  readonly onAlerts: (entry: CallEntry) => void;
}

/** The side that matters most: the first customer, or else the first that is nobody of the house. */
export function mainLeg(legs: readonly FloorLeg[]): FloorLeg | undefined {
  return (
    legs.find(({ role }) => role === 'customer') ??
    legs.find(({ role }) => role === 'unknown') ??
    legs.find(({ role }) => role === 'employee') ??
    legs[0]
  );
}

/** Those that wait for somebody first; the server has put the most severe first. */
export function alertsInOrder(alerts: readonly FloorAlert[], nowMs: number): readonly FloorAlert[] {
  return [...alerts].sort((a, b) => Number(isWaiting(b, nowMs)) - Number(isWaiting(a, nowMs)));
}

export const legName = ({ role, name }: FloorLeg): string => (role === 'unknown' ? name : ROLE_WORDS[role]);

function sparkOf(legs: readonly FloorLeg[]): readonly SparkSeries[] {
  const main = mainLeg(legs);
  return legs
    .filter(({ withheld }) => !withheld)
    .map((leg) => ({ values: leg.recent, strong: leg === main, label: leg.label }));
}

/** A call on the floor: in a row or a tile, as the style of the list around it says. */
export function FloorItem({ entry, active, onAlerts }: FloorItemProps): JSX.Element {
  const { call, ended } = entry.state.value;
  const article = useRef<HTMLElement | null>(null);
  // A button that has gone, because what it does is done, leaves the focus to the call.
  useFocusKept(article, () => article.current?.querySelector<HTMLElement>('.floor-link'));
  const [alert, ...others] = alertsInOrder(call.alerts, Date.now());
  const severity = alert !== undefined && isWaiting(alert, Date.now()) ? alert.severity : 'none';
  return (
    <article ref={article} class={`floor-call ${severity}${ended ? ' ended' : ''}`} aria-label={`Call ${call.callId}`}>
      <div class="floor-who">
        <a class="floor-link" href={callHref(call.callId)} tabIndex={active ? 0 : -1}>
          {call.callId}
        </a>
        <Metadata call={call} />
      </div>
      <Duration entry={entry} />
      <ul class="floor-legs" aria-label="Sides">
        {call.legs.map((leg) => (
          <Leg key={`${leg.streamId} ${leg.channel}`} leg={leg} />
        ))}
      </ul>
      <div class="floor-spark" title={SPARK_TITLE}>
        <Sparkline series={sparkOf(call.legs)} length={RECENT} />
      </div>
      <div class="floor-foot">
        {alert === undefined ? (
          <span class="small soft">{ended ? 'Ended' : call.paused ? 'Paused' : ''}</span>
        ) : (
          <AlertLine
            callId={call.callId}
            alert={alert}
            others={others.length}
            durationMs={call.durationMs}
            active={active}
            onMore={() => onAlerts(entry)}
          />
        )}
      </div>
    </article>
  );
}

function Leg({ leg }: { readonly leg: FloorLeg }): JSX.Element {
  const { label, confidence, speaking, withheld, reason, name } = leg;
  return (
    <li class="floor-leg">
      <span class={speaking ? 'floor-voice speaking' : 'floor-voice'} title={speaking ? 'Speaks' : 'Does not speak'}>
        <i />
        <i />
        <i />
        {speaking && <span class="unseen">Speaks: </span>}
      </span>
      <span class="floor-role" title={name}>
        {legName(leg)}
      </span>
      <EmotionBadge
        label={label}
        reason={withheld ? 'withheld' : reason}
        confidence={label === 'unknown' ? undefined : confidence}
      />
    </li>
  );
}

function Metadata({ call }: { readonly call: FloorCall }): JSX.Element {
  const entries = Object.entries(call.metadata).slice(0, MOST_METADATA);
  const text = entries.map(([, value]) => String(value)).join(' · ');
  const title = Object.entries(call.metadata)
    .map(([key, value]) => `${key}: ${value}`)
    .join('\n');
  return (
    <span class="floor-meta small soft" title={title}>
      {text}
    </span>
  );
}

/** Ticks without drawing the rest again, and stands still where the call does or where nobody knows. */
function Duration({ entry }: { readonly entry: CallEntry }): JSX.Element {
  const text = useComputed(() => {
    const { call, receivedMs, ended } = entry.state.value;
    // The clock is read so that it runs; time itself is the one that `receivedMs` is on.
    now.value;
    if (ended || call.paused) return clock(call.durationMs);
    // Without a connection it stands at what was known last.
    const untilMs = floor.connection.value === 'open' ? performance.now() : floor.heardMs;
    return clock(call.durationMs + Math.max(0, untilMs - receivedMs));
  });
  return <time class="floor-time">{text}</time>;
}
