import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { DeskSettings } from '../../protocol/index.ts';
import { api } from '../api.ts';
import { Button, toastDone, toastError } from '../components/index.ts';
import { count } from '../format.ts';
import { supervisorName } from '../supervisor.tsx';

/** A hundred years; the server takes no more. */
const MOST_DAYS = 36_500;

/** How long calls are kept. */
export function Retention(props: {
  readonly settings: DeskSettings;
  readonly onSaved: (settings: DeskSettings) => void;
}): JSX.Element {
  const { store, retentionDays, recording } = props.settings;
  const days = useSignal(retentionDays === null ? '' : String(retentionDays));
  const id = useId();
  const wanted = days.value.trim() === '' ? null : Number(days.value);
  const valid = wanted === null || (Number.isInteger(wanted) && wanted >= 1 && wanted <= MOST_DAYS);
  const save = async (): Promise<void> => {
    if (!valid || (await supervisorName()) === null) return;
    try {
      props.onSaved(await api.saveSettings({ retentionDays: wanted }));
      toastDone(
        wanted === null
          ? 'Calls are kept until they are erased.'
          : `Calls are erased ${count(wanted, 'day')} after their end.`,
      );
    } catch (thrown) {
      toastError(thrown);
    }
  };
  return (
    <section class="card settings-card" aria-labelledby="settings-retention">
      <header class="settings-head">
        <h2 id="settings-retention">What is kept</h2>
        <p class="soft">
          {store === null
            ? 'Nothing: this server was started without a store.'
            : `Timelines, alerts and what people did with them${recording ? ', and the audio, encrypted' : '; never the audio'}.`}
        </p>
      </header>
      {store !== null && (
        <form
          class="settings-actions"
          onSubmit={(event) => {
            event.preventDefault();
            save();
          }}
        >
          <span class="field">
            <label for={id}>Erase calls so many days after their end; empty: never</label>
            <span class="settings-actions">
              <input
                id={id}
                class="input settings-days"
                inputMode="numeric"
                placeholder="never"
                value={days.value}
                aria-invalid={!valid}
                onInput={(event) => {
                  days.value = event.currentTarget.value;
                }}
              />
              <Button submit disabled={!valid || wanted === retentionDays}>
                Keep so
              </Button>
            </span>
          </span>
          <p class="soft small settings-wide">
            It is looked at every hour. What is erased is gone from the file too, and cannot be brought back.
          </p>
        </form>
      )}
    </section>
  );
}
