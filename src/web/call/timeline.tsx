import { type ReadonlySignal, type Signal, useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useId, useMemo, useRef } from 'preact/hooks';
import type { CallDetail } from '../../protocol/index.ts';
import { Button, Canvas, Segmented, type Surface } from '../components/index.ts';
import { choice } from '../session.ts';
import type { CallModel, GrowingLeg } from './call-model.ts';
import type { CallView } from './call-view.ts';
import { Flags } from './flags.tsx';
import { Gestures, type Stroke } from './gestures.ts';
import { legKey } from './growing-legs.ts';
import { Leg, LegName } from './leg.tsx';
import { ChartLegend, LaneLegend } from './legend.tsx';
import { Overview } from './overview.tsx';
import type { ChartKind } from './paint-leg.ts';
import { paintAxis } from './paint-time.ts';
import { Readout } from './readout.tsx';

const chart = choice<ChartKind>('call', ['emotions', 'mood', 'voice'], 'emotions');
const CHARTS = [
  { value: 'emotions', text: 'Emotions' },
  { value: 'mood', text: 'Arousal and valence' },
  { value: 'voice', text: 'Level and pitch' },
] as const;

/** A step of the arrow keys, as a share of what is in sight; with Shift ten times that. */
const KEY_STEP = 1 / 100;

/** A stretch of one side that was drawn over. */
export interface Selection {
  readonly leg: GrowingLeg;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface TimelineProps {
  readonly model: CallModel;
  readonly view: CallView;
  readonly detail: CallDetail;
  /** Whether a stroke chooses a stretch to correct instead of one to look at. */
  readonly correcting: boolean;
  readonly onSelect: (selection: Selection) => void;
  /** Where the recording is, ms; `undefined` without one. */
  readonly playheadMs: ReadonlySignal<number> | undefined;
  readonly onSeek: ((ms: number) => void) | undefined;
  /** Paints the waveform of a side, where its recording was kept. */
  readonly waveOf: (leg: GrowingLeg) => ((surface: Surface, top: number, height: number) => void) | undefined;
}

/** Both sides on one time axis, with what was said of them. Arrow keys move the cursor, + and − look closer and further. */
export function Timeline(props: TimelineProps): JSX.Element {
  const { model, view, detail } = props;
  const kind = chart.get();
  const legs = model.legs.value.map((leg) => ({ leg, wave: props.waveOf(leg) }));
  // What is in sight goes along with a growing call.
  useSignalEffect(() => {
    model.durationMs.value;
    if (view.following.peek()) view.jumpToLive();
  });
  return (
    <section class="call-timeline card" aria-label="Timeline">
      <header class="call-timeline-head">
        <Segmented label="Chart" value={kind} options={CHARTS} onChange={chart.set} />
        <ChartLegend kind={kind} labels={model.labels.value} />
        <ZoomButtons view={view} live={detail.state === 'live'} />
      </header>
      <div class="call-rows">
        <div class="call-names">
          <span class="call-flag-room" />
          {legs.map(({ leg, wave }) => (
            <LegName key={legKey(leg)} model={model} leg={leg} detail={detail} wave={wave} />
          ))}
        </div>
        <Area {...props}>
          <Flags detail={detail} view={view} />
          {legs.map(({ leg, wave }) => (
            <Leg key={legKey(leg)} model={model} view={view} detail={detail} leg={leg} kind={kind} wave={wave} />
          ))}
          <Axis model={model} view={view} />
        </Area>
        <span />
        <Overview model={model} view={view} />
      </div>
      <Readout model={model} view={view} detail={detail} />
      <LaneLegend
        sides={legs.length}
        corrected={detail.corrections.length > 0}
        recorded={legs.some(({ wave }) => wave !== undefined)}
      />
    </section>
  );
}

/** What takes keys, mouse and fingers; what is under the cursor is drawn past the sides, which stay as they are. */
function Area(
  props: TimelineProps & { readonly children: JSX.Element | (JSX.Element | JSX.Element[])[] },
): JSX.Element {
  const { model, view } = props;
  const help = useId();
  const area = useRef<HTMLDivElement>(null);
  const stroke = useSignal<Stroke | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const widthOf = (): number => Math.max(1, area.current?.getBoundingClientRect().width ?? 1);
  const xOf = (event: { readonly clientX: number }): number =>
    event.clientX - (area.current?.getBoundingClientRect().left ?? 0);
  const gestures = useMemo(
    () =>
      new Gestures(view, {
        onStroke: (drawn) => {
          stroke.value = drawn;
        },
        onDrawn: ({ fromX, toX }, event) => {
          const [left, right] = [Math.min(fromX, toX), Math.max(fromX, toX)];
          const [fromMs, toMs] = [view.within(view.ms(left, widthOf())), view.within(view.ms(right, widthOf()))];
          const leg = legAt(event, area.current, model.legs.peek());
          if (latest.current.correcting && leg !== undefined) latest.current.onSelect({ leg, fromMs, toMs });
          else view.show(fromMs, toMs);
        },
        onClick: (x) => {
          const at = view.within(view.ms(x, widthOf()));
          view.cursorMs.value = at;
          latest.current.onSeek?.(at);
        },
        draws: () => latest.current.correcting,
      }),
    [view],
  );
  // Not passive, so that a zoom does not scroll the page as well.
  useEffect(() => {
    const element = area.current;
    const wheel = (event: WheelEvent): void => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        view.zoom(Math.exp(-event.deltaY / 240), view.ms(xOf(event), widthOf()));
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        view.pan((event.deltaX * view.spanMs) / widthOf());
      }
    };
    element?.addEventListener('wheel', wheel, { passive: false });
    return () => element?.removeEventListener('wheel', wheel);
  }, [view]);
  return (
    <>
      <p id={help} class="unseen">
        Arrow keys move the cursor, with Shift further; what was heard there is read out below. Plus and minus look
        closer and further, 0 shows all. Enter plays from here.
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: there is no element for a chart that one walks through by keys */}
      <div
        ref={area}
        class={props.correcting ? 'call-area correcting' : 'call-area'}
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys of the chart need the focus
        tabIndex={0}
        aria-label="Timeline of the call"
        aria-describedby={help}
        onKeyDown={(event) => {
          if (event.key === 'Escape') stroke.value = undefined;
          walk(event, latest.current);
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          gestures.down(event, xOf(event), widthOf());
        }}
        onPointerMove={(event) => gestures.move(event, xOf(event), widthOf())}
        onPointerUp={(event) => gestures.up(event, xOf(event))}
        onPointerCancel={(event) => gestures.cancel(event)}
        onPointerLeave={(event) => gestures.leave(event)}
        onDblClick={() => view.showAll()}
      >
        {props.children}
        <Cursor view={view} />
        {props.playheadMs !== undefined && <Playhead view={view} ms={props.playheadMs} />}
        <Drawn stroke={stroke} />
      </div>
    </>
  );
}

/** The keys of the timeline. */
function walk(event: KeyboardEvent, { view, model, playheadMs, onSeek }: TimelineProps): void {
  const at = view.cursorMs.peek() ?? playheadMs?.peek() ?? view.fromMs.peek();
  const step = view.spanMs * KEY_STEP * (event.shiftKey ? 10 : 1);
  const actions: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => view.moveTo(at - step),
    ArrowRight: () => view.moveTo(at + step),
    Home: () => view.moveTo(0),
    End: () => view.moveTo(model.durationMs.peek()),
    '+': () => view.zoom(1.5, at),
    '=': () => view.zoom(1.5, at),
    '-': () => view.zoom(1 / 1.5, at),
    '0': () => view.showAll(),
    Enter: () => onSeek?.(at),
    Escape: () => {
      view.cursorMs.value = undefined;
    },
  };
  const act = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
  if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  act();
}

function ZoomButtons({ view, live }: { readonly view: CallView; readonly live: boolean }): JSX.Element {
  return (
    <span class="call-zoom">
      {live && !view.following.value && (
        <Button small icon="play" onClick={() => view.jumpToLive()}>
          Jump to live
        </Button>
      )}
      {view.zoomed.value && (
        <Button small onClick={() => view.showAll()}>
          Show all
        </Button>
      )}
    </span>
  );
}

function Axis({ model, view }: { readonly model: CallModel; readonly view: CallView }): JSX.Element {
  model.grown.value;
  view.fromMs.value;
  view.toMs.value;
  return (
    <div class="call-axis">
      <Canvas paint={(surface) => paintAxis(surface, view)} />
    </div>
  );
}

/** Position in the area, as CSS; `undefined` where it is out of sight. */
function share(view: CallView, ms: number | undefined): string | undefined {
  const from = view.fromMs.value;
  const to = view.toMs.value;
  if (ms === undefined || ms < from || ms > to) return undefined;
  return `${((100 * (ms - from)) / (to - from)).toFixed(3)}%`;
}

function Cursor({ view }: { readonly view: CallView }): JSX.Element | null {
  const left = share(view, view.cursorMs.value);
  return left === undefined ? null : <i class="call-cursor" style={{ left }} />;
}

function Playhead(props: { readonly view: CallView; readonly ms: ReadonlySignal<number> }): JSX.Element | null {
  const { view } = props;
  const beforeMs = useRef(0);
  // What is heard stays in sight: where it runs over the right edge, what is in sight turns like a page.
  useSignalEffect(() => {
    const now = props.ms.value;
    const to = view.toMs.peek();
    if (view.zoomed.peek() && beforeMs.current <= to && now > to && now - beforeMs.current < 1_000)
      view.pan(now - view.fromMs.peek());
    beforeMs.current = now;
  });
  const left = share(view, props.ms.value);
  return left === undefined ? null : <i class="call-playhead" style={{ left }} />;
}

function Drawn({ stroke }: { readonly stroke: Signal<Stroke | undefined> }): JSX.Element | null {
  if (stroke.value === undefined) return null;
  const { fromX, toX } = stroke.value;
  return <i class="call-drawn" style={{ left: `${Math.min(fromX, toX)}px`, width: `${Math.abs(toX - fromX)}px` }} />;
}

function legAt(
  event: { readonly clientY: number },
  area: HTMLElement | null,
  legs: readonly GrowingLeg[],
): GrowingLeg | undefined {
  const rows = [...(area?.querySelectorAll('.call-leg') ?? [])];
  return legs[rows.findIndex((row) => event.clientY <= row.getBoundingClientRect().bottom)];
}
