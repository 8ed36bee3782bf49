import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useId } from 'preact/hooks';
import type { AlertChange, AlertEvidence, CallSummary, RulesProblem } from '../../protocol/index.ts';
import { api } from '../api.ts';
import { sentence } from '../api-error.ts';
import { Banner, Button, SeverityBadge } from '../components/index.ts';
import { clock, count, dateAndTime } from '../format.ts';
import { callHref } from '../router.ts';

interface Tried {
  readonly call: CallSummary;
  readonly alerts: readonly AlertChange[];
}

/** When would these rules have fired? On a call that is kept. */
export function RulesTester(props: {
  readonly text: string;
  readonly onProblems: (problems: readonly RulesProblem[]) => void;
}): JSX.Element {
  const calls = useSignal<readonly CallSummary[]>([]);
  const chosen = useSignal('');
  const tried = useSignal<Tried | undefined>(undefined);
  const problem = useSignal<unknown>(undefined);
  const busy = useSignal(false);
  const id = useId();
  useEffect(() => {
    const asking = new AbortController();
    api.calls({ limit: 30 }, { signal: asking.signal }).then(
      (page) => {
        calls.value = page.calls;
        chosen.value = page.calls[0]?.callId ?? '';
      },
      () => {
        // Without a store there is no call to try them on; the rest of the page says so.
      },
    );
    return () => asking.abort();
  }, []);
  const test = async (): Promise<void> => {
    const call = calls.peek().find(({ callId }) => callId === chosen.peek());
    if (call === undefined || busy.peek()) return;
    busy.value = true;
    problem.value = undefined;
    tried.value = undefined;
    try {
      const { problems, alerts } = await api.testRules(props.text, call.callId);
      props.onProblems(problems);
      if (problems.every(({ warning }) => warning === true)) tried.value = { call, alerts };
    } catch (thrown) {
      problem.value = thrown;
    } finally {
      busy.value = false;
    }
  };
  if (calls.value.length === 0) {
    return <p class="soft small">Once a call is kept, rules can be tried on it before they are put in force.</p>;
  }
  return (
    <div class="settings-tester">
      <div class="settings-actions">
        <span class="field settings-call">
          <label for={id}>Try them on</label>
          <select
            id={id}
            class="input"
            value={chosen.value}
            onChange={(event) => {
              chosen.value = event.currentTarget.value;
            }}
          >
            {calls.value.map(({ callId, startedAt, durationMs }) => (
              <option key={callId} value={callId}>
                {callId}, {dateAndTime(startedAt)}, {clock(durationMs)}
              </option>
            ))}
          </select>
        </span>
        <Button icon="play" disabled={busy.value} onClick={test}>
          When would they have fired?
        </Button>
      </div>
      {problem.value !== undefined && <Banner kind="error">{sentence(problem.value)}</Banner>}
      {tried.value !== undefined && <Fired tried={tried.value} />}
    </div>
  );
}

function Fired({ tried: { call, alerts } }: { readonly tried: Tried }): JSX.Element {
  const raised = alerts.filter(({ state }) => state === 'raised');
  const spans = raised.map((raise) => {
    const cleared = alerts.find(
      ({ rule, state, atMs }) => state === 'cleared' && rule === raise.rule && atMs >= raise.atMs,
    );
    return { raise, endMs: cleared?.atMs ?? call.durationMs };
  });
  const share = (ms: number): string => `${((100 * ms) / Math.max(1, call.durationMs)).toFixed(2)}%`;
  return (
    <div class="settings-fired" role="status">
      <p>
        {raised.length === 0
          ? `None of them would have fired in the ${clock(call.durationMs)} of this call.`
          : `${count(raised.length, 'alert')} in the ${clock(call.durationMs)} of this call.`}
      </p>
      {raised.length > 0 && (
        <>
          <div class="settings-strip" aria-hidden="true">
            {spans.map(({ raise, endMs }) => (
              <i
                key={`${raise.rule}@${raise.atMs}`}
                class={raise.severity}
                style={{ left: share(raise.atMs), width: `max(3px, ${share(endMs - raise.atMs)})` }}
              />
            ))}
          </div>
          <ul class="settings-alerts">
            {spans.map(({ raise, endMs }) => (
              <li key={`${raise.rule}@${raise.atMs}`}>
                <a href={callHref(call.callId, raise.atMs)}>{clock(raise.atMs)}</a>
                <SeverityBadge severity={raise.severity} text={raise.rule} />
                <span class="soft small">
                  for {clock(endMs - raise.atMs)}
                  {raise.evidence.length > 0 && `; ${raise.evidence.map(evidenceWords).join(', ')}`}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function evidenceWords({ measure, comparison, threshold, value, channelName }: AlertEvidence): string {
  const who = channelName === undefined ? '' : ` of ${channelName}`;
  const number = (each: AlertEvidence['value']): string =>
    typeof each === 'number' ? String(Math.round(each * 100) / 100) : (each ?? '?');
  return `${measure}${who} ${number(value)}, ${comparison} ${number(threshold)}`;
}
