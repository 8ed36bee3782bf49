import type { ComponentChildren, JSX } from 'preact';
import { Icon, type IconName } from './icons.tsx';

export interface ButtonProps {
  readonly onClick?: (event: MouseEvent) => void;
  readonly icon?: IconName;
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly small?: boolean;
  /** What a button without text is called; also its tooltip. */
  readonly label?: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  /** What it does is on its way: it does nothing for now, and keeps the focus. */
  readonly busy?: boolean;
  readonly submit?: boolean;
  readonly children?: ComponentChildren;
  readonly tabIndex?: number;
}

export function Button(props: ButtonProps): JSX.Element {
  const {
    onClick,
    icon,
    kind = 'plain',
    small = false,
    label,
    pressed,
    disabled = false,
    busy = false,
    submit = false,
  } = props;
  const bare = props.children === undefined;
  const classes = ['button', kind, small ? 'small' : '', bare ? 'icon-only' : ''].filter((name) => name !== '');
  return (
    <button
      type={submit ? 'submit' : 'button'}
      class={classes.join(' ')}
      disabled={disabled}
      {...(busy ? { 'aria-disabled': true } : onClick === undefined ? {} : { onClick })}
      {...(label === undefined ? {} : { 'aria-label': label, title: label })}
      {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
      {...(props.tabIndex === undefined ? {} : { tabIndex: props.tabIndex })}
    >
      {icon !== undefined && <Icon name={icon} />}
      {props.children}
    </button>
  );
}
