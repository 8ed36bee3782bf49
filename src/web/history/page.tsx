import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { api, saveFile } from '../api.ts';
import { ApiError, sentence } from '../api-error.ts';
import { Banner, Button, EmptyState, Loading, Skeleton, toastError } from '../components/index.ts';
import { count } from '../format.ts';
import { replaceQuery, route } from '../router.ts';
import { Compare } from './compare.tsx';
import { DayHeatMap } from './day-heat.tsx';
import { EraseCaller } from './erase-caller.tsx';
import { Filters } from './filters.tsx';
import { HistoryCalls } from './history-calls.ts';
import { dayText, EVERYTHING, type HistoryFilter, historyQuery, parseHistory } from './history-filter.ts';
import { MOST_CHOSEN, Results } from './results.tsx';

/** Calls that are kept: searched, looked at by the hour, compared. */
export function HistoryPage(): JSX.Element {
  const found = useMemo(() => new HistoryCalls(), []);
  const filter = parseHistory(route.value.query);
  const asked = historyQuery(filter).toString();
  const chosen = useSignal<readonly string[]>([]);
  const comparing = useSignal(false);
  const erasing = useSignal(false);
  useEffect(() => found.search(filter), [asked]);
  useEffect(() => () => found.close(), [found]);
  const change = (next: HistoryFilter): void => replaceQuery(historyQuery(next));
  const calls = found.calls.value;
  const rules = useMemo(() => [...new Set(calls.flatMap(({ alerts }) => alerts.rules))].sort(), [calls]);
  const day = filter.to === '' ? dayText(new Date()) : filter.to;
  const noStore = found.problem.value instanceof ApiError && found.problem.value.code === 'no-store';

  if (noStore) {
    return (
      <>
        <Head />
        <EmptyState icon="history" title="Nothing is kept here">
          {sentence(found.problem.value)}
        </EmptyState>
      </>
    );
  }
  return (
    <div class="history">
      <Head
        actions={
          <>
            <Button
              icon="download"
              onClick={() => {
                api.correctionsFile().then((blob) => saveFile(blob, 'corrections.csv'), toastError);
              }}
            >
              Corrections as training data
            </Button>
            <Button
              icon="trash"
              onClick={() => {
                erasing.value = true;
              }}
            >
              Erase a caller
            </Button>
          </>
        }
      />
      <Filters filter={filter} rules={rules} onChange={change} />
      <DayHeatMap
        day={day}
        hour={filter.from === filter.to ? filter.hour : undefined}
        emotion={filter.emotion}
        onDay={(next) => change({ ...filter, from: next, to: next, hour: undefined })}
        onCell={(hour, emotion) =>
          change({ ...filter, from: day, to: day, hour, emotion, minPercent: EVERYTHING.minPercent })
        }
      />
      {chosen.value.length > 0 && (
        <Banner
          kind="info"
          icon="rows"
          action={
            <>
              <Button
                kind="primary"
                small
                disabled={chosen.value.length < MOST_CHOSEN}
                onClick={() => {
                  comparing.value = true;
                }}
              >
                Compare
              </Button>
              <Button
                small
                onClick={() => {
                  chosen.value = [];
                }}
              >
                Clear
              </Button>
            </>
          }
        >
          {chosen.value.length < MOST_CHOSEN
            ? 'One call is chosen; choose another to compare them.'
            : chosen.value.join(' and ')}
        </Banner>
      )}
      {comparing.value && chosen.value.length === MOST_CHOSEN && (
        <Compare
          callIds={[chosen.value[0]!, chosen.value[1]!]}
          onClose={() => {
            comparing.value = false;
          }}
        />
      )}
      {found.problem.value !== undefined && (
        <Banner kind="error" action={<Button onClick={() => found.again()}>Try again</Button>}>
          {sentence(found.problem.value)}
        </Banner>
      )}
      {calls.length > 0 && (
        <Results
          calls={calls}
          chosen={chosen.value}
          onChoose={(callId, on) => {
            chosen.value = on ? [...chosen.value, callId] : chosen.value.filter((each) => each !== callId);
          }}
        />
      )}
      {calls.length === 0 && !found.loading.value && found.problem.value === undefined && (
        <EmptyState icon="search" title={asked === '' ? 'No call is kept yet' : 'No call is like that'}>
          {asked === ''
            ? 'Calls appear here once they have begun, and stay when they have ended.'
            : 'Every condition must hold; take one away.'}
        </EmptyState>
      )}
      {found.loading.value && (
        <>
          <Loading what="calls" />
          {calls.length === 0 && <Skeleton height={320} />}
        </>
      )}
      <p class="history-more soft small" role="status">
        {calls.length > 0 &&
          !found.loading.value &&
          (found.more.value ? `${count(calls.length, 'call')} so far` : `${count(calls.length, 'call')}, which is all`)}
      </p>
      {found.more.value && (
        <p class="history-more">
          <Button disabled={found.loading.value} onClick={() => found.continue()}>
            Show more
          </Button>
        </p>
      )}
      {erasing.value && (
        <EraseCaller
          onClose={() => {
            erasing.value = false;
          }}
          onErased={(callIds) => {
            found.remove(callIds);
            chosen.value = chosen.value.filter((callId) => !callIds.includes(callId));
          }}
        />
      )}
    </div>
  );
}

function Head({ actions }: { readonly actions?: JSX.Element }): JSX.Element {
  return (
    <div class="page-head">
      <div>
        <h1>History</h1>
        <p class="soft">Calls that are kept, live ones among them.</p>
      </div>
      {actions !== undefined && <div class="history-actions">{actions}</div>}
    </div>
  );
}
