import type { JSX } from 'preact';

export function FloorPage(): JSX.Element {
  return <h1>Floor</h1>;
}
