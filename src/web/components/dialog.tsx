import type { ComponentChildren, JSX } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

/** A modal dialog while it is mounted: the browser keeps the focus in it and gives it back. Escape and the veil close it. */
export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
  /** Buttons. */
  readonly actions?: ComponentChildren;
  /** The dialog is a form; Enter submits it. */
  readonly onSubmit?: () => void;
}): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const title = useId();
  useLayoutEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // The browser gives the focus back to what had it only while the dialog is in the document.
      queueMicrotask(() => {
        if (before instanceof HTMLElement && document.activeElement === document.body) before.focus();
      });
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={props.wide === true ? 'dialog wide' : 'dialog'}
      aria-labelledby={title}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onMouseDown={(event) => {
        const dialog = element.current;
        if (dialog !== null && event.target === dialog && isOutside(event, dialog)) props.onClose();
      }}
    >
      <form
        class="dialog-body"
        onSubmit={(event) => {
          event.preventDefault();
          props.onSubmit?.();
        }}
      >
        <h2 id={title}>{props.title}</h2>
        {props.children}
        {props.actions !== undefined && <div class="dialog-actions">{props.actions}</div>}
      </form>
    </dialog>
  );
}

function isOutside({ clientX, clientY }: MouseEvent, element: HTMLElement): boolean {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
