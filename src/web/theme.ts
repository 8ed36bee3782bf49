import { computed, signal } from '@preact/signals';
import { EMOTION_LOOKS, emotionVariable } from './emotions.ts';
import { choice } from './session.ts';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const chosen = choice<Theme>('theme', THEMES, 'auto');
const systemDark = signal(false);

/** Whether the page is dark now; what is drawn on a canvas is drawn again when it changes. */
export const dark = computed(() => (chosen.get() === 'auto' ? systemDark.value : chosen.get() === 'dark'));
export const theme = chosen.get;

export function setTheme(next: Theme): void {
  chosen.set(next);
  show();
}

function show(): void {
  document.documentElement.style.colorScheme = chosen.get() === 'auto' ? 'light dark' : chosen.get();
}

/** Sets the colours of the emotions and follows the system's theme. Through the CSSOM, which needs no inline style. */
export function applyTheme(): void {
  const { style } = document.documentElement;
  for (const [label, { light, dark: night }] of Object.entries(EMOTION_LOOKS)) {
    style.setProperty(emotionVariable(label), `light-dark(${light.mark}, ${night.mark})`);
    style.setProperty(`${emotionVariable(label)}-ink`, `light-dark(${light.ink}, ${night.ink})`);
  }
  const system = matchMedia('(prefers-color-scheme: dark)');
  const follow = (): void => {
    systemDark.value = system.matches;
  };
  system.addEventListener('change', follow);
  follow();
  show();
}
