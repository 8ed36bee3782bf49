import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { api, type WebhookState } from '../api.ts';
import { ApiError, sentence } from '../api-error.ts';
import { Banner, Button, Skeleton, toastDone, toastError } from '../components/index.ts';
import { count, dateAndTime } from '../format.ts';
import { supervisorName } from '../supervisor.tsx';

/** Who is told of alerts and calls elsewhere, and what could not be delivered. */
export function Webhooks(): JSX.Element {
  const state = useSignal<WebhookState | undefined>(undefined);
  const problem = useSignal<unknown>(undefined);
  const load = (): void => {
    problem.value = undefined;
    api.webhooks().then(
      (answer) => {
        state.value = answer;
      },
      (thrown: unknown) => {
        problem.value = thrown;
      },
    );
  };
  useEffect(load, []);
  const act = async (run: () => Promise<void>, done: string): Promise<void> => {
    if ((await supervisorName()) === null) return;
    try {
      await run();
      toastDone(done);
    } catch (thrown) {
      toastError(thrown);
    }
    load();
  };
  const none = problem.value instanceof ApiError && problem.value.code === 'no-webhooks';
  const known = state.value;
  return (
    <section class="card settings-card" aria-labelledby="settings-webhooks">
      <header class="settings-head">
        <h2 id="settings-webhooks">Webhooks</h2>
        <p class="soft">
          {none
            ? 'None: this server was started without any (serve --webhooks FILE).'
            : 'Told of alerts and calls, signed, and tried again for a day.'}
        </p>
      </header>
      {problem.value !== undefined && !none && (
        <Banner kind="error" action={<Button onClick={load}>Try again</Button>}>
          {sentence(problem.value)}
        </Banner>
      )}
      {known === undefined && problem.value === undefined && <Skeleton height={60} />}
      {known !== undefined && (
        <>
          <ul class="settings-list">
            {known.endpoints.map(({ name, origin, state: status, delivered, waiting, lastError, pausedUntil }) => (
              <li key={name}>
                <span>
                  <strong>{name}</strong> <span class="soft">{origin}</span>
                </span>
                <span class="soft small">
                  {count(delivered, 'message')} taken
                  {waiting > 0 && `, ${waiting} waiting`}
                  {pausedUntil !== null && `, paused until ${dateAndTime(pausedUntil)}`}
                  {lastError !== null && `; last: ${lastError}`}
                </span>
                {status === 'gone' && (
                  <Button small onClick={() => act(() => api.enableWebhook(name), `${name} is told again.`)}>
                    Tell it again
                  </Button>
                )}
              </li>
            ))}
          </ul>
          {known.dead.length > 0 && (
            <>
              <h3>{count(known.dead.length, 'message')} that nobody took</h3>
              <ul class="settings-list">
                {known.dead.map(({ deliveryId, endpoint, createdAtMs, attempts, lastError }) => (
                  <li key={deliveryId}>
                    <span>
                      {endpoint} <span class="soft">{dateAndTime(new Date(createdAtMs).toISOString())}</span>
                    </span>
                    <span class="soft small">
                      {count(attempts, 'attempt')}
                      {lastError !== null && `; last: ${lastError}`}
                    </span>
                    <Button
                      small
                      icon="reopen"
                      onClick={() => act(() => api.replayWebhook(deliveryId), 'It is sent again.')}
                    >
                      Send again
                    </Button>
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </section>
  );
}
