import { computed, signal } from '@preact/signals';
import { AlertNews } from './alert-news.ts';
import { FloorCalls } from './floor-calls.ts';
import { isWaiting } from './floor-filter.ts';
import { tell } from './notify.ts';

/** Whether this tab is the one that tells of alerts by sound and notification. */
export const teller = signal(false);

/** One floor for all of the page: alerts are told of wherever a supervisor is. */
export const news = new AlertNews((all) => {
  if (teller.peek()) tell(all);
});
export const floor = new FloorCalls((call, alert) => news.add(call, alert));

/** The page's clock, ms since 1970, once a second; what counts up reads it. */
export const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 1000);

/** Alerts of live calls that wait for somebody. */
export const waitingAlerts = computed(() => {
  floor.version.value;
  const nowMs = now.value;
  let waiting = 0;
  for (const { state } of floor.entries.values()) {
    const { call, ended } = state.peek();
    if (!ended) waiting += call.alerts.filter((alert) => isWaiting(alert, nowMs)).length;
  }
  return waiting;
});
