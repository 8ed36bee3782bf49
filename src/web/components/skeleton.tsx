import type { JSX } from 'preact';

/** The place of what is loading; px, or any CSS length. */
export function Skeleton(props: { readonly width?: number | string; readonly height?: number | string }): JSX.Element {
  return (
    <span
      class="skeleton"
      aria-hidden="true"
      style={{ width: lengthOf(props.width ?? '100%'), height: lengthOf(props.height ?? 14) }}
    />
  );
}

const lengthOf = (length: number | string): string => (typeof length === 'number' ? `${length}px` : length);

/** Says that something loads, once, to those who do not see the skeletons. */
export function Loading(props: { readonly what: string }): JSX.Element {
  return (
    <p class="unseen" role="status">
      Loading {props.what}…
    </p>
  );
}
