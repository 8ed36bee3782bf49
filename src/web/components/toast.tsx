import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { sentence } from '../api-error.ts';
import { Button } from './button.tsx';
import { Icon } from './icons.tsx';

interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'error';
  readonly text: string;
}

const SHOWN_MS = 6_000;
const MOST = 3;
const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

function show(kind: Toast['kind'], text: string): void {
  lastId += 1;
  const toast = { id: lastId, kind, text };
  toasts.value = [...toasts.value, toast].slice(-MOST);
  // Errors stay until they are read.
  if (kind === 'done') setTimeout(() => dismiss(toast.id), SHOWN_MS);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Tells that something was done. */
export const toastDone = (text: string): void => show('done', text);
/** Tells what failed, in the server's words. */
export const toastError = (thrown: unknown): void => show('error', sentence(thrown));

export function Toasts(): JSX.Element {
  return (
    <section class="toasts" aria-label="Messages" role="status" aria-live="polite">
      {toasts.value.map(({ id, kind, text }) => (
        <div key={id} class={`toast ${kind}`}>
          <Icon name={kind === 'done' ? 'check' : 'alert'} />
          <span>{text}</span>
          <Button kind="quiet" small icon="close" label="Dismiss" onClick={() => dismiss(id)} />
        </div>
      ))}
    </section>
  );
}
