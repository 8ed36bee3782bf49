import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { type DeskSettings, ROLES, type Role } from '../../protocol/index.ts';
import { api } from '../api.ts';
import { Button, toastDone, toastError } from '../components/index.ts';
import { ROLE_WORDS } from '../format.ts';
import { supervisorName } from '../supervisor.tsx';

const WHO: Readonly<Record<Role, string>> = { ...ROLE_WORDS, unknown: 'Speakers without a role' };

/** Whose emotions are looked at. */
export function Policy(props: {
  readonly settings: DeskSettings;
  readonly onSaved: (settings: DeskSettings) => void;
}): JSX.Element {
  const { policy, store } = props.settings;
  const roles = useSignal<readonly Role[]>(policy.analysedRoles);
  const notice = useSignal(policy.notice);
  const id = useId();
  const changed =
    notice.value !== policy.notice ||
    ROLES.some((role) => roles.value.includes(role) !== policy.analysedRoles.includes(role));
  const save = async (): Promise<void> => {
    if ((await supervisorName()) === null) return;
    try {
      props.onSaved(await api.saveSettings({ policy: { analysedRoles: roles.peek(), notice: notice.peek() } }));
      toastDone('The policy is in force.');
    } catch (thrown) {
      toastError(thrown);
    }
  };
  return (
    <section class="card settings-card" aria-labelledby="settings-policy">
      <header class="settings-head">
        <h2 id="settings-policy">Policy</h2>
        <p class="soft">
          Whose emotions are shown and alerted on. Of the others only talk, silence and overtalk are. In the European
          Union inferring the emotions of people at their workplace is prohibited but for medical or safety reasons, and
          those whose emotions are inferred are to be told (Regulation 2024/1689, articles 5 and 50).
        </p>
      </header>
      <form
        class="settings-form"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <fieldset class="settings-roles">
          <legend class="small soft">Analysed</legend>
          {ROLES.map((role) => (
            <label key={role}>
              <input
                type="checkbox"
                checked={roles.value.includes(role)}
                onChange={(event) => {
                  const on = event.currentTarget.checked;
                  roles.value = ROLES.filter((each) => (each === role ? on : roles.value.includes(each)));
                }}
              />
              {WHO[role]}
            </label>
          ))}
        </fieldset>
        <span class="field">
          <label for={id}>What people are told; kept with the policy</label>
          <textarea
            id={id}
            class="input"
            rows={3}
            value={notice.value}
            onInput={(event) => {
              notice.value = event.currentTarget.value;
            }}
          />
        </span>
        <div class="settings-actions">
          <Button submit disabled={!changed}>
            Put in force
          </Button>
          {store === null && <span class="soft small">Without a store it holds until the server ends.</span>}
        </div>
      </form>
    </section>
  );
}
