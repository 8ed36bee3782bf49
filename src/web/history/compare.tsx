import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { CallDetail, TimelineLeg, TimelinePoints } from '../../protocol/index.ts';
import { api } from '../api.ts';
import { sentence } from '../api-error.ts';
import { Banner, Button, Canvas, Loading, Skeleton } from '../components/index.ts';
import { clock, dateAndTime } from '../format.ts';
import { callHref } from '../router.ts';
import { comparisonRows, differenceWords } from './comparison.ts';
import { legName } from './shares-bar.tsx';
import { paintStrip } from './strip.ts';

interface Loaded {
  readonly call: CallDetail;
  readonly points: TimelinePoints;
}

/** Two calls on one scale: their timelines one under the other, their figures side by side, and what differs in words. */
export function Compare(props: {
  readonly callIds: readonly [string, string];
  readonly onClose: () => void;
}): JSX.Element {
  const loaded = useSignal<readonly [Loaded, Loaded] | undefined>(undefined);
  const problem = useSignal<unknown>(undefined);
  const [first, second] = props.callIds;
  useEffect(() => {
    const asking = new AbortController();
    const { signal } = asking;
    const load = async (callId: string): Promise<Loaded> => {
      const [call, points] = await Promise.all([
        api.call(callId, { signal }),
        api.points(callId, undefined, { signal }),
      ]);
      return { call, points };
    };
    loaded.value = undefined;
    Promise.all([load(first), load(second)]).then(
      (both) => {
        loaded.value = both;
      },
      (thrown: unknown) => {
        if (!signal.aborted) problem.value = thrown;
      },
    );
    return () => asking.abort();
  }, [first, second]);
  const both = loaded.value;
  const longestMs = Math.max(0, ...(both ?? []).map(({ points }) => points.durationMs));
  return (
    <section class="compare card" aria-label="Comparison">
      <header class="compare-head">
        <h2>Two calls</h2>
        <Button kind="quiet" icon="close" label="Close the comparison" onClick={props.onClose} />
      </header>
      {problem.value !== undefined && <Banner kind="error">{sentence(problem.value)}</Banner>}
      {both === undefined && problem.value === undefined && (
        <>
          <Loading what="both calls" />
          <Skeleton height={240} />
        </>
      )}
      {both?.map(({ call, points }) => (
        <figure key={call.callId} class="compare-call">
          <figcaption>
            <a href={callHref(call.callId)}>{call.callId}</a>
            <span class="soft">
              {dateAndTime(call.startedAt)}, {clock(call.durationMs)}
            </span>
          </figcaption>
          {points.legs.map((leg) => (
            <Strip key={`${leg.streamId}/${leg.channel}`} leg={leg} points={points} longestMs={longestMs} />
          ))}
        </figure>
      ))}
      {both !== undefined && <Figures first={both[0].call} second={both[1].call} />}
    </section>
  );
}

function Strip(props: {
  readonly leg: TimelineLeg;
  readonly points: TimelinePoints;
  readonly longestMs: number;
}): JSX.Element {
  const { leg } = props;
  return (
    <div class="compare-strip">
      <span class="small soft">
        {legName({ name: leg.channelName, role: leg.role })}
        {leg.withheld === true && ', not analysed, by policy'}
      </span>
      <div>
        <Canvas paint={(surface) => paintStrip(surface, leg, props.longestMs)} />
      </div>
    </div>
  );
}

function Figures(props: { readonly first: CallDetail; readonly second: CallDetail }): JSX.Element {
  const { first, second } = props;
  return (
    <>
      <p class="compare-words">{differenceWords(first, second)}</p>
      <table class="compare-figures">
        <caption class="unseen">Figures of both calls</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">{first.callId}</th>
            <th scope="col">{second.callId}</th>
            <th scope="col">Difference</th>
          </tr>
        </thead>
        <tbody>
          {comparisonRows(first, second).map(({ name, values, difference }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{values[0]}</td>
              <td>{values[1]}</td>
              <td>{difference}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
