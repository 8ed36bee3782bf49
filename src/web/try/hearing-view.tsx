import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Emotion } from '../../emotions.ts';
import type { ChannelSummary, Role } from '../../protocol/index.ts';
import { Canvas, EmotionShape, emotionWords, Icon, paintCircumplex } from '../components/index.ts';
import { EMOTION_LOOKS, UNKNOWN_LOOKS } from '../emotions.ts';
import { percent } from '../format.ts';
import { callHref } from '../router.ts';
import type { Listening, Side } from './listening.ts';
import { MoodNow } from './mood-now.tsx';
import { paintTimeline } from './timeline-canvas.ts';

/** At least this long lies between two things that a screen reader is told, ms. */
const SPOKEN_EVERY_MS = 3_000;

/** What has been heard so far, side by side, growing. */
export function HearingView(props: {
  readonly listening: Listening;
  /** Roles whose emotions the policy lets be shown; all, until it is known. */
  readonly analysed: readonly Role[] | undefined;
}): JSX.Element {
  const { listening, analysed } = props;
  const isWithheld = ({ role }: Side): boolean => analysed?.includes(role) === false;
  // Read here, so that everything below is drawn again when windows have come.
  listening.heard.value;
  const labels = listening.model.value?.labels ?? [];
  const sides = listening.sides.value;
  const ended = listening.ended.value;
  return (
    <>
      {sides.map((side, channel) => (
        <SideView
          key={side.name}
          side={side}
          named={sides.length > 1}
          labels={labels}
          listening={listening}
          summary={ended?.channels[channel]}
          withheld={isWithheld(side)}
        />
      ))}
      <ul class="try-legend" aria-label="Emotions of this model">
        {labels.map((label) => (
          <li key={label}>
            <EmotionShape label={label} />
            {EMOTION_LOOKS[label].word}
          </li>
        ))}
      </ul>
      <Spoken sides={sides.filter((side) => !isWithheld(side))} />
      {ended !== undefined && listening.callId.value !== undefined && (
        <p>
          <a href={callHref(listening.callId.value)}>Open it as a call</a>
        </p>
      )}
    </>
  );
}

function SideView(props: {
  readonly side: Side;
  readonly named: boolean;
  readonly labels: readonly Emotion[];
  readonly listening: Listening;
  readonly summary: ChannelSummary | undefined;
  readonly withheld: boolean;
}): JSX.Element {
  const { side, labels, listening, summary } = props;
  if (props.withheld) {
    return (
      <section class="try-side" aria-label={side.name}>
        <header>
          {props.named && <h2>{side.name}</h2>}
          <p class="soft">
            <Icon name="shield" /> {UNKNOWN_LOOKS.withheld.sentence}
          </p>
        </header>
      </section>
    );
  }
  return (
    <section class="try-side" aria-label={side.name}>
      <header>
        {props.named && <h2>{side.name}</h2>}
        {summary === undefined ? <MoodNow window={side.windows.at(-1)} /> : <Summary summary={summary} />}
      </header>
      <div class="try-where">
        <Canvas paint={(surface) => paintCircumplex(surface, side.windows)} />
      </div>
      <figure class="try-time">
        <Canvas
          paint={(surface) => {
            listening.heard.peek();
            paintTimeline(surface, side.windows, labels);
          }}
        />
      </figure>
    </section>
  );
}

/** Of a side that has ended: what it was, in shares. */
function Summary({ summary }: { readonly summary: ChannelSummary }): JSX.Element {
  const shares = Object.entries(summary.shares) as [Emotion, number][];
  shares.sort(([, a], [, b]) => b - a);
  const [first] = shares;
  if (first === undefined) {
    return (
      <div class="mood">
        <div class="mood-word soft">
          <EmotionShape label="unknown" />
          No label
        </div>
        <p class="soft">There was too little speech, or none was sure enough, to name an emotion.</p>
      </div>
    );
  }
  return (
    <div class="mood">
      <div class="mood-word" style={{ color: `var(--emotion-${first[0]}-ink)` }}>
        <EmotionShape label={first[0]} />
        {EMOTION_LOOKS[first[0]].word}
      </div>
      <p class="soft">
        most of what had a label, which was {percent(summary.coverage)} of the time; {summary.turns}{' '}
        {summary.turns === 1 ? 'turn' : 'turns'}
      </p>
      <ul class="try-shares">
        {shares
          .filter(([, share]) => share >= 0.005)
          .map(([label, share]) => (
            <li key={label} class="emotion">
              <EmotionShape label={label} />
              {EMOTION_LOOKS[label].word} <span class="confidence">{percent(share)}</span>
            </li>
          ))}
      </ul>
    </div>
  );
}

/** The mood in words, for screen readers, not more often than one can listen to. */
function Spoken({ sides }: { readonly sides: readonly Side[] }): JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const spoken = useRef({ text: '', atMs: 0 });
  useEffect(() => {
    const text = sides
      .flatMap(({ name, windows }) => {
        const last = windows.at(-1);
        if (last === undefined) return [];
        const words = emotionWords({ label: last.label, reason: last.reason });
        return [sides.length > 1 ? `${name}: ${words}` : words];
      })
      .join('; ');
    const nowMs = performance.now();
    if (text === spoken.current.text || nowMs - spoken.current.atMs < SPOKEN_EVERY_MS) return;
    spoken.current = { text, atMs: nowMs };
    if (element.current !== null) element.current.textContent = text;
  });
  return <div ref={element} class="unseen" role="status" />;
}
