import { signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Button, Dialog } from './components/index.ts';
import { setSupervisor, supervisor } from './session.ts';

const asking = signal<{ readonly answer: (name: string | null) => void } | null>(null);

/** The supervisor's name, asked for the first time it is needed; `null` when they would not say. */
export function supervisorName(): Promise<string | null> {
  return supervisor.value === null ? askSupervisor() : Promise.resolve(supervisor.value);
}

/** Asks for the name again. */
export function askSupervisor(): Promise<string | null> {
  asking.value?.answer(null);
  return new Promise((resolve) => {
    asking.value = {
      answer: (name) => {
        asking.value = null;
        if (name !== null) setSupervisor(name);
        resolve(name);
      },
    };
  });
}

export function SupervisorDialog(): JSX.Element | null {
  return asking.value === null ? null : <NameForm answer={asking.value.answer} />;
}

function NameForm({ answer }: { readonly answer: (name: string | null) => void }): JSX.Element {
  const name = useSignal(supervisor.value ?? '');
  return (
    <Dialog
      title="Your name"
      onClose={() => answer(null)}
      onSubmit={() => {
        if (name.value.trim() !== '') answer(name.value.trim());
      }}
      actions={
        <>
          <Button kind="quiet" onClick={() => answer(null)}>
            Cancel
          </Button>
          <Button kind="primary" submit>
            Continue
          </Button>
        </>
      }
    >
      <p class="soft">Colleagues see who took, acknowledged or erased something. Asked once, kept in this browser.</p>
      <div class="field">
        <label for="supervisor-name">Name</label>
        <input
          id="supervisor-name"
          class="input"
          type="text"
          autocomplete="name"
          maxLength={80}
          required
          defaultValue={name.value}
          onInput={(event) => {
            name.value = event.currentTarget.value;
          }}
        />
      </div>
    </Dialog>
  );
}
