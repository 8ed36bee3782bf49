import type { JSX } from 'preact';
import type { WindowEvent } from '../../protocol/index.ts';
import { EmotionShape } from '../components/index.ts';
import { EMOTION_LOOKS, emotionVariable, LOW_CONFIDENCE, UNKNOWN_LOOKS } from '../emotions.ts';
import { percent } from '../format.ts';

/** What the last window says, large; or why it says nothing. */
export function MoodNow({ window }: { readonly window: WindowEvent | undefined }): JSX.Element {
  if (window === undefined || window.label === 'unknown') {
    const { word, sentence } = UNKNOWN_LOOKS[window?.reason ?? 'none'];
    return (
      <div class="mood">
        <div class="mood-word soft">
          <EmotionShape label="unknown" />
          {word}
        </div>
        <p class="soft">{sentence}</p>
        <Share value={undefined} />
      </div>
    );
  }
  const { word } = EMOTION_LOOKS[window.label];
  const unsure = window.confidence < LOW_CONFIDENCE;
  return (
    <div class="mood">
      <div
        class={unsure ? 'mood-word unsure' : 'mood-word'}
        style={{ color: unsure ? 'var(--ink-soft)' : `var(${emotionVariable(window.label)}-ink)` }}
      >
        <EmotionShape label={window.label} />
        {unsure ? `${word}?` : word}
      </div>
      <p class="soft">
        {percent(window.confidence)} sure{unsure ? ': it may well be another' : ''}
      </p>
      <Share value={window.confidence} />
    </div>
  );
}

function Share({ value }: { readonly value: number | undefined }): JSX.Element {
  return (
    <div class="mood-share" aria-hidden="true">
      {value !== undefined && <i style={{ transform: `scaleX(${value.toFixed(3)})` }} />}
    </div>
  );
}
