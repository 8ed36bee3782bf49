import type { JSX } from 'preact';
import { EMOTIONS } from '../../emotions.ts';
import type { LegSummary } from '../../protocol/index.ts';
import { EmotionShape, Icon } from '../components/index.ts';
import { EMOTION_LOOKS, emotionVariable, UNKNOWN_LOOKS } from '../emotions.ts';
import { percent, sideName } from '../format.ts';

export const legName = ({ name, role }: Pick<LegSummary, 'name' | 'role'>): string => sideName(name, role);

/** The emotions of a side, the most frequent first. */
export const sharesOf = ({ shares }: Pick<LegSummary, 'shares'>) =>
  EMOTIONS.flatMap((emotion) => {
    const share = shares[emotion] ?? 0;
    return share > 0 ? [{ emotion, share }] : [];
  }).sort((a, b) => b.share - a.share);

/** One side in a line: who, the strongest emotion in shape and word, and all of them as a thin bar. */
export function SharesBar({ leg }: { readonly leg: LegSummary }): JSX.Element {
  const shares = sharesOf(leg);
  const [first] = shares;
  const words = shares.map(({ emotion, share }) => `${EMOTION_LOOKS[emotion].word} ${percent(share)}`).join(', ');
  return (
    <span class="shares" title={words}>
      <span class="shares-who">{legName(leg)}</span>
      {leg.withheld === true && (
        <span class="emotion unsure soft" title={UNKNOWN_LOOKS.withheld.sentence}>
          <Icon name="shield" />
          {UNKNOWN_LOOKS.withheld.word}
        </span>
      )}
      {leg.withheld !== true && first === undefined && (
        <span class="emotion unsure soft">
          <EmotionShape label="unknown" />
          No label
        </span>
      )}
      {first !== undefined && (
        <>
          <span class="emotion">
            <EmotionShape label={first.emotion} />
            <span class="word" style={{ color: `var(${emotionVariable(first.emotion)}-ink)` }}>
              {EMOTION_LOOKS[first.emotion].word}
            </span>
            <span class="confidence">{percent(first.share)}</span>
          </span>
          <span class="shares-bar" aria-hidden="true">
            {shares.map(({ emotion, share }) => (
              <i key={emotion} style={{ flexGrow: share, background: `var(${emotionVariable(emotion)})` }} />
            ))}
          </span>
        </>
      )}
      <span class="unseen">{words}</span>
    </span>
  );
}
