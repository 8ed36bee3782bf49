import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { api, saveFile, type TimelineFormat } from '../api.ts';
import { Button, toastError } from '../components/index.ts';

const FORMATS: readonly { readonly format: TimelineFormat; readonly text: string; readonly extension: string }[] = [
  { format: 'jsonl', text: 'Events, JSON Lines', extension: 'jsonl' },
  { format: 'csv', text: 'Windows, CSV', extension: 'csv' },
  { format: 'webvtt', text: 'Captions, WebVTT', extension: 'vtt' },
  { format: 'srt', text: 'Captions, SubRip', extension: 'srt' },
  { format: 'textgrid', text: 'Praat TextGrid', extension: 'TextGrid' },
  { format: 'rttm', text: 'Turns, RTTM', extension: 'rttm' },
  { format: 'emotionml', text: 'EmotionML', extension: 'emotionml' },
];

/** The call as a file: its report to read or print, or its timeline in a format of the field. */
export function ExportMenu({ callId }: { readonly callId: string }): JSX.Element {
  const open = useSignal(false);
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const elsewhere = (event: Event): void => {
      if (!element.current?.contains(event.target as Node)) open.value = false;
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || !open.peek()) return;
      open.value = false;
      element.current?.querySelector('button')?.focus();
    };
    for (const type of ['pointerdown', 'focusin'] as const) addEventListener(type, elsewhere);
    addEventListener('keydown', onKey);
    return () => {
      for (const type of ['pointerdown', 'focusin'] as const) removeEventListener(type, elsewhere);
      removeEventListener('keydown', onKey);
    };
  }, []);
  const save = (blob: Promise<Blob>, extension: string): void => {
    open.value = false;
    element.current?.querySelector('button')?.focus();
    blob.then((file) => saveFile(file, `${callId.replace(/[^\w.-]+/g, '_')}.${extension}`), toastError);
  };
  return (
    <div class="call-export" ref={element}>
      <Button
        icon="download"
        pressed={open.value}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        Export
      </Button>
      {open.value && (
        <ul class="call-menu">
          <li>
            <button type="button" onClick={() => save(api.reportFile(callId, 'html'), 'html')}>
              Report, to read or print
            </button>
          </li>
          <li>
            <button type="button" onClick={() => save(api.reportFile(callId, 'json'), 'json')}>
              Report, JSON
            </button>
          </li>
          {FORMATS.map(({ format, text, extension }) => (
            <li key={format}>
              <button type="button" onClick={() => save(api.timelineFile(callId, format), extension)}>
                {text}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
