import type { JSX } from 'preact';
import type { UnknownReason } from '../../protocol/index.ts';
import { EMOTION_LOOKS, emotionVariable, type Label, LOW_CONFIDENCE, UNKNOWN_LOOKS } from '../emotions.ts';
import { percent } from '../format.ts';
import { EmotionShape } from './emotion-shape.tsx';
import { Icon } from './icons.tsx';

export interface EmotionBadgeProps {
  readonly label: Label;
  /** Of `unknown`; `withheld` where policy does not let it be shown; `null` before the first window. */
  readonly reason?: UnknownReason | 'withheld' | null | undefined;
  /** Calibrated, 0 to 1; left out, none is shown. Under 0.5 the badge is faded and has a question mark. */
  readonly confidence?: number | undefined;
}

/** What `EmotionBadge` says, as a sentence part for labels of screen readers. */
export function emotionWords({ label, reason, confidence }: EmotionBadgeProps): string {
  if (label === 'unknown') return UNKNOWN_LOOKS[reason ?? 'none'].word.toLowerCase();
  const word = EMOTION_LOOKS[label].word.toLowerCase();
  if (confidence === undefined) return word;
  return `${confidence < LOW_CONFIDENCE ? 'perhaps ' : ''}${word}, ${percent(confidence)} sure`;
}

/** Shape, word and confidence of a label; never its colour alone. */
export function EmotionBadge({ label, reason, confidence }: EmotionBadgeProps): JSX.Element {
  if (label === 'unknown') {
    const { word, sentence } = UNKNOWN_LOOKS[reason ?? 'none'];
    return (
      <span class="emotion unsure soft" title={sentence}>
        {reason === 'withheld' ? <Icon name="shield" /> : <EmotionShape label="unknown" />}
        <span class="word">{word}</span>
      </span>
    );
  }
  const unsure = confidence !== undefined && confidence < LOW_CONFIDENCE;
  return (
    <span
      class={unsure ? 'emotion unsure' : 'emotion'}
      style={{ '--word': unsure ? 'var(--ink-soft)' : `var(${emotionVariable(label)}-ink)` }}
    >
      <EmotionShape label={label} />
      <span class="word">
        {EMOTION_LOOKS[label].word}
        {unsure ? '?' : ''}
      </span>
      {confidence !== undefined && (
        <span class="confidence" title="How sure the model is of this label">
          {percent(confidence)}
        </span>
      )}
    </span>
  );
}
