import type { JSX } from 'preact';
import type { CallDetail, TimelinePoint } from '../../protocol/index.ts';
import { EmotionBadge } from '../components/index.ts';
import { clock, sideName, signed, spokenDuration } from '../format.ts';
import type { CallModel, GrowingLeg } from './call-model.ts';
import type { CallView } from './call-view.ts';
import { isWithheld } from './leg.tsx';
import { firstFrom } from './paint-leg.ts';

/** The window of a side that a moment falls into. */
export function pointAt({ points }: GrowingLeg, ms: number): TimelinePoint | undefined {
  return points[firstFrom(points, ms)];
}

/** Exact figures of both sides at the cursor, or at the end; in words, so that they can be read out. */
export function Readout(props: {
  readonly model: CallModel;
  readonly view: CallView;
  readonly detail: CallDetail;
}): JSX.Element {
  const { model, view, detail } = props;
  model.grown.value;
  const at = view.cursorMs.value;
  const shownMs = at ?? model.durationMs.value;
  return (
    <div class="call-readout" role="status" aria-live={at === undefined ? 'off' : 'polite'}>
      <span class="call-readout-time">
        <span aria-hidden="true">{clock(shownMs)}</span>
        <span class="unseen">{spokenDuration(shownMs)}</span>
      </span>
      {model.legs.value.map((leg) => {
        const point = at === undefined ? leg.points.at(-1) : pointAt(leg, at);
        return (
          <span key={`${leg.streamId}/${leg.channel}`} class="call-readout-side">
            <span class="soft">{sideName(leg.channelName, leg.role)}</span>
            <EmotionBadge
              label={point?.label ?? 'unknown'}
              reason={isWithheld(detail, leg) ? 'withheld' : point?.reason}
              confidence={point === undefined || point.label === 'unknown' ? undefined : point.confidence}
            />
            {point !== undefined && point.label !== 'unknown' && (
              <span class="soft small">
                arousal {signed(point.arousal, 2)}, valence {signed(point.valence, 2)}
              </span>
            )}
            {point !== undefined && point.speechRatio > 0 && (
              <span class="soft small call-readout-voice">
                {signed(point.levelDb, 0)} dB
                {point.pitchSemitones !== null && `, ${hertz(point.pitchSemitones)} Hz`}
              </span>
            )}
          </span>
        );
      })}
    </div>
  );
}

/** Semitones above 27.5 Hz, as the protocol counts them. */
const hertz = (semitones: number): number => Math.round(27.5 * 2 ** (semitones / 12));
