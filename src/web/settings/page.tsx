import type { JSX } from 'preact';

export function SettingsPage(): JSX.Element {
  return <h1>Settings</h1>;
}
