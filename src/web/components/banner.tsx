import type { ComponentChildren, JSX } from 'preact';
import { Icon, type IconName } from './icons.tsx';

const ICONS = { info: 'info', warning: 'alert', error: 'alert' } as const satisfies Record<string, IconName>;

/** A condition of the whole page, with what can be done about it at its end. Spoken when it appears. */
export function Banner(props: {
  readonly kind: keyof typeof ICONS;
  readonly icon?: IconName;
  readonly children: ComponentChildren;
  readonly action?: ComponentChildren;
}): JSX.Element {
  return (
    <div class={`banner ${props.kind}`} role={props.kind === 'error' ? 'alert' : 'status'}>
      <Icon name={props.icon ?? ICONS[props.kind]} />
      <div class="banner-text">{props.children}</div>
      {props.action}
    </div>
  );
}
