import { effect, signal, untracked } from '@preact/signals';
import { floor, teller } from './floor.ts';

/** A hidden tab that tells of nothing lets go of its connection after so long. */
const HIDDEN_MS = 30_000;

const visible = signal(document.visibilityState === 'visible');

/**
 * Follows the floor as long as this tab is looked at, or is the one that tells of alerts. Of several tabs one tells, so that
 * an alert sounds once; and the others hold no connection while they are hidden, because a browser opens six to a server
 * over HTTP/1.1 and a seventh tab would wait for ever.
 *
 * @returns ends it
 */
export function followFloor(): () => void {
  const ended = new AbortController();
  const { signal: until } = ended;
  const look = (): void => {
    visible.value = document.visibilityState === 'visible';
  };
  document.addEventListener('visibilitychange', look, { signal: until });
  look();
  becomeTeller(until);
  let following = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const follow = (wanted: boolean): void => {
    if (wanted === following) return;
    following = wanted;
    if (wanted) floor.start();
    else floor.stop();
  };
  const stop = effect(() => {
    clearTimeout(timer);
    if (visible.value || teller.value) untracked(() => follow(true));
    else timer = setTimeout(() => follow(false), HIDDEN_MS);
  });
  return () => {
    ended.abort();
    stop();
    clearTimeout(timer);
    follow(false);
  };
}

/** Where the browser has no locks (a page that came over plain HTTP from another machine), every tab tells. */
function becomeTeller(until: AbortSignal): void {
  const { locks } = navigator as { readonly locks?: LockManager };
  if (locks === undefined) {
    teller.value = true;
    return;
  }
  locks
    .request('undertone.teller', { signal: until }, async () => {
      teller.value = true;
      await new Promise((resolve) => until.addEventListener('abort', resolve));
      teller.value = false;
    })
    .catch(() => undefined);
}
