import type { JSX } from 'preact';
import type { CallDetail } from '../../protocol/index.ts';
import { clock } from '../format.ts';
import type { CallView } from './call-view.ts';

/** A bar that is narrower has no room for its name, percent of the width. */
const LEAST_NAMED = 5;

/** Alerts as bars from raise to clear, marks as flags, above the sides; the list of alerts has them in words. */
export function Flags({ detail, view }: { readonly detail: CallDetail; readonly view: CallView }): JSX.Element {
  const from = view.fromMs.value;
  const to = view.toMs.value;
  const percent = (ms: number): number => (100 * (ms - from)) / (to - from);
  return (
    <div class="call-flags" aria-hidden="true">
      {detail.allAlerts.map(({ alertId, rule, severity, atMs, clearedMs, wrong }) => {
        const end = clearedMs ?? Math.max(detail.durationMs, atMs);
        if (end < from || atMs > to) return null;
        const left = Math.max(0, percent(atMs));
        const width = Math.min(100, percent(end)) - left;
        return (
          <span
            key={alertId}
            class={`call-alert ${severity}${wrong ? ' wrong' : ''}`}
            style={{ left: `${left}%`, width: `max(4px, ${width}%)` }}
            title={`${rule}, ${clock(atMs)} to ${clearedMs === null ? 'now' : clock(clearedMs)}`}
          >
            {width >= LEAST_NAMED && rule}
          </span>
        );
      })}
      {detail.marks.map(({ name, atMs }) =>
        atMs < from || atMs > to ? null : (
          <span
            key={`${name}@${atMs}`}
            class={percent(atMs) > 85 ? 'call-mark before' : 'call-mark'}
            style={percent(atMs) > 85 ? { right: `${100 - percent(atMs)}%` } : { left: `${percent(atMs)}%` }}
            title={`${name}, ${clock(atMs)}`}
          >
            {name}
          </span>
        ),
      )}
    </div>
  );
}
