import type { JSX } from 'preact';
import { EMOTIONS } from '../../emotions.ts';
import type { CallDetail, CallMetrics, MoodAverage, SideMetrics, VoiceFigure } from '../../protocol/index.ts';
import { EmotionShape, Icon } from '../components/index.ts';
import { EMOTION_LOOKS } from '../emotions.ts';
import { clock, count, percent, sideName, signed } from '../format.ts';

/** The figures of the call and of its sides, in words with their units. */
export function Figures({ detail }: { readonly detail: CallDetail }): JSX.Element {
  const { metrics } = detail;
  return (
    <section class="card call-figures" aria-labelledby="call-figures">
      <h2 id="call-figures">In figures</h2>
      <Conversation metrics={metrics} />
      <div class="call-sides">
        {metrics.sides.map((side) => (
          <Side
            key={side.channel}
            side={side}
            withheld={detail.legs.some(({ role, withheld }) => role === side.role && withheld === true)}
          />
        ))}
      </div>
    </section>
  );
}

function Conversation({ metrics }: { readonly metrics: CallMetrics }): JSX.Element {
  const { silenceRatio, longestSilence, overtalkRatio, overtalks, missingMs } = metrics;
  return (
    <dl class="call-facts">
      <Fact name="Nobody talks">
        {percent(silenceRatio)}
        {longestSilence !== null && (
          <small>
            longest {clock(longestSilence.endMs - longestSilence.startMs)} at {clock(longestSilence.startMs)}
          </small>
        )}
      </Fact>
      <Fact name="Both at once">
        {percent(overtalkRatio)}
        <small>{count(overtalks, 'time')}</small>
      </Fact>
      {missingMs > 0 && <Fact name="Not heard">{clock(missingMs)}</Fact>}
    </dl>
  );
}

function Side({ side, withheld }: { readonly side: SideMetrics; readonly withheld: boolean }): JSX.Element {
  const { name, role, talkShare, turns, longestTurnMs, interruptions, answers, voice, mood, anger } = side;
  return (
    <section class="call-side" aria-label={sideName(name, role)}>
      <h3>{sideName(name, role)}</h3>
      {withheld ? (
        <p class="soft">
          <Icon name="shield" /> By policy the emotions of this side are not shown.
        </p>
      ) : (
        <>
          <Shares mood={mood.whole} coverage={mood.coverage} />
          <Now recent={mood.recent} whole={mood.whole} />
        </>
      )}
      <dl class="call-facts">
        <Fact name="Talks">
          {talkShare === null ? '–' : percent(talkShare)}
          <small>
            {count(turns, 'turn')}, longest {clock(longestTurnMs)}
          </small>
        </Fact>
        <Fact name="Interrupts">{count(interruptions, 'time')}</Fact>
        <Fact name="Answers after">
          {answers.meanMs === null ? '–' : `${(answers.meanMs / 1000).toFixed(1)} s`}
          {answers.longestMs !== null && <small>at most {(answers.longestMs / 1000).toFixed(1)} s</small>}
        </Fact>
        <Voice name="Level" figure={voice.levelDb} unit="dB" up="louder" down="quieter" />
        <Voice name="Pitch" figure={voice.pitchSemitones} unit="semitones" up="higher" down="lower" />
        <Voice name="Pace" figure={voice.syllablesPerSecond} unit="syllables a second" up="faster" down="slower" />
        {!withheld && (
          <>
            <Anger anger={anger} />
            <Fact name="Valence by thirds">
              {mood.thirds.map(({ valence }) => (valence === null ? '–' : signed(valence, 2))).join('  ')}
              {mood.change.valence !== null && <small>{signed(mood.change.valence, 2)} from first to last</small>}
              {mood.trend.valencePerMinute !== null && (
                <small>{signed(mood.trend.valencePerMinute, 2)} a minute, on the whole</small>
              )}
            </Fact>
          </>
        )}
      </dl>
    </section>
  );
}

/** When it began, how long it was, and whether it has passed. */
function Anger({ anger }: { readonly anger: SideMetrics['anger'] }): JSX.Element {
  const { firstMs, episodes, angryMs, recovered, meanRecoveryMs } = anger;
  if (firstMs === null) return <Fact name="First anger">none</Fact>;
  return (
    <Fact name="First anger">
      {clock(firstMs)}
      <small>
        {count(episodes, 'time')}, {clock(angryMs)} in all
      </small>
      <small>
        {recovered === true
          ? `has recovered${meanRecoveryMs === null ? '' : `, after ${clock(meanRecoveryMs)}`}`
          : 'has not recovered'}
      </small>
    </Fact>
  );
}

/** Shares of the emotions as a bar with its words. */
function Shares({ mood, coverage }: { readonly mood: MoodAverage; readonly coverage: number }): JSX.Element {
  const shares = EMOTIONS.flatMap((emotion) => {
    const value = mood.shares[emotion] ?? 0;
    return value >= 0.005 ? [{ emotion, value }] : [];
  }).sort((a, b) => b.value - a.value);
  if (shares.length === 0) return <p class="soft">Nothing of it has a label yet.</p>;
  return (
    <div>
      <span class="call-bar" aria-hidden="true">
        {shares.map(({ emotion, value }) => (
          <i key={emotion} style={{ flexGrow: value, background: `var(--emotion-${emotion})` }} />
        ))}
      </span>
      <ul class="call-shares">
        {shares.map(({ emotion, value }) => (
          <li key={emotion} class="emotion">
            <EmotionShape label={emotion} />
            {EMOTION_LOOKS[emotion].word} <span class="confidence">{percent(value)}</span>
          </li>
        ))}
      </ul>
      <p class="soft small">of what has a label, which is {percent(coverage)} of the time</p>
    </div>
  );
}

/** The last 30 s beside the whole call. */
function Now({ recent, whole }: { readonly recent: MoodAverage; readonly whole: MoodAverage }): JSX.Element | null {
  if (recent.valence === null || whole.valence === null || recent.arousal === null || whole.arousal === null)
    return null;
  return (
    <p class="small">
      Last 30 s: valence {signed(recent.valence, 2)} <span class="soft">(whole call {signed(whole.valence, 2)})</span>,
      arousal {signed(recent.arousal, 2)} <span class="soft">({signed(whole.arousal, 2)})</span>
    </p>
  );
}

/** "Louder than this caller usually is": the last 30 s beside the first 20 s of speech. */
function Voice(props: {
  readonly name: string;
  readonly figure: VoiceFigure;
  readonly unit: string;
  readonly up: string;
  readonly down: string;
}): JSX.Element {
  const { change, baseline } = props.figure;
  return (
    <Fact name={props.name}>
      {change === null ? '–' : Math.abs(change) < 0.05 ? 'as at first' : change > 0 ? props.up : props.down}
      <small>
        {change !== null
          ? `${signed(change)} ${props.unit} against its first 20 s of speech`
          : baseline === null
            ? 'after 20 s of speech'
            : 'silent for 30 s'}
      </small>
    </Fact>
  );
}

function Fact(props: {
  readonly name: string;
  readonly children: JSX.Element | JSX.Element[] | string | (JSX.Element | string | false | null)[];
}): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
