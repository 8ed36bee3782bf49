import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { callHref, navigate } from '../router.ts';
import type { CallEntry } from './floor-calls.ts';
import { FloorItem } from './floor-item.tsx';
import type { FloorOrder } from './floor-order.ts';
import { type Place, translate, useFocusKept, useGentleMoves } from './gentle-moves.ts';

export type FloorView = 'tiles' | 'rows';

/** Sizes in rem; a row needs more height where it is too narrow for one line. */
const TILE = { width: 19, height: 13.25, gap: 0.75 } as const;
const ROW_HEIGHT = 4.5;
const NARROW_ROW_HEIGHT = 8.75;
/** Under this width a row has three lines; as in floor.css. */
const NARROW = 60;
/** Drawn beyond the window on both sides, px. */
const BEYOND = 300;

interface Layout {
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  readonly gap: number;
}

function layoutOf(view: FloorView, width: number, rem: number): Layout {
  if (view === 'rows') {
    return { columns: 1, width, height: rem * (width < NARROW * rem ? NARROW_ROW_HEIGHT : ROW_HEIGHT), gap: 0 };
  }
  const gap = TILE.gap * rem;
  const columns = Math.max(1, Math.floor((width + gap) / (TILE.width * rem + gap)));
  return { columns, width: (width - gap * (columns - 1)) / columns, height: TILE.height * rem, gap };
}

/**
 * The calls, of which only those in sight are in the document, besides the one that has the focus. Their places move
 * gently when the order changes. One of them is in the tab order; arrow keys go from call to call, Enter opens.
 */
export function FloorGrid(props: {
  readonly order: FloorOrder;
  readonly view: FloorView;
  readonly onAlerts: (entry: CallEntry) => void;
}): JSX.Element {
  const { order, view, onAlerts } = props;
  const entries = order.order.value;
  const box = useRef<HTMLUListElement | null>(null);
  const size = useSignal({ width: 0, rem: 16 });
  const range = useSignal({ from: 0, to: 0 });
  const active = useSignal<string | undefined>(undefined);
  const layout = useMemo(() => layoutOf(view, size.value.width, size.value.rem), [view, size.value]);
  const pitch = layout.height + layout.gap;

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = (): void => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
      size.value = { width: element.clientWidth, rem };
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [size]);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    let frame: number | undefined;
    const look = (): void => {
      frame = undefined;
      const top = -element.getBoundingClientRect().top;
      const from = Math.max(0, Math.floor((top - BEYOND) / pitch)) * layout.columns;
      const to = Math.max(0, Math.ceil((top + innerHeight + BEYOND) / pitch)) * layout.columns;
      if (from !== range.peek().from || to !== range.peek().to) range.value = { from, to };
    };
    const soon = (): void => {
      frame ??= requestAnimationFrame(look);
    };
    look();
    addEventListener('scroll', soon, { passive: true });
    addEventListener('resize', soon);
    return () => {
      removeEventListener('scroll', soon);
      removeEventListener('resize', soon);
      if (frame !== undefined) cancelAnimationFrame(frame);
    };
  }, [layout, pitch, range]);

  const at = new Map(entries.map((entry, n) => [entry.callId, n]));
  // Where the active call has gone, the one in its place is active.
  const lastAt = useRef(0);
  const activeAt = at.get(active.value ?? '') ?? Math.max(0, Math.min(lastAt.current, entries.length - 1));
  lastAt.current = activeAt;

  const shown = entries.slice(range.value.from, range.value.to).map((entry, n) => ({ entry, n: range.value.from + n }));
  const activeEntry = entries[activeAt];
  if (activeEntry !== undefined && (activeAt < range.value.from || activeAt >= range.value.to)) {
    shown.push({ entry: activeEntry, n: activeAt });
    // The order of the document is the order of the screen, for those who hear it.
    shown.sort((a, b) => a.n - b.n);
  }
  const placeOf = (n: number): Place => ({
    x: (n % layout.columns) * (layout.width + layout.gap),
    y: Math.floor(n / layout.columns) * pitch,
  });
  const places = new Map(shown.map(({ entry, n }) => [entry.callId, placeOf(n)]));
  useGentleMoves(box, places, entries, layout);
  useFocusKept(box, () => linkOf(box.current, activeEntry?.callId));

  const go = (at: number): void => {
    const entry = entries[Math.max(0, Math.min(entries.length - 1, at))];
    if (entry === undefined) return;
    active.value = entry.callId;
    requestAnimationFrame(() => linkOf(box.current, entry.callId)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    order.touch();
    if (!(event.target instanceof HTMLElement) || !event.target.matches('.floor-link')) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const perPage = Math.max(1, Math.floor(innerHeight / pitch) - 1) * layout.columns;
    const to = {
      ArrowRight: activeAt + 1,
      ArrowLeft: activeAt - 1,
      ArrowDown: activeAt + layout.columns,
      ArrowUp: activeAt - layout.columns,
      Home: 0,
      End: entries.length - 1,
      PageDown: activeAt + perPage,
      PageUp: activeAt - perPage,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      go(to);
    }
  };

  const height = Math.max(0, Math.ceil(entries.length / layout.columns) * pitch - layout.gap);
  return (
    <ul
      ref={box}
      class={`floor-grid ${view}`}
      style={{ height: `${height}px` }}
      aria-label="Live calls, the most urgent first"
      onKeyDown={onKeyDown}
      onPointerMove={() => order.touch()}
      onPointerLeave={() => order.release()}
    >
      {size.value.width > 0 &&
        shown.map(({ entry, n }) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the link inside is what the keyboard opens.
          <li
            key={entry.callId}
            class="floor-item"
            data-item={entry.callId}
            aria-setsize={entries.length}
            aria-posinset={n + 1}
            style={{ width: `${layout.width}px`, height: `${layout.height}px`, transform: translate(placeOf(n)) }}
            onFocusCapture={() => {
              active.value = entry.callId;
            }}
            onClick={(event) => {
              if (event.target instanceof Element && event.target.closest('a, button') === null) {
                navigate(callHref(entry.callId));
              }
            }}
          >
            <FloorItem entry={entry} active={n === activeAt} onAlerts={onAlerts} />
          </li>
        ))}
    </ul>
  );
}

const linkOf = (box: HTMLElement | null, callId: string | undefined): HTMLElement | null | undefined =>
  callId === undefined ? undefined : box?.querySelector<HTMLElement>(`[data-item="${CSS.escape(callId)}"] .floor-link`);
