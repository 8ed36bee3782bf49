import type { JSX } from 'preact';

export function TryPage(): JSX.Element {
  return <h1>Try</h1>;
}
