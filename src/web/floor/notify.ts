import { callHref, navigate } from '../router.ts';
import { choice } from '../session.ts';
import { type News, newsSentence } from './alert-news.ts';

/** How a supervisor wants to be told of new alerts, besides seeing them; kept in this browser. */
export const soundChoice = choice('sound', ['off', 'on'], 'off');
export const desktopChoice = choice('desktop', ['off', 'on'], 'off');

let audio: AudioContext | undefined;

/** A sound that may only begin so much later would tell of something else. */
const LATE_MS = 1_000;

/** Two soft tones; higher ones for a severe alert. A browser that has had no click on the page yet stays silent. */
export function chime(severe: boolean): void {
  audio ??= new AudioContext();
  const context = audio;
  const askedMs = performance.now();
  context.resume().then(
    () => {
      if (performance.now() - askedMs < LATE_MS) sound(context, severe ? [880, 1318.5] : [587.3, 880]);
    },
    () => undefined,
  );
}

function sound(context: AudioContext, tones: readonly number[]): void {
  tones.forEach((hz, at) => {
    const begin = context.currentTime + 0.16 * at;
    const tone = context.createOscillator();
    const envelope = context.createGain();
    tone.frequency.value = hz;
    envelope.gain.setValueAtTime(0, begin);
    envelope.gain.linearRampToValueAtTime(0.16, begin + 0.02);
    envelope.gain.exponentialRampToValueAtTime(0.001, begin + 0.5);
    tone.connect(envelope).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + 0.55);
  });
}

/** Whether notifications can be had: `denied` can only be undone in the browser's settings. */
export const desktopPermission = (): NotificationPermission | 'unsupported' =>
  typeof Notification === 'undefined' ? 'unsupported' : Notification.permission;

/** Turns notifications on, and asks the browser where it has not been asked. */
export async function wantDesktop(): Promise<NotificationPermission | 'unsupported'> {
  if (desktopPermission() === 'default') await Notification.requestPermission();
  desktopChoice.set(desktopPermission() === 'granted' ? 'on' : 'off');
  return desktopPermission();
}

/** @param news the most severe first */
export function tell(news: readonly News[]): void {
  const [first] = news;
  if (first === undefined) return;
  if (soundChoice.get() === 'on') chime(first.severity === 'high');
  if (desktopChoice.get() !== 'on' || desktopPermission() !== 'granted') return;
  try {
    const note = new Notification('Undertone', { body: newsSentence(news), tag: `undertone ${first.callId}` });
    note.onclick = () => {
      window.focus();
      navigate(callHref(first.callId));
      note.close();
    };
  } catch {
    // Browsers of phones have the permission, but no notifications of pages.
    desktopChoice.set('off');
  }
}
