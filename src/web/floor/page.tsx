import { type ReadonlySignal, type Signal, useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { Banner, Button, EmptyState, Loading, Segmented, Skeleton } from '../components/index.ts';
import type { StreamState } from '../event-stream.ts';
import { count } from '../format.ts';
import { replaceQuery, route } from '../router.ts';
import { choice } from '../session.ts';
import { AlertsDialog } from './alerts-dialog.tsx';
import { floor, now } from './floor.ts';
import type { CallEntry } from './floor-calls.ts';
import {
  countFloor,
  type FloorCounts,
  type FloorFilter,
  filterQuery,
  isFiltered,
  NO_FILTER,
  parseFilter,
} from './floor-filter.ts';
import { EmotionChips, FloorFilters } from './floor-filters.tsx';
import { FloorGrid, type FloorView } from './floor-grid.tsx';
import { FloorOrder } from './floor-order.ts';
import { desktopChoice, soundChoice } from './notify.ts';
import { NotifyDialog } from './notify-dialog.tsx';

const view = choice<FloorView>('floor', ['tiles', 'rows'], 'tiles');
const VIEWS = [
  { value: 'tiles', text: 'Tiles', icon: 'floor' },
  { value: 'rows', text: 'Rows', icon: 'rows' },
] as const;

/** Every live call, the most urgent first. */
export function FloorPage(): JSX.Element {
  const filter = useSignal<FloorFilter>(parseFilter(route.value.query));
  const alertsOf = useSignal<CallEntry | undefined>(undefined);
  const telling = useSignal(false);
  const order = useOrder(filter);
  useSignalEffect(() => {
    // The address may change by a link or the browser's history.
    if (route.value.page !== 'floor') return;
    const next = parseFilter(route.value.query);
    if (filterQuery(next).toString() !== filterQuery(filter.peek()).toString()) filter.value = next;
  });
  const change = (next: FloorFilter): void => {
    filter.value = next;
    replaceQuery(filterQuery(next));
  };
  const told = soundChoice.get() === 'on' || desktopChoice.get() === 'on';
  return (
    <>
      <div class="page-head floor-head">
        <h1>Floor</h1>
        <Summary order={order} filter={filter} />
        <div class="floor-controls">
          <Button
            kind="quiet"
            icon={told ? 'bell' : 'bell-off'}
            label={told ? 'Told of new alerts; change' : 'Tell me of new alerts'}
            onClick={() => {
              telling.value = true;
            }}
          />
          <Segmented label="View" value={view.get()} options={VIEWS} onChange={view.set} />
        </div>
      </div>
      <Connection />
      <Filters filter={filter} onChange={change} />
      <Calls order={order} filter={filter} alertsOf={alertsOf} onChange={change} />
      {alertsOf.value !== undefined && (
        <AlertsDialog
          entry={alertsOf.value}
          onClose={() => {
            alertsOf.value = undefined;
            order.pin(false);
          }}
        />
      )}
      {telling.value && (
        <NotifyDialog
          onClose={() => {
            telling.value = false;
          }}
        />
      )}
    </>
  );
}

function useOrder(filter: Signal<FloorFilter>): FloorOrder {
  const order = useMemo(() => new FloorOrder(floor, filter), [filter]);
  useEffect(() => () => order.close(), [order]);
  return order;
}

interface Filtered {
  readonly filter: ReadonlySignal<FloorFilter>;
  readonly onChange: (filter: FloorFilter) => void;
}

/** Counted again with every change of the floor; only what shows the counts is drawn again then. */
function useCounts(filter: ReadonlySignal<FloorFilter>): FloorCounts {
  return useComputed(() => {
    floor.version.value;
    const calls = [...floor.entries.values()].flatMap(({ state }) => {
      const { call, ended } = state.peek();
      return ended ? [] : [call];
    });
    return countFloor(calls, filter.value.role, now.peek());
  }).value;
}

function Filters({ filter, onChange }: Filtered): JSX.Element | null {
  const counts = useCounts(filter);
  // Nothing to choose from.
  if (floor.loaded.value && counts.calls === 0 && !isFiltered(filter.value)) return null;
  return (
    <>
      <FloorFilters filter={filter.value} counts={counts} onChange={onChange} />
      <EmotionChips filter={filter.value} counts={counts} onChange={onChange} />
    </>
  );
}

function Summary(props: { readonly order: FloorOrder; readonly filter: ReadonlySignal<FloorFilter> }): JSX.Element {
  const { calls, alerted, waiting } = useCounts(props.filter);
  const shown = props.order.order.value.length;
  if (!floor.loaded.value) return <p class="soft floor-summary">…</p>;
  return (
    <p class="soft floor-summary">
      <span>
        {isFiltered(props.filter.value) ? `${shown} of ${count(calls, 'live call')}` : count(calls, 'live call')}
      </span>
      <span>{alerted === 0 ? 'no alerts' : `${alerted} with alerts`}</span>
      {waiting > 0 && <strong>{waiting} waiting</strong>}
      {props.order.held.value && <span class="floor-held">order held while you point</span>}
    </p>
  );
}

/** A connection that is back within so long is nothing to tell of. */
const SHORT_LOSS_MS = 2_000;

/** Of the connection, as it is worth telling. */
function useConnection(): StreamState {
  const told = useSignal(floor.connection.peek());
  useSignalEffect(() => {
    const state = floor.connection.value;
    if (state !== 'lost') {
      told.value = state;
      return;
    }
    const timer = setTimeout(() => {
      told.value = state;
    }, SHORT_LOSS_MS);
    return () => clearTimeout(timer);
  });
  return told.value;
}

/** What is wrong with the connection, if something is. */
function Connection(): JSX.Element | null {
  const state = useConnection();
  const heardAt = floor.heardAt.value;
  if (state === 'lost') {
    return (
      <Banner kind="warning" icon="offline">
        <strong>Connection lost.</strong>{' '}
        {heardAt === undefined
          ? 'The server does not answer; trying again.'
          : `This is the floor of ${new Date(heardAt).toLocaleTimeString([], { hourCycle: 'h23' })}; trying again.`}
      </Banner>
    );
  }
  if (state === 'failed') {
    return (
      <Banner kind="error" icon="offline" action={<Button onClick={() => floor.start()}>Try again</Button>}>
        {floor.error.value?.message ?? 'The server refuses the floor.'}
      </Banner>
    );
  }
  return null;
}

interface CallsProps extends Filtered {
  readonly order: FloorOrder;
  readonly alertsOf: Signal<CallEntry | undefined>;
}

function Calls({ order, filter, alertsOf, onChange }: CallsProps): JSX.Element | null {
  const connection = useConnection();
  if (!floor.loaded.value) return connection === 'failed' ? null : <LoadingCalls />;
  if (order.order.value.length === 0) {
    return isFiltered(filter.value) ? (
      <EmptyState icon="filter" title="No live call matches">
        <Button onClick={() => onChange(NO_FILTER)}>Clear the filters</Button>
      </EmptyState>
    ) : (
      <EmptyState icon="floor" title="It is quiet">
        No call is live. Calls appear here as soon as their audio comes; <a href="#/try">try it</a> with a microphone or
        a file.
      </EmptyState>
    );
  }
  const onAlerts = (entry: CallEntry): void => {
    alertsOf.value = entry;
    order.pin(true);
  };
  return (
    <div class={connection === 'lost' || connection === 'failed' ? 'floor-live stale' : 'floor-live'}>
      <FloorGrid order={order} view={view.get()} onAlerts={onAlerts} />
    </div>
  );
}

function LoadingCalls(): JSX.Element {
  return (
    <div class="floor-loading">
      <Loading what="the live calls" />
      {Array.from({ length: 8 }, (_, n) => (
        <div key={n} class="floor-ghost">
          <Skeleton width="40%" />
          <Skeleton height={56} />
          <Skeleton width="70%" />
          <Skeleton width="55%" />
        </div>
      ))}
    </div>
  );
}
