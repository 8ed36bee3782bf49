import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { Role } from '../../protocol/index.ts';
import { Button, EmotionShape, Icon } from '../components/index.ts';
import { EMOTION_LOOKS, type Label } from '../emotions.ts';
import { ROLE_WORDS } from '../format.ts';
import { type AlertWanted, type FloorCounts, type FloorFilter, isFiltered, LABELS, NO_FILTER } from './floor-filter.ts';

interface FiltersProps {
  readonly filter: FloorFilter;
  readonly counts: FloorCounts;
  readonly onChange: (filter: FloorFilter) => void;
}

/** What the floor is narrowed by: text, alert, side, metadata. */
export function FloorFilters({ filter, counts, onChange }: FiltersProps): JSX.Element {
  const change = (part: Partial<FloorFilter>): void => onChange({ ...filter, ...part });
  // Where the window is narrow, what is chosen less often is behind a button.
  const open = useSignal(false);
  const narrowed = isFiltered({ ...filter, text: '', emotions: [] });
  return (
    <search class={open.value ? 'floor-filters open' : 'floor-filters'} aria-label="Filters">
      <label class="floor-search">
        <Icon name="search" />
        <span class="unseen">Search by call, name or metadata</span>
        <input
          class="input"
          type="search"
          placeholder="Search calls"
          value={filter.text}
          onInput={(event) => change({ text: event.currentTarget.value })}
        />
      </label>
      <span class="floor-filter-switch">
        <Button
          icon="filter"
          label={narrowed ? 'More filters, some are set' : 'More filters'}
          pressed={open.value || narrowed}
          onClick={() => {
            open.value = !open.value;
          }}
        />
      </span>
      <Select
        label="Alerts"
        value={filter.alert}
        options={[
          ['any', 'All alerts'],
          ['raised', 'With an alert'],
          ['waiting', 'Waiting for somebody'],
          ['high', 'High severity'],
          ['medium', 'Medium severity'],
          ['low', 'Low severity'],
          ...withChosen(counts.rules, filter.alert, 'rule:').map((rule) => [`rule:${rule}`, rule] as const),
        ]}
        onChange={(value) => change({ alert: value as AlertWanted })}
      />
      <Select
        label="Side"
        value={filter.role}
        options={[
          ['any', 'All sides'],
          ...(['customer', 'employee', 'bot', 'unknown'] as const).map((role) => [role, ROLE_WORDS[role]] as const),
        ]}
        onChange={(value) => change({ role: value as Role | 'any' })}
      />
      {(counts.metadata.length > 0 || filter.metadata !== '') && (
        <Select
          label="Metadata"
          value={filter.metadata}
          options={[
            ['', 'All metadata'],
            ...withChosen(counts.metadata, filter.metadata).map((pair) => [pair, pair.replace('=', ': ')] as const),
          ]}
          onChange={(value) => change({ metadata: value })}
        />
      )}
      {isFiltered(filter) && (
        <span class="floor-clear">
          <Button kind="quiet" icon="close" onClick={() => onChange(NO_FILTER)}>
            Clear
          </Button>
        </span>
      )}
    </search>
  );
}

/** The labels that there are now, with how many calls have them; each turns the filter by it on and off. */
export function EmotionChips({ filter, counts, onChange }: FiltersProps): JSX.Element {
  const toggle = (label: Label): void => {
    const chosen = filter.emotions.includes(label);
    onChange({
      ...filter,
      emotions: LABELS.filter((each) => (each === label ? !chosen : filter.emotions.includes(each))),
    });
  };
  return (
    <fieldset class="floor-chips">
      <legend class="unseen">Emotions now</legend>
      {LABELS.map((label) => {
        const pressed = filter.emotions.includes(label);
        const number = counts.labels.get(label) ?? 0;
        return (
          <button
            key={label}
            type="button"
            class={number === 0 && !pressed ? 'floor-chip none' : 'floor-chip'}
            aria-pressed={pressed}
            onClick={() => toggle(label)}
          >
            <EmotionShape label={label} />
            {EMOTION_LOOKS[label].word}
            <span class="floor-chip-count">{number}</span>
          </button>
        );
      })}
    </fieldset>
  );
}

/** What is chosen stays among the choices when no call has it any more. */
function withChosen(values: readonly string[], chosen: string, prefix = ''): readonly string[] {
  const value = chosen.startsWith(prefix) ? chosen.slice(prefix.length) : '';
  return value === '' || values.includes(value) ? values : [...values, value];
}

function Select(props: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}): JSX.Element {
  const id = useId();
  return (
    <span class="floor-select">
      <label class="unseen" for={id}>
        {props.label}
      </label>
      <select id={id} class="input" value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </span>
  );
}
