import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { DeskSettings } from '../../protocol/index.ts';
import { api } from '../api.ts';
import { sentence } from '../api-error.ts';
import { Banner, Button, Loading, Skeleton } from '../components/index.ts';
import { About } from './about.tsx';
import { Audit } from './audit.tsx';
import { Policy } from './policy.tsx';
import { Retention } from './retention.tsx';
import { Rules } from './rules.tsx';
import { Webhooks } from './webhooks.tsx';

/** Rules with their test, what is kept for how long, whose emotions are looked at, webhooks, and who did what. */
export function SettingsPage(): JSX.Element {
  const settings = useSignal<DeskSettings | undefined>(undefined);
  const problem = useSignal<unknown>(undefined);
  const load = (signal?: AbortSignal): void => {
    problem.value = undefined;
    api.settings({ signal }).then(
      (answer) => {
        settings.value = answer;
      },
      (thrown: unknown) => {
        if (signal?.aborted !== true) problem.value = thrown;
      },
    );
  };
  useEffect(() => {
    const asking = new AbortController();
    load(asking.signal);
    return () => asking.abort();
  }, []);
  const known = settings.value;
  const taken = (answer: DeskSettings): void => {
    settings.value = answer;
  };
  return (
    <div class="settings">
      <div class="page-head">
        <h1>Settings</h1>
      </div>
      {problem.value !== undefined && (
        <Banner kind="error" action={<Button onClick={() => load()}>Try again</Button>}>
          {sentence(problem.value)}
        </Banner>
      )}
      {known?.store?.failing !== null && known?.store?.failing !== undefined && (
        <Banner kind="error">The store does not take what is heard: {known.store.failing}</Banner>
      )}
      <Rules />
      {known === undefined && problem.value === undefined && (
        <>
          <Loading what="settings" />
          <Skeleton height={160} />
        </>
      )}
      {known !== undefined && (
        <>
          <Retention settings={known} onSaved={taken} />
          <Policy settings={known} onSaved={taken} />
        </>
      )}
      <Webhooks />
      <Audit />
      {known !== undefined && <About settings={known} />}
    </div>
  );
}
