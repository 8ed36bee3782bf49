import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { EMOTIONS, type Emotion } from '../../emotions.ts';
import type { CallDetail, Correction } from '../../protocol/index.ts';
import { api } from '../api.ts';
import { Button, Dialog, EmotionShape, toastDone, toastError } from '../components/index.ts';
import { EMOTION_LOOKS } from '../emotions.ts';
import { clock, ROLE_WORDS } from '../format.ts';
import { supervisorName } from '../supervisor.tsx';
import type { CallView } from './call-view.ts';
import type { Selection } from './timeline.tsx';

/** Says what a stretch of a side really is. */
export function CorrectDialog(props: {
  readonly callId: string;
  readonly selection: Selection;
  readonly onClose: () => void;
  readonly onCorrected: (correction: Correction) => void;
}): JSX.Element {
  const { leg } = props.selection;
  const label = useSignal<Emotion | undefined>(undefined);
  const from = useSignal((props.selection.fromMs / 1000).toFixed(1));
  const to = useSignal((props.selection.toMs / 1000).toFixed(1));
  const busy = useSignal(false);
  const ids = [useId(), useId()];
  const [startMs, endMs] = [Math.round(1000 * Number(from.value)), Math.round(1000 * Number(to.value))];
  const ready = label.value !== undefined && startMs >= 0 && endMs > startMs;
  const save = async (): Promise<void> => {
    const by = await supervisorName();
    if (by === null || !ready || busy.peek()) return;
    busy.value = true;
    try {
      const { streamId, channel } = leg;
      props.onCorrected(
        await api.correct(props.callId, { streamId, channel, startMs, endMs, label: label.value!, by }),
      );
      toastDone('The correction is kept, and among the training data of the history.');
      props.onClose();
    } catch (thrown) {
      toastError(thrown);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Dialog
      title={`What is ${leg.channelName.toLowerCase() === leg.role ? `the ${ROLE_WORDS[leg.role].toLowerCase()}` : leg.channelName} here?`}
      onClose={props.onClose}
      onSubmit={save}
      actions={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button kind="primary" submit disabled={!ready || busy.value}>
            Keep
          </Button>
        </>
      }
    >
      <div class="call-times">
        <span class="field">
          <label for={ids[0]}>From, s</label>
          <input
            id={ids[0]}
            class="input"
            inputMode="decimal"
            value={from.value}
            onInput={(event) => {
              from.value = event.currentTarget.value;
            }}
          />
        </span>
        <span class="field">
          <label for={ids[1]}>To, s</label>
          <input
            id={ids[1]}
            class="input"
            inputMode="decimal"
            value={to.value}
            onInput={(event) => {
              to.value = event.currentTarget.value;
            }}
          />
        </span>
      </div>
      <fieldset class="call-labels">
        <legend class="small soft">Emotion</legend>
        {EMOTIONS.map((emotion) => (
          <label key={emotion}>
            <input
              type="radio"
              name="label"
              checked={label.value === emotion}
              onChange={() => {
                label.value = emotion;
              }}
            />
            <EmotionShape label={emotion} />
            {EMOTION_LOOKS[emotion].word}
          </label>
        ))}
      </fieldset>
    </Dialog>
  );
}

/** What was set right, by whom; each can be withdrawn. */
export function Corrections(props: {
  readonly detail: CallDetail;
  readonly view: CallView;
  readonly onWithdrawn: (correctionId: string) => void;
}): JSX.Element | null {
  const { corrections, legs } = props.detail;
  if (corrections.length === 0) return null;
  const withdraw = async (correctionId: string): Promise<void> => {
    const by = await supervisorName();
    if (by === null) return;
    try {
      await api.withdrawCorrection(correctionId, by);
      props.onWithdrawn(correctionId);
    } catch (thrown) {
      toastError(thrown);
    }
  };
  return (
    <section class="card call-corrections" aria-labelledby="call-corrections">
      <h2 id="call-corrections">Corrections</h2>
      <ul>
        {corrections.map(({ correctionId, streamId, channel, startMs, endMs, label, by }) => (
          <li key={correctionId}>
            <button type="button" class="call-at" onClick={() => props.view.moveTo(startMs)}>
              {clock(startMs)}–{clock(endMs)}
            </button>
            <span class="emotion">
              <EmotionShape label={label} />
              {EMOTION_LOOKS[label].word}
            </span>
            <span class="soft small">
              {legs.find((leg) => leg.streamId === streamId && leg.channel === channel)?.name}, by {by}
            </span>
            <Button small kind="quiet" icon="close" label="Withdraw" onClick={() => withdraw(correctionId)} />
          </li>
        ))}
      </ul>
    </section>
  );
}
