import type { JSX } from 'preact';

export function HistoryPage(): JSX.Element {
  return <h1>History</h1>;
}
