import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AlertChange, TimelineEvent } from '../../protocol/index.ts';
import type { KeptTimeline } from '../../store/index.ts';
import { AlertEngine, type AlertRule } from '../../streams/index.ts';

/** So long the streams of the server may wait for it, ms; then they have their turn. */
const SLICE_MS = 4;

/** The alerts that rules would have raised and cleared on a kept call, in order of the call's time. */
export async function tryRules(
  rules: readonly AlertRule[],
  timelines: readonly KeptTimeline[],
): Promise<readonly AlertChange[]> {
  const changes: AlertChange[] = [];
  for (const timeline of timelines) changes.push(...(await tryOnStream(rules, timeline)));
  return changes.toSorted((a, b) => a.atMs - b.atMs);
}

/** As `judgeTimeline` does it, with pauses. */
async function tryOnStream(
  rules: readonly AlertRule[],
  { stream, offsetMs, events }: KeptTimeline,
): Promise<AlertChange[]> {
  const engine = new AlertEngine(rules, { channels: stream.channels, lengthMs: lengthOf(events) });
  const changes: AlertChange[] = [];
  let sinceMs = performance.now();
  for (const text of events) {
    const event = JSON.parse(text) as TimelineEvent;
    if (event.type !== 'alert') changes.push(...engine.next(event));
    if (performance.now() - sinceMs <= SLICE_MS) continue;
    await nextTurn();
    sinceMs = performance.now();
  }
  return changes.map((change) => ({ ...change, atMs: change.atMs + offsetMs, sinceMs: change.sinceMs + offsetMs }));
}

/** Of a call whose end was lost: what is known of it. */
function lengthOf(events: readonly string[]): number {
  for (const text of events.toReversed()) {
    const event = JSON.parse(text) as TimelineEvent;
    if (event.type === 'ended') return event.durationMs;
    if (event.type === 'window') return event.endMs;
  }
  return 0;
}
