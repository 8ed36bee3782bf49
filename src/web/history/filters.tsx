import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId } from 'preact/hooks';
import { EMOTIONS, type Emotion } from '../../emotions.ts';
import type { CallState, Role } from '../../protocol/index.ts';
import { Button, Icon, Segmented } from '../components/index.ts';
import { EMOTION_LOOKS } from '../emotions.ts';
import { ROLE_WORDS } from '../format.ts';
import { dayAfter, dayText, EVERYTHING, type HistoryFilter, historyQuery } from './history-filter.ts';

/** Text is searched for once it has not changed for so long. */
const TYPING_MS = 250;

const SPANS = [
  { value: 'all', text: 'Any time' },
  { value: 'today', text: 'Today' },
  { value: 'yesterday', text: 'Yesterday' },
  { value: 'week', text: '7 days' },
  { value: 'other', text: 'Dates' },
] as const;
type Span = (typeof SPANS)[number]['value'];

function spanOf({ from, to }: HistoryFilter): Span {
  const today = dayText(new Date());
  if (from === '' && to === '') return 'all';
  if (from === today && to === today) return 'today';
  if (from === dayAfter(today, -1) && to === from) return 'yesterday';
  if (from === dayAfter(today, -6) && to === today) return 'week';
  return 'other';
}

function datesOf(span: Span, { from, to }: HistoryFilter): Pick<HistoryFilter, 'from' | 'to' | 'hour'> {
  const today = dayText(new Date());
  const yesterday = dayAfter(today, -1);
  switch (span) {
    case 'all':
      return { from: '', to: '', hour: undefined };
    case 'today':
      return { from: today, to: today, hour: undefined };
    case 'yesterday':
      return { from: yesterday, to: yesterday, hour: undefined };
    case 'week':
      return { from: dayAfter(today, -6), to: today, hour: undefined };
    case 'other':
      return { from: from === '' ? dayAfter(today, -30) : from, to: to === '' ? today : to, hour: undefined };
  }
}

/** What calls are searched by; every condition must hold. */
export function Filters(props: {
  readonly filter: HistoryFilter;
  readonly rules: readonly string[];
  readonly onChange: (filter: HistoryFilter) => void;
}): JSX.Element {
  const { filter, rules } = props;
  const change = (part: Partial<HistoryFilter>): void => props.onChange({ ...filter, ...part });
  // "Dates" stays open although the dates may be those of a shorter way to say it.
  const dates = useSignal(spanOf(filter) === 'other');
  const span = dates.value ? 'other' : spanOf(filter);
  return (
    <search class="history-filters" aria-label="Filters">
      <TypedInput
        class="history-search"
        label="Search by call id or metadata"
        placeholder="Call id or metadata"
        icon="search"
        value={filter.text}
        onChange={(text) => change({ text })}
      />
      <TypedInput
        label="Metadata"
        placeholder="key=value"
        value={filter.metadata}
        onChange={(metadata) => change({ metadata })}
      />
      <Segmented
        label="When"
        value={span}
        options={SPANS}
        onChange={(next) => {
          dates.value = next === 'other';
          change(datesOf(next, filter));
        }}
      />
      {span === 'other' && (
        <>
          <Field label="From">
            {(id) => (
              <input
                id={id}
                class="input"
                type="date"
                value={filter.from}
                onChange={(event) => change({ from: event.currentTarget.value, hour: undefined })}
              />
            )}
          </Field>
          <Field label="To">
            {(id) => (
              <input
                id={id}
                class="input"
                type="date"
                value={filter.to}
                onChange={(event) => change({ to: event.currentTarget.value, hour: undefined })}
              />
            )}
          </Field>
        </>
      )}
      <span class="history-break" />
      <Field label="Side">
        {(id) => (
          <select
            id={id}
            class="input"
            value={filter.role}
            onChange={(event) => change({ role: event.currentTarget.value as Role | 'any' })}
          >
            <option value="any">All sides</option>
            {(['customer', 'employee', 'bot', 'unknown'] as const).map((role) => (
              <option key={role} value={role}>
                {ROLE_WORDS[role]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Emotion">
        {(id) => (
          <select
            id={id}
            class="input"
            value={filter.emotion}
            onChange={(event) => change({ emotion: event.currentTarget.value as Emotion | 'any' })}
          >
            <option value="any">Any emotion</option>
            {EMOTIONS.map((emotion) => (
              <option key={emotion} value={emotion}>
                {EMOTION_LOOKS[emotion].word}
              </option>
            ))}
          </select>
        )}
      </Field>
      {filter.emotion !== 'any' && (
        <Field label="At least">
          {(id) => (
            <select
              id={id}
              class="input"
              value={String(filter.minPercent)}
              onChange={(event) => change({ minPercent: Number(event.currentTarget.value) })}
            >
              {[...new Set([1, 5, 10, 20, 30, 50, 75, filter.minPercent])]
                .sort((a, b) => a - b)
                .map((percent) => (
                  <option key={percent} value={String(percent)}>
                    {percent} % of a side
                  </option>
                ))}
            </select>
          )}
        </Field>
      )}
      <Field label="Alert">
        {(id) => (
          <select
            id={id}
            class="input"
            value={filter.alert}
            onChange={(event) => change({ alert: event.currentTarget.value })}
          >
            <option value="">With or without</option>
            <option value="*">Any alert</option>
            {[...new Set([...rules, ...(filter.alert === '' || filter.alert === '*' ? [] : [filter.alert])])].map(
              (rule) => (
                <option key={rule} value={rule}>
                  {rule}
                </option>
              ),
            )}
          </select>
        )}
      </Field>
      <Field label="State">
        {(id) => (
          <select
            id={id}
            class="input"
            value={filter.state}
            onChange={(event) => change({ state: event.currentTarget.value as CallState | 'any' })}
          >
            <option value="any">Any state</option>
            <option value="live">Live</option>
            <option value="ended">Ended</option>
            <option value="lost">Cut off</option>
          </select>
        )}
      </Field>
      {historyQuery(filter).size > 0 && (
        <span class="history-clear">
          <Button
            kind="quiet"
            icon="close"
            onClick={() => {
              dates.value = false;
              props.onChange(EVERYTHING);
            }}
          >
            Clear
          </Button>
        </span>
      )}
    </search>
  );
}

function Field(props: { readonly label: string; readonly children: (id: string) => ComponentChildren }): JSX.Element {
  const id = useId();
  return (
    <span class="field">
      <label for={id}>{props.label}</label>
      {props.children(id)}
    </span>
  );
}

/** Text that counts once its writer pauses, or presses Enter. */
function TypedInput(props: {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly icon?: 'search';
  readonly class?: string;
  readonly onChange: (value: string) => void;
}): JSX.Element {
  const id = useId();
  const typed = useSignal(props.value);
  useEffect(() => {
    typed.value = props.value;
  }, [props.value]);
  useEffect(() => {
    if (typed.value === props.value) return;
    const timer = setTimeout(() => props.onChange(typed.peek()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed.value]);
  return (
    <span class={`field ${props.class ?? ''}`}>
      <label for={id}>{props.label}</label>
      <span class="history-typed">
        {props.icon !== undefined && <Icon name={props.icon} />}
        <input
          id={id}
          class="input"
          type="search"
          placeholder={props.placeholder}
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') props.onChange(typed.peek());
          }}
        />
      </span>
    </span>
  );
}
