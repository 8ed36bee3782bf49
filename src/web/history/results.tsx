import type { JSX } from 'preact';
import type { CallSummary } from '../../protocol/index.ts';
import { Icon, SeverityBadge } from '../components/index.ts';
import { clock, count, dateAndTime, signed, spokenDuration } from '../format.ts';
import { callHref } from '../router.ts';
import { SharesBar } from './shares-bar.tsx';

/** Two are compared. */
export const MOST_CHOSEN = 2;

/** What was found, a row a call. */
export function Results(props: {
  readonly calls: readonly CallSummary[];
  readonly chosen: readonly string[];
  readonly onChoose: (callId: string, chosen: boolean) => void;
}): JSX.Element {
  return (
    <table class="results">
      <caption class="unseen">Calls found, the newest first</caption>
      <thead>
        <tr>
          <th scope="col">
            <span class="unseen">Compare</span>
          </th>
          <th scope="col">Call</th>
          <th scope="col">Sides</th>
          <th scope="col" class="number">
            Lowest
          </th>
          <th scope="col">Alerts</th>
          <th scope="col" class="number">
            Length
          </th>
        </tr>
      </thead>
      <tbody>
        {props.calls.map((call) => (
          <Row
            key={call.callId}
            call={call}
            chosen={props.chosen.includes(call.callId)}
            full={props.chosen.length >= MOST_CHOSEN}
            onChoose={props.onChoose}
          />
        ))}
      </tbody>
    </table>
  );
}

function Row(props: {
  readonly call: CallSummary;
  readonly chosen: boolean;
  readonly full: boolean;
  readonly onChoose: (callId: string, chosen: boolean) => void;
}): JSX.Element {
  const { call, chosen } = props;
  const { callId, startedAt, state, durationMs, legs, alerts, recorded, missingEvents } = call;
  const lowest = legs.flatMap((leg) => leg.lowest ?? []).sort((a, b) => a.valence - b.valence)[0];
  return (
    <tr class={chosen ? 'chosen' : ''}>
      <td>
        <input
          type="checkbox"
          aria-label={`Compare ${callId}`}
          checked={chosen}
          disabled={props.full && !chosen}
          onChange={(event) => props.onChoose(callId, event.currentTarget.checked)}
        />
      </td>
      <th scope="row">
        <a href={callHref(callId)}>{callId}</a>
        <span class="results-facts">
          <time dateTime={startedAt}>{dateAndTime(startedAt)}</time>
          {state === 'live' && <span class="results-live">live</span>}
          {state === 'lost' && (
            <span title="The server ended before the call did; what came until then is kept.">cut off</span>
          )}
          {recorded && (
            <span class="results-recorded" title="Its audio was kept">
              <Icon name="sound" />
              <span class="unseen">recorded</span>
            </span>
          )}
          {missingEvents > 0 && (
            <span class="results-missing" title="The store could not keep all of it">
              {count(missingEvents, 'event')} missing
            </span>
          )}
        </span>
      </th>
      <td>
        {legs.map((leg) => (
          <SharesBar key={`${leg.streamId}/${leg.channel}`} leg={leg} />
        ))}
      </td>
      <td class="number">
        {lowest === undefined ? (
          <span class="soft">–</span>
        ) : (
          <a
            href={callHref(callId, lowest.startMs)}
            title="Lowest valence of any 10 seconds, −1 to 1; opens the call there"
            aria-label={`Lowest valence ${signed(lowest.valence, 2)} at ${clock(lowest.startMs)}`}
          >
            {signed(lowest.valence, 2)}
          </a>
        )}
      </td>
      <td>
        {alerts.highest === null ? (
          <span class="soft">–</span>
        ) : (
          <span class="results-alerts" title={alerts.rules.join(', ')}>
            <SeverityBadge severity={alerts.highest} />
            {count(alerts.raised, 'alert')}
          </span>
        )}
      </td>
      <td class="number">
        <span aria-hidden="true">{clock(durationMs)}</span>
        <span class="unseen">{spokenDuration(durationMs)}</span>
      </td>
    </tr>
  );
}
