import type { ComponentChildren, JSX } from 'preact';
import { Icon, type IconName } from './icons.tsx';

/** Where there is nothing: says so, and what would bring something. */
export function EmptyState(props: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty">
      <Icon name={props.icon} large />
      <h2>{props.title}</h2>
      {props.children !== undefined && <p>{props.children}</p>}
    </div>
  );
}
