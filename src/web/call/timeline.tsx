import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { CallDetail } from '../../protocol/index.ts';
import { Button, Canvas, EmotionShape, Segmented } from '../components/index.ts';
import { EMOTION_LOOKS } from '../emotions.ts';
import { ROLE_WORDS } from '../format.ts';
import { choice } from '../session.ts';
import type { CallModel, GrowingLeg } from './call-model.ts';
import type { CallView } from './call-view.ts';
import { Flags } from './flags.tsx';
import {
  type ChartKind,
  LEG_LAYOUT,
  MOOD_LINES,
  paintCorrections,
  paintEmotions,
  paintLabels,
  paintLines,
  paintTurns,
  VOICE_LINES,
} from './paint-leg.ts';
import { paintAxis, paintOverview } from './paint-time.ts';
import { Readout } from './readout.tsx';

const chart = choice<ChartKind>('call', ['emotions', 'mood', 'voice'], 'emotions');
const CHARTS = [
  { value: 'emotions', text: 'Emotions' },
  { value: 'mood', text: 'Arousal and valence' },
  { value: 'voice', text: 'Level and pitch' },
] as const;

/** Which lines mean what. */
const LINE_WORDS = { mood: ['valence', 'arousal'], voice: ['level', 'pitch'] } as const;

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
  /** Whether a drag chooses a stretch to correct instead of one to look at. */
  readonly correcting: boolean;
  readonly onSelect: (selection: Selection) => void;
  /** Where the recording is, ms; `undefined` without one. */
  readonly playheadMs: number | undefined;
  readonly onSeek: ((ms: number) => void) | undefined;
  readonly waveform:
    | ((leg: GrowingLeg, view: CallView) => ((surface: Parameters<typeof paintEmotions>[0]) => void) | undefined)
    | undefined;
}

/** Both sides on one time axis, with what was said of them. Arrow keys move the cursor, + and − look closer and further. */
export function Timeline(props: TimelineProps): JSX.Element {
  const { model, view, detail } = props;
  const help = useId();
  const area = useRef<HTMLDivElement>(null);
  const drag = useSignal<
    { readonly fromX: number; readonly toX: number; readonly leg: GrowingLeg | undefined } | undefined
  >(undefined);
  // What is in sight goes along with a growing call.
  useSignalEffect(() => {
    model.durationMs.value;
    if (view.following.peek()) view.jumpToLive();
  });
  const widthOf = (): number => area.current?.getBoundingClientRect().width ?? 1;
  const xOf = (event: { readonly clientX: number }): number =>
    event.clientX - (area.current?.getBoundingClientRect().left ?? 0);
  const msOf = (event: { readonly clientX: number }): number => view.ms(xOf(event), widthOf());

  // Not passive, so that a zoom does not scroll the page as well.
  useEffect(() => {
    const element = area.current;
    const wheel = (event: WheelEvent): void => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        view.zoom(Math.exp(-event.deltaY / 240), msOf(event));
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        view.pan((event.deltaX * view.spanMs) / widthOf());
      }
    };
    element?.addEventListener('wheel', wheel, { passive: false });
    return () => element?.removeEventListener('wheel', wheel);
  }, [view]);

  const key = (event: KeyboardEvent): void => {
    const at = view.cursorMs.peek() ?? props.playheadMs ?? view.fromMs.peek();
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
      Enter: () => props.onSeek?.(at),
      Escape: () => {
        drag.value = undefined;
        view.cursorMs.value = undefined;
      },
    };
    const act = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  const finish = (event: PointerEvent): void => {
    const drawn = drag.value;
    drag.value = undefined;
    if (drawn === undefined) return;
    const [left, right] = [Math.min(drawn.fromX, drawn.toX), Math.max(drawn.fromX, drawn.toX)];
    if (right - left < 4) {
      props.onSeek?.(msOf(event));
      view.cursorMs.value = msOf(event);
      return;
    }
    const [fromMs, toMs] = [view.ms(left, widthOf()), view.ms(right, widthOf())];
    if (props.correcting && drawn.leg !== undefined) props.onSelect({ leg: drawn.leg, fromMs, toMs });
    else view.show(fromMs, toMs);
  };
  const cursorX = useComputed(() => share(view, view.cursorMs.value));
  const kind = chart.get();
  return (
    <section class="call-timeline card" aria-label="Timeline">
      <header class="call-timeline-head">
        <Segmented label="Chart" value={kind} options={CHARTS} onChange={chart.set} />
        <Legend kind={kind} labels={model.labels.value} />
        <span class="call-zoom">
          {detail.state === 'live' && !view.following.value && (
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
      </header>
      <p id={help} class="unseen">
        Arrow keys move the cursor, with Shift further. Plus and minus look closer and further, 0 shows all. Enter plays
        from here.
      </p>
      <div class="call-rows">
        <div class="call-names">
          <span class="call-flag-room" />
          {model.legs.value.map((leg) => (
            <LegName key={`${leg.streamId}/${leg.channel}`} leg={leg} detail={detail} />
          ))}
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: there is no element for a chart that one walks through by keys */}
        <div
          ref={area}
          class={props.correcting ? 'call-area correcting' : 'call-area'}
          role="group"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys of the chart need the focus
          tabIndex={0}
          aria-label="Timeline of the call"
          aria-describedby={help}
          onKeyDown={key}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            drag.value = { fromX: xOf(event), toX: xOf(event), leg: legAt(event, area.current, model.legs.peek()) };
          }}
          onPointerMove={(event) => {
            if (drag.value !== undefined) drag.value = { ...drag.value, toX: xOf(event) };
            view.cursorMs.value = Math.max(0, Math.min(model.durationMs.peek(), msOf(event)));
          }}
          onPointerLeave={() => {
            if (drag.value === undefined) view.cursorMs.value = undefined;
          }}
          onPointerUp={finish}
          onPointerCancel={() => {
            drag.value = undefined;
          }}
          onDblClick={() => view.showAll()}
        >
          <Flags detail={detail} view={view} />
          {model.legs.value.map((leg) => (
            <Leg key={`${leg.streamId}/${leg.channel}`} {...props} leg={leg} kind={kind} />
          ))}
          {cursorX.value !== undefined && <i class="call-cursor" style={{ left: cursorX.value }} />}
          {props.playheadMs !== undefined && <Playhead view={view} ms={props.playheadMs} />}
          {drag.value !== undefined && Math.abs(drag.value.toX - drag.value.fromX) >= 4 && (
            <i
              class="call-drawn"
              style={{
                left: `${Math.min(drag.value.fromX, drag.value.toX)}px`,
                width: `${Math.abs(drag.value.toX - drag.value.fromX)}px`,
              }}
            />
          )}
          <div class="call-axis">
            <Canvas
              paint={(surface) => {
                paintAxis(surface, view);
              }}
            />
            <Redraw model={model} view={view} />
          </div>
        </div>
        <span />
        <Overview model={model} view={view} />
      </div>
      <Readout model={model} view={view} />
    </section>
  );
}

/** Position in the area, as CSS; `undefined` where it is out of sight. */
function share(view: CallView, ms: number | undefined): string | undefined {
  const from = view.fromMs.value;
  const to = view.toMs.value;
  if (ms === undefined || ms < from || ms > to) return undefined;
  return `${((100 * (ms - from)) / (to - from)).toFixed(3)}%`;
}

function Playhead({ view, ms }: { readonly view: CallView; readonly ms: number }): JSX.Element | null {
  const left = share(view, ms);
  return left === undefined ? null : <i class="call-playhead" style={{ left }} />;
}

/** Reading the signals here draws what is around again, without drawing the page. */
function Redraw({ model, view }: { readonly model: CallModel; readonly view: CallView }): null {
  model.grown.value;
  view.fromMs.value;
  view.toMs.value;
  return null;
}

function legAt(event: PointerEvent, area: HTMLElement | null, legs: readonly GrowingLeg[]): GrowingLeg | undefined {
  const rows = [...(area?.querySelectorAll('.call-leg') ?? [])];
  return legs[rows.findIndex((row) => event.clientY <= row.getBoundingClientRect().bottom)];
}

function Leg(props: TimelineProps & { readonly leg: GrowingLeg; readonly kind: ChartKind }): JSX.Element {
  const { model, view, leg, kind, detail } = props;
  // Drawn again when the call has grown or something else is in sight.
  model.grown.value;
  view.fromMs.value;
  view.toMs.value;
  const others = model.legs.value.filter((each) => each !== leg);
  const corrections = detail.corrections.filter(
    ({ streamId, channel }) => streamId === leg.streamId && channel === leg.channel,
  );
  const other = model.other.value?.legs.find(
    ({ streamId, channel }) => streamId === leg.streamId && channel === leg.channel,
  );
  const wave = props.waveform?.(leg, view);
  return (
    <div
      class="call-leg"
      style={{ height: `${LEG_LAYOUT.height + (other === undefined ? 0 : LEG_LAYOUT.band + 4)}px` }}
    >
      <Canvas
        paint={(surface) => {
          if (kind === 'emotions') paintEmotions(surface, leg, model.labels.peek(), view);
          else {
            wave?.(surface);
            paintLines(surface, leg, kind === 'mood' ? MOOD_LINES : VOICE_LINES, view);
          }
          paintLabels(surface, leg.points, view, LEG_LAYOUT.chart + LEG_LAYOUT.gap);
          paintCorrections(surface, corrections, view);
          paintTurns(surface, leg, others, view);
          if (other !== undefined) paintLabels(surface, other.points, view, LEG_LAYOUT.height + 2);
        }}
      />
    </div>
  );
}

function LegName({ leg, detail }: { readonly leg: GrowingLeg; readonly detail: CallDetail }): JSX.Element {
  const summary = detail.legs.find(({ streamId, channel }) => streamId === leg.streamId && channel === leg.channel);
  const role = ROLE_WORDS[leg.role];
  return (
    <div class="call-leg-name">
      <strong>{leg.channelName.toLowerCase() === leg.role ? role : leg.channelName}</strong>
      {leg.channelName.toLowerCase() !== leg.role && leg.role !== 'unknown' && <span class="soft small">{role}</span>}
      {summary?.withheld === true && <span class="soft small">not analysed, by policy</span>}
    </div>
  );
}

function Legend(props: { readonly kind: ChartKind; readonly labels: CallModel['labels']['value'] }): JSX.Element {
  if (props.kind !== 'emotions') {
    const [full, dashed] = LINE_WORDS[props.kind];
    return (
      <ul class="call-legend">
        <li>
          <i class="call-line" /> {full}
        </li>
        <li>
          <i class="call-line dashed" /> {dashed}
        </li>
      </ul>
    );
  }
  return (
    <ul class="call-legend">
      {props.labels.map((label) => (
        <li key={label}>
          <EmotionShape label={label} />
          {EMOTION_LOOKS[label].word}
        </li>
      ))}
    </ul>
  );
}

/** The whole call, with what of it is in sight; a click goes there. */
function Overview({ model, view }: { readonly model: CallModel; readonly view: CallView }): JSX.Element {
  model.grown.value;
  const duration = Math.max(1, model.durationMs.value);
  const [from, to] = [view.fromMs.value, Math.min(duration, view.toMs.value)];
  const go = (event: PointerEvent): void => {
    const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const at = (duration * (event.clientX - left)) / width;
    view.show(at - view.spanMs / 2, at + view.spanMs / 2);
  };
  return (
    <div
      class="call-overview"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) go(event);
      }}
    >
      <Canvas paint={(surface) => paintOverview(surface, model.legs.peek(), duration)} />
      {view.zoomed.value && (
        <i
          style={{
            left: `${((100 * from) / duration).toFixed(3)}%`,
            width: `${((100 * (to - from)) / duration).toFixed(3)}%`,
          }}
        />
      )}
    </div>
  );
}
