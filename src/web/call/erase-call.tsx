import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { api } from '../api.ts';
import { Button, Dialog, toastDone, toastError } from '../components/index.ts';
import { navigate } from '../router.ts';
import { supervisorName } from '../supervisor.tsx';

const WORD = 'erase';

/** Erases the call, once that is typed. */
export function EraseCall({ callId, onClose }: { readonly callId: string; readonly onClose: () => void }): JSX.Element {
  const typed = useSignal('');
  const busy = useSignal(false);
  const id = useId();
  const ready = typed.value.trim().toLowerCase() === WORD;
  const erase = async (): Promise<void> => {
    if (!ready || busy.peek() || (await supervisorName()) === null) return;
    busy.value = true;
    try {
      await api.eraseCall(callId);
      toastDone('The call is erased.');
      navigate('#/history');
    } catch (thrown) {
      toastError(thrown);
      busy.value = false;
    }
  };
  return (
    <Dialog
      title="Erase this call"
      onClose={onClose}
      onSubmit={erase}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" icon="trash" submit disabled={!ready || busy.value}>
            Erase for good
          </Button>
        </>
      }
    >
      <p>Its timeline, alerts, corrections and recording are erased, and cannot be brought back.</p>
      <div class="field">
        <label for={id}>Type “{WORD}”</label>
        <input
          id={id}
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
