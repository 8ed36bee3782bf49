import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useId } from 'preact/hooks';
import type { CallDetail } from '../../protocol/index.ts';
import { api } from '../api.ts';
import { Button, toastError } from '../components/index.ts';
import { dateAndTime, percent } from '../format.ts';
import { supervisorName } from '../supervisor.tsx';
import type { CallModel } from './call-model.ts';

/** While one runs it is looked for this often. */
const EVERY_MS = 1_500;

/** The recording, analysed again with another model; its labels are laid under those of the call. */
export function Analyses({ model, detail }: { readonly model: CallModel; readonly detail: CallDetail }): JSX.Element {
  const models = useSignal<readonly string[]>([]);
  const chosen = useSignal('');
  const busy = useSignal(false);
  const shown = useSignal('');
  const id = useId();
  const running = detail.analyses.some(({ state }) => state === 'running');
  useEffect(() => {
    api.settings().then(
      (settings) => {
        models.value = settings.models;
        chosen.value = settings.models[0] ?? '';
      },
      () => {},
    );
  }, []);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => model.refresh(), EVERY_MS);
    return () => clearInterval(timer);
  }, [running, model]);
  const run = async (): Promise<void> => {
    if ((await supervisorName()) === null) return;
    busy.value = true;
    try {
      await api.analyse(model.callId, chosen.peek());
      await model.refresh();
    } catch (thrown) {
      toastError(thrown);
    } finally {
      busy.value = false;
    }
  };
  const show = async (analysisId: string): Promise<void> => {
    if (shown.peek() === analysisId) {
      shown.value = '';
      model.other.value = undefined;
      return;
    }
    try {
      model.other.value = await api.points(model.callId, analysisId);
      shown.value = analysisId;
    } catch (thrown) {
      toastError(thrown);
    }
  };
  return (
    <section class="card call-analyses" aria-labelledby="call-analyses">
      <h2 id="call-analyses">Other models</h2>
      {models.value.length === 0 ? (
        <p class="soft small">This server was started without other models (serve --models DIR).</p>
      ) : (
        <div class="call-analyse">
          <span class="field">
            <label for={id}>Analyse the recording again with</label>
            <select
              id={id}
              class="input"
              value={chosen.value}
              onChange={(event) => {
                chosen.value = event.currentTarget.value;
              }}
            >
              {models.value.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </span>
          <Button disabled={busy.value || running || detail.state === 'live'} onClick={run}>
            {running ? 'Analysing …' : 'Analyse'}
          </Button>
        </div>
      )}
      <ul>
        {detail.analyses.map(({ analysisId, model: by, at, state, agreement }) => (
          <li key={analysisId}>
            <span>
              {by.name} {by.version} <span class="soft small">{dateAndTime(at)}</span>
            </span>
            {state === 'failed' && <span class="soft">failed</span>}
            {state === 'running' && <span class="soft">running</span>}
            {state === 'done' && (
              <>
                <span class="small">
                  {agreement === null
                    ? 'no window has a label in both'
                    : `agrees on ${percent(agreement)} of what both label`}
                </span>
                <Button small pressed={shown.value === analysisId} onClick={() => show(analysisId)}>
                  {shown.value === analysisId ? 'Take away' : 'Lay beside'}
                </Button>
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
