import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { CallDetail } from '../../protocol/index.ts';
import { sentence } from '../api-error.ts';
import {
  Banner,
  Button,
  Canvas,
  EmptyState,
  Loading,
  paintCircumplex,
  Skeleton,
  type Surface,
} from '../components/index.ts';
import { clock, count, dateAndTime, sideName } from '../format.ts';
import { route } from '../router.ts';
import { AlertList, Marks } from './alert-list.tsx';
import { Analyses } from './analyses.tsx';
import { CallModel, type GrowingLeg } from './call-model.ts';
import { CallView } from './call-view.ts';
import { CorrectDialog, Corrections, type Stretch } from './correct.tsx';
import { EraseCall } from './erase-call.tsx';
import { ExportMenu } from './export-menu.tsx';
import { Figures } from './figures.tsx';
import { legKey } from './growing-legs.ts';
import { isWithheld } from './leg.tsx';
import { firstFrom } from './paint-leg.ts';
import { paintWaveform } from './paint-waveform.ts';
import { Playback } from './playback.ts';
import { Player } from './player.tsx';
import { Timeline } from './timeline.tsx';

/** One call, live or kept. */
export function CallPage({ callId }: { readonly callId: string }): JSX.Element {
  const model = useMemo(() => new CallModel(callId), [callId]);
  useEffect(() => () => model.close(), [model]);
  const detail = model.detail.value;
  switch (model.state.value) {
    case 'loading':
      return (
        <>
          <Loading what="the call" />
          <Skeleton height={46} width={320} />
          <p />
          <Skeleton height={380} />
        </>
      );
    case 'missing':
      return (
        <EmptyState icon="search" title="There is no such call">
          It was never kept here, or it was erased. <a href="#/history">Look in the history</a>
        </EmptyState>
      );
    case 'erased':
      return (
        <EmptyState icon="trash" title="This call was erased">
          Somebody erased it while it was open here. <a href="#/history">Look in the history</a>
        </EmptyState>
      );
    case 'failed':
      return (
        <EmptyState icon="offline" title="The call could not be loaded">
          <p>{sentence(model.problem.value)}</p>
          <Button onClick={() => model.again()}>Try again</Button>
        </EmptyState>
      );
    case 'no-store':
      return (
        <EmptyState icon="offline" title="This server keeps no calls">
          It was started without a store, so there is no timeline to look at. <a href="#/">The floor</a> shows how
          everybody sounds now.
        </EmptyState>
      );
    case 'ready':
      return detail === undefined ? <Loading what="the call" /> : <Call model={model} detail={detail} />;
  }
}

function Call({ model, detail }: { readonly model: CallModel; readonly detail: CallDetail }): JSX.Element {
  const view = useMemo(() => new CallView(model.durationMs), [model]);
  const correcting = useSignal(false);
  const selection = useSignal<Stretch | undefined>(undefined);
  const erasing = useSignal(false);
  const playback = usePlayback(detail);
  // An address may point at a moment.
  useEffect(() => {
    const at = Number(route.value.query.get('at') ?? Number.NaN);
    if (!Number.isFinite(at)) return;
    view.show(at - 30_000, at + 30_000);
    view.moveTo(at);
    playback?.seek(at);
  }, [view]);
  const timeline = useRef<HTMLDivElement>(null);
  // From a list: the moment is shown, and heard next.
  const go = (ms: number): void => {
    view.moveTo(ms);
    playback?.seek(ms);
    const gently = !matchMedia('(prefers-reduced-motion: reduce)').matches;
    timeline.current?.scrollIntoView({ block: 'nearest', behavior: gently ? 'smooth' : 'auto' });
  };
  const live = detail.state === 'live';
  return (
    <div class="call">
      <Head model={model} detail={detail}>
        <Button
          icon="edit"
          pressed={correcting.value}
          onClick={() => {
            correcting.value = !correcting.value;
          }}
        >
          Correct a label
        </Button>
        <ExportMenu callId={detail.callId} />
        <Button
          icon="trash"
          label="Erase this call"
          disabled={live}
          onClick={() => {
            erasing.value = true;
          }}
        />
      </Head>
      {model.lost.value && live && (
        <Banner kind="warning" icon="offline">
          <strong>Connection lost.</strong> What is shown ends where it was lost; trying again.
        </Banner>
      )}
      {detail.missingEvents > 0 && (
        <Banner kind="warning">
          {count(detail.missingEvents, 'event')} of this call could not be kept: the store was failing.
        </Banner>
      )}
      {correcting.value && (
        <Banner
          kind="info"
          icon="edit"
          action={
            <Button
              onClick={() => {
                const at = view.cursorMs.peek() ?? playback?.positionMs.peek() ?? 0;
                selection.value = { leg: undefined, fromMs: at, toMs: Math.min(at + 3_000, model.durationMs.peek()) };
              }}
            >
              Type the times
            </Button>
          }
        >
          Draw over the stretch of a side whose label is wrong, or type from when to when it is.
        </Banner>
      )}
      {playback !== undefined && <Player playback={playback} durationMs={model.durationMs.value} />}
      <div ref={timeline} class="call-timeline-place">
        <Timeline
          model={model}
          view={view}
          detail={detail}
          correcting={correcting.value}
          onSelect={(drawn) => {
            selection.value = drawn;
          }}
          playheadMs={playback?.positionMs}
          onSeek={playback === undefined ? undefined : (ms) => playback.seek(ms)}
          waveOf={(leg) => (playback === undefined ? undefined : waveformOf(playback, leg, view))}
        />
      </div>
      <div class="call-columns">
        <Figures detail={detail} />
        <div class="call-column">
          <Where model={model} view={view} detail={detail} />
          <AlertList alerts={detail.allAlerts} onGo={go} onHandled={(alert) => model.handled(alert)} />
          <Marks detail={detail} onGo={go} />
          <Corrections detail={detail} onGo={go} onWithdrawn={(id) => model.withdrawn(id)} />
          {detail.recorded && <Analyses model={model} detail={detail} />}
        </div>
      </div>
      {selection.value !== undefined && (
        <CorrectDialog
          callId={detail.callId}
          legs={model.legs.value}
          durationMs={model.durationMs.value}
          selection={selection.value}
          onClose={() => {
            selection.value = undefined;
          }}
          onCorrected={(correction) => {
            correcting.value = false;
            model.corrected(correction);
          }}
        />
      )}
      {erasing.value && (
        <EraseCall
          callId={detail.callId}
          onClose={() => {
            erasing.value = false;
          }}
        />
      )}
    </div>
  );
}

/** The recording, once the call has ended: a file that still grows cannot be scrubbed. */
function usePlayback({ callId, recorded, state, streams }: CallDetail): Playback | undefined {
  const ready = recorded && state !== 'live';
  const playback = useMemo(() => (ready ? new Playback(callId, streams) : undefined), [callId, ready]);
  useEffect(() => () => playback?.close(), [playback]);
  return playback;
}

type Wave = (surface: Surface, top: number, height: number) => void;

function waveformOf(playback: Playback, leg: GrowingLeg, view: CallView): Wave | undefined {
  const waveform = playback.waveform.value;
  const peaks = waveform?.legs.find(
    ({ streamId, channel }) => streamId === leg.streamId && channel === leg.channel,
  )?.peaks;
  if (waveform === undefined || peaks === undefined || peaks.length === 0) return undefined;
  return (surface, top, height) => paintWaveform(surface, peaks, waveform.durationMs, view, top, height);
}

function Head(props: {
  readonly model: CallModel;
  readonly detail: CallDetail;
  readonly children: JSX.Element[];
}): JSX.Element {
  const { detail, model } = props;
  const { callId, state, startedAt, legs, metadata, streams, recorded } = detail;
  const [stream] = streams;
  return (
    <div class="page-head">
      <div>
        <h1>
          {callId}
          {state === 'live' && <span class="call-live">live</span>}
          {state === 'lost' && <span class="call-lost">cut off</span>}
        </h1>
        <p class="soft call-about">
          <span>{dateAndTime(startedAt)}</span>
          <span>{clock(model.durationMs.value)}</span>
          <span>{legs.map(({ name, role }) => sideName(name, role)).join(', ')}</span>
          {recorded && <span>recorded</span>}
          {stream !== undefined && (
            <span>
              {stream.model.name} {stream.model.version}
            </span>
          )}
          {Object.entries(metadata).map(([key, value]) => (
            <span key={key}>
              {key}: {String(value)}
            </span>
          ))}
        </p>
      </div>
      <div class="call-actions">{props.children}</div>
    </div>
  );
}

/** Arousal and valence of each side at the cursor, or now, with where they came from. */
function Where(props: {
  readonly model: CallModel;
  readonly view: CallView;
  readonly detail: CallDetail;
}): JSX.Element | null {
  const { model, view, detail } = props;
  model.grown.value;
  const at = view.cursorMs.value;
  const seen = model.legs.value.filter((leg) => !isWithheld(detail, leg));
  if (seen.length === 0) return null;
  return (
    <section class="card call-where" aria-labelledby="call-where">
      <h2 id="call-where">Mood</h2>
      <p class="soft small">At {clock(at ?? model.durationMs.value)}, with where it came from in 20 s.</p>
      {seen.map((leg) => (
        <figure key={legKey(leg)}>
          <div>
            <Canvas
              paint={(surface) => paintCircumplex(surface, at === undefined ? leg.points.slice(-80) : before(leg, at))}
            />
          </div>
          <figcaption class="small soft">{sideName(leg.channelName, leg.role)}</figcaption>
        </figure>
      ))}
    </section>
  );
}

/** The points up to a moment, as many as a trail can have. */
function before({ points }: GrowingLeg, ms: number) {
  const end = Math.min(points.length, firstFrom(points, ms) + 1);
  return points.slice(Math.max(0, end - 80), end);
}
