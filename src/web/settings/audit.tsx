import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { AuditEntry } from '../../protocol/index.ts';
import { api } from '../api.ts';
import { ApiError, sentence } from '../api-error.ts';
import { Banner, Button, Skeleton } from '../components/index.ts';
import { dateAndTime } from '../format.ts';

const SHOWN = 100;

/** Who did what. */
export function Audit(): JSX.Element {
  const entries = useSignal<readonly AuditEntry[] | undefined>(undefined);
  const problem = useSignal<unknown>(undefined);
  const load = (): void => {
    problem.value = undefined;
    api.audit(SHOWN).then(
      (answer) => {
        entries.value = answer.entries;
      },
      (thrown: unknown) => {
        problem.value = thrown;
      },
    );
  };
  useEffect(load, []);
  const none = problem.value instanceof ApiError && problem.value.code === 'no-store';
  const known = entries.value;
  return (
    <section class="card settings-card" aria-labelledby="settings-audit">
      <header class="settings-head">
        <h2 id="settings-audit">Who did what</h2>
        {none && <p class="soft">Without a store nothing of it is kept.</p>}
        {known?.length === 0 && <p class="soft">Nothing yet.</p>}
      </header>
      {problem.value !== undefined && !none && (
        <Banner kind="error" action={<Button onClick={load}>Try again</Button>}>
          {sentence(problem.value)}
        </Banner>
      )}
      {known === undefined && problem.value === undefined && <Skeleton height={90} />}
      {known !== undefined && known.length > 0 && (
        <div class="settings-scroll">
          <table class="settings-audit">
            <caption class="unseen">What was done, the newest first</caption>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Who</th>
                <th scope="col">What</th>
                <th scope="col">Of what</th>
              </tr>
            </thead>
            <tbody>
              {known.map(({ at, by, action, subject }) => (
                <tr key={`${at} ${by} ${action} ${subject}`}>
                  <td>{dateAndTime(at)}</td>
                  <td>{by}</td>
                  <td>{action}</td>
                  <td>{subject}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
