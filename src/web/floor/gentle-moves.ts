import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

export interface Place {
  readonly x: number;
  readonly y: number;
}

const MOVE = { duration: 420, easing: 'cubic-bezier(0.22, 0.8, 0.24, 1)' } as const;
const ARRIVE = { duration: 300, easing: 'ease-out' } as const;

/**
 * Lets what has a new place glide there, and what is new appear softly, after a change of the order; scrolling and a new
 * layout move nothing. By the Web Animations API: an element that the document moves would lose a CSS transition.
 *
 * @param places of what is in the document, by the `data-item` of its element
 * @param order changes when, and only when, it is the order that has changed
 */
export function useGentleMoves(
  box: RefObject<HTMLElement | null>,
  places: ReadonlyMap<string, Place>,
  order: unknown,
  layout: unknown,
): void {
  const last = useRef({ places, order, layout });
  useLayoutEffect(() => {
    const before = last.current;
    last.current = { places, order, layout };
    if (before.order === order || before.layout !== layout || before.places.size === 0) return;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    for (const element of box.current?.children ?? []) {
      const id = (element as HTMLElement).dataset['item'] ?? '';
      const [from, to] = [before.places.get(id), places.get(id)];
      if (to === undefined) continue;
      if (from === undefined) element.animate({ opacity: [0, 1] }, ARRIVE);
      else if (from.x !== to.x || from.y !== to.y) {
        element.animate({ transform: [translate(from), translate(to)] }, MOVE);
      }
    }
  });
}

export const translate = ({ x, y }: Place): string => `translate(${x}px, ${y}px)`;

/**
 * Keeps the focus where it was when the document moves its element, or, where its item has gone, gives it to the one that
 * `instead` finds. To be called in every drawing of what holds the items.
 */
export function useFocusKept(box: RefObject<HTMLElement | null>, instead: () => HTMLElement | null | undefined): void {
  // While it draws, the document is still as it was.
  const focused = box.current?.contains(document.activeElement) === true ? document.activeElement : null;
  useLayoutEffect(() => {
    if (focused === null || document.activeElement === focused) return;
    const next = focused.isConnected ? focused : instead();
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
  });
}
