import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Button, Dialog } from '../components/index.ts';
import { chime, desktopChoice, desktopPermission, soundChoice, wantDesktop } from './notify.ts';

/** How to be told of new alerts. */
export function NotifyDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const permission = useSignal(desktopPermission());
  const refused = permission.value === 'denied' || permission.value === 'unsupported';
  return (
    <Dialog title="Tell me of new alerts" onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
      <p class="soft">Besides showing them. Kept in this browser; every few seconds at most.</p>
      <label class="floor-switch">
        <input
          type="checkbox"
          checked={soundChoice.get() === 'on'}
          onChange={(event) => {
            soundChoice.set(event.currentTarget.checked ? 'on' : 'off');
            if (event.currentTarget.checked) chime(false);
          }}
        />
        <span>
          By a sound
          <span class="small soft">Two soft tones, higher ones where it is severe.</span>
        </span>
      </label>
      <label class="floor-switch">
        <input
          type="checkbox"
          disabled={refused}
          checked={desktopChoice.get() === 'on' && permission.value === 'granted'}
          onChange={async (event) => {
            if (event.currentTarget.checked) permission.value = await wantDesktop();
            else desktopChoice.set('off');
          }}
        />
        <span>
          By a notification on the desktop
          <span class="small soft">
            {refused
              ? 'This browser does not allow it for this page; its settings decide.'
              : 'Also while this page is in the background. A click on it opens the call.'}
          </span>
        </span>
      </label>
    </Dialog>
  );
}
