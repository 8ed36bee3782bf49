import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { api } from '../api.ts';
import { Button, Dialog, toastDone, toastError } from '../components/index.ts';
import { count } from '../format.ts';
import { supervisorName } from '../supervisor.tsx';

/** What is typed to say that it is meant. */
const WORD = 'erase';

/** Erases every call whose metadata has a value: somebody asks to be forgotten. */
export function EraseCaller(props: {
  readonly onClose: () => void;
  readonly onErased: (callIds: readonly string[]) => void;
}): JSX.Element {
  const key = useSignal('caller');
  const value = useSignal('');
  const typed = useSignal('');
  const busy = useSignal(false);
  const ids = [useId(), useId(), useId()];
  const ready = key.value.trim() !== '' && value.value !== '' && typed.value.trim().toLowerCase() === WORD;
  const erase = async (): Promise<void> => {
    if (!ready || busy.peek() || (await supervisorName()) === null) return;
    busy.value = true;
    try {
      const { erased } = await api.eraseCaller(key.peek().trim(), value.peek());
      toastDone(
        erased.length === 0 ? 'No call has that value: nothing was erased.' : `${count(erased.length, 'call')} erased.`,
      );
      props.onErased(erased);
      props.onClose();
    } catch (thrown) {
      toastError(thrown);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Dialog
      title="Erase a caller"
      onClose={props.onClose}
      onSubmit={erase}
      actions={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button kind="danger" icon="trash" submit disabled={!ready || busy.value}>
            Erase for good
          </Button>
        </>
      }
    >
      <p>
        Every call whose metadata has this value is erased, with its timeline, alerts, corrections and recording. It
        cannot be brought back. That it was done stays in the audit log; what was erased does not.
      </p>
      <div class="field">
        <label for={ids[0]}>Metadata key</label>
        <input
          id={ids[0]}
          class="input"
          value={key.value}
          onInput={(event) => {
            key.value = event.currentTarget.value;
          }}
        />
      </div>
      <div class="field">
        <label for={ids[1]}>Value, exactly</label>
        <input
          id={ids[1]}
          class="input"
          autocomplete="off"
          value={value.value}
          onInput={(event) => {
            value.value = event.currentTarget.value;
          }}
        />
      </div>
      <div class="field">
        <label for={ids[2]}>Type “{WORD}”</label>
        <input
          id={ids[2]}
          class="input"
          autocomplete="off"
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
      </div>
    </Dialog>
  );
}
