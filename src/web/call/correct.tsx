import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { EMOTIONS, type Emotion } from '../../emotions.ts';
import type { CallDetail, Correction } from '../../protocol/index.ts';
import { api } from '../api.ts';
import { Button, Dialog, EmotionShape, toastDone, toastError } from '../components/index.ts';
import { EMOTION_LOOKS } from '../emotions.ts';
import { clock, sideName } from '../format.ts';
import { supervisorName } from '../supervisor.tsx';
import { type GrowingLeg, legKey } from './growing-legs.ts';
import type { Selection } from './timeline.tsx';

/** What is to be corrected; without a side where it was not drawn over. */
export interface Stretch extends Omit<Selection, 'leg'> {
  readonly leg: GrowingLeg | undefined;
}

/** Says what a stretch of a side really is. */
export function CorrectDialog(props: {
  readonly callId: string;
  readonly legs: readonly GrowingLeg[];
  readonly durationMs: number;
  readonly selection: Stretch;
  readonly onClose: () => void;
  readonly onCorrected: (correction: Correction) => void;
}): JSX.Element {
  const chosen = useSignal(legKey(props.selection.leg ?? props.legs[0]!));
  const leg = props.legs.find((each) => legKey(each) === chosen.value) ?? props.legs[0]!;
  const label = useSignal<Emotion | undefined>(undefined);
  const from = useSignal(timeText(props.selection.fromMs));
  const to = useSignal(timeText(props.selection.toMs));
  const busy = useSignal(false);
  const ids = [useId(), useId(), useId(), useId()];
  const [startMs, endMs] = [timeOf(from.value), timeOf(to.value)];
  const inOrder = startMs !== undefined && endMs !== undefined && endMs > startMs && startMs < props.durationMs;
  const ready = label.value !== undefined && inOrder;
  const save = async (): Promise<void> => {
    const by = await supervisorName();
    if (by === null || !ready || busy.peek()) return;
    const wanted = { startMs, endMs: Math.min(endMs, Math.ceil(props.durationMs)) };
    busy.value = true;
    try {
      const { streamId, channel } = leg;
      props.onCorrected(await api.correct(props.callId, { streamId, channel, ...wanted, label: label.value!, by }));
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
      title="What is heard here?"
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
      <span class="field">
        <label for={ids[2]}>Side</label>
        <select
          id={ids[2]}
          class="input"
          value={chosen.value}
          onChange={(event) => {
            chosen.value = event.currentTarget.value;
          }}
        >
          {props.legs.map((each) => (
            <option key={legKey(each)} value={legKey(each)}>
              {sideName(each.channelName, each.role)}
            </option>
          ))}
        </select>
      </span>
      <div class="call-times">
        <span class="field">
          <label for={ids[0]}>From, minutes:seconds</label>
          <input
            id={ids[0]}
            class="input"
            autocomplete="off"
            aria-invalid={!inOrder}
            aria-describedby={ids[3]}
            value={from.value}
            onInput={(event) => {
              from.value = event.currentTarget.value;
            }}
          />
        </span>
        <span class="field">
          <label for={ids[1]}>To, minutes:seconds</label>
          <input
            id={ids[1]}
            class="input"
            autocomplete="off"
            aria-invalid={!inOrder}
            aria-describedby={ids[3]}
            value={to.value}
            onInput={(event) => {
              to.value = event.currentTarget.value;
            }}
          />
        </span>
      </div>
      <p id={ids[3]} class="small soft" role="status">
        {!inOrder && `Two times of the call, the earlier first; it ends at ${clock(props.durationMs)}.`}
      </p>
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
  readonly onGo: (ms: number) => void;
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
            <button
              type="button"
              class="call-at"
              aria-label={`Go to ${clock(startMs)}`}
              onClick={() => props.onGo(startMs)}
            >
              {clock(startMs)}–{clock(endMs)}
            </button>
            <span class="emotion">
              <EmotionShape label={label} />
              {EMOTION_LOOKS[label].word}
            </span>
            <span class="soft small">
              {nameOf(legs, streamId, channel)}, by {by}
            </span>
            <Button small kind="quiet" icon="close" label="Withdraw" onClick={() => withdraw(correctionId)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function nameOf(legs: CallDetail['legs'], streamId: string, channel: number): string {
  const leg = legs.find((each) => each.streamId === streamId && each.channel === channel);
  return leg === undefined ? 'a side' : sideName(leg.name, leg.role);
}

/** `1:05.2`; what `timeOf` reads. */
export const timeText = (ms: number): string => `${clock(ms)}.${Math.floor((Math.round(ms) % 1000) / 100)}`;

/** Milliseconds of `65.2`, `1:05.2` or `1:01:05`; `undefined` for what is none of them. */
export function timeOf(text: string): number | undefined {
  const match = /^\s*(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d+)?)\s*$/.exec(text);
  if (match === null) return undefined;
  const [, hours = '0', minutes = '0', seconds = '0'] = match;
  return Math.round(1000 * (3600 * Number(hours) + 60 * Number(minutes) + Number(seconds.replace(',', '.'))));
}
