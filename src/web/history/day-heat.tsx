import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { EMOTIONS, type Emotion } from '../../emotions.ts';
import type { DayHeat } from '../../protocol/index.ts';
import { api } from '../api.ts';
import { sentence } from '../api-error.ts';
import { Banner, Button, EmotionShape, Skeleton } from '../components/index.ts';
import { EMOTION_LOOKS } from '../emotions.ts';
import { count, percent } from '../format.ts';
import { dayAfter, dayText } from './history-filter.ts';

/** A cell of this share or more is as dark as it gets: anger is seldom over half of an hour. */
const DARKEST_SHARE = 0.6;

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const two = (hour: number): string => String(hour).padStart(2, '0');

/** A day by its hours: how much of the labelled speech was which emotion. A cell narrows the search to it. */
export function DayHeatMap(props: {
  readonly day: string;
  readonly hour: number | undefined;
  readonly emotion: Emotion | 'any';
  readonly onDay: (day: string) => void;
  readonly onCell: (hour: number | undefined, emotion: Emotion | 'any') => void;
}): JSX.Element {
  const { day } = props;
  const heat = useSignal<DayHeat | undefined>(undefined);
  const problem = useSignal<unknown>(undefined);
  const pointed = useSignal<string>('');
  useEffect(() => {
    const asking = new AbortController();
    problem.value = undefined;
    api.day(day, -new Date(`${day}T12:00:00`).getTimezoneOffset(), { signal: asking.signal }).then(
      (answer) => {
        heat.value = answer;
      },
      (thrown: unknown) => {
        if (!asking.signal.aborted) problem.value = thrown;
      },
    );
    return () => asking.abort();
  }, [day]);
  const today = dayText(new Date());
  const shown = heat.value?.date === day ? heat.value : undefined;
  const calls = shown?.hours.reduce((sum, hour) => sum + hour.calls, 0);
  return (
    <section class="heat card" aria-label="The day by hours">
      <header class="heat-head">
        <h2>
          {new Date(`${day}T12:00:00`).toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long' })}
        </h2>
        <span class="soft">{calls === undefined ? '…' : count(calls, 'call')}</span>
        <span class="heat-steps">
          <Button
            kind="quiet"
            small
            icon="back"
            label="The day before"
            onClick={() => props.onDay(dayAfter(day, -1))}
          />
          <span class="heat-next">
            <Button
              kind="quiet"
              small
              icon="back"
              label="The day after"
              disabled={day >= today}
              onClick={() => props.onDay(dayAfter(day))}
            />
          </span>
        </span>
      </header>
      {problem.value !== undefined && <Banner kind="error">{sentence(problem.value)}</Banner>}
      {shown === undefined && problem.value === undefined && <Skeleton height={196} />}
      {shown !== undefined && (
        <div class="heat-scroll">
          <table class="heat-table">
            <caption class="unseen">Share of the labelled speech by hour and emotion</caption>
            <thead>
              <tr>
                <td />
                {HOURS.map((hour) => (
                  <th key={hour} scope="col" class={hour % 3 === 0 ? '' : 'minor'}>
                    {two(hour)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {EMOTIONS.map((emotion) => (
                <tr key={emotion}>
                  <th scope="row">
                    <EmotionShape label={emotion} />
                    <span>{EMOTION_LOOKS[emotion].word}</span>
                  </th>
                  {shown.hours.map((hour, at) => {
                    const share = hour.shares[emotion] ?? 0;
                    const chosen = props.hour === at && props.emotion === emotion;
                    const words = `${two(at)}:00, ${EMOTION_LOOKS[emotion].word.toLowerCase()} ${percent(share)} of ${count(hour.calls, 'call')}, ${count(hour.alerts, 'alert')}`;
                    return (
                      <td key={two(at)}>
                        <button
                          type="button"
                          class="heat-cell"
                          aria-label={words}
                          aria-pressed={chosen}
                          disabled={hour.calls === 0}
                          style={{ '--share': Math.min(1, share / DARKEST_SHARE).toFixed(3) }}
                          onClick={() => props.onCell(chosen ? undefined : at, chosen ? 'any' : emotion)}
                          onFocus={() => {
                            pointed.value = words;
                          }}
                          onPointerEnter={() => {
                            pointed.value = words;
                          }}
                        />
                      </td>
                    );
                  })}
                </tr>
              ))}
              <tr class="heat-counts">
                <th scope="row">Calls</th>
                {shown.hours.map(({ calls: number }, at) => (
                  <td key={two(at)}>{number === 0 ? '' : number}</td>
                ))}
              </tr>
              <tr class="heat-counts">
                <th scope="row">Alerts</th>
                {shown.hours.map(({ alerts }, at) => (
                  <td key={two(at)}>{alerts === 0 ? '' : alerts}</td>
                ))}
              </tr>
            </tbody>
          </table>
        </div>
      )}
      <p class="heat-pointed small soft">
        {pointed.value === ''
          ? 'The darker a cell, the more of the labelled speech of that hour; a click searches for it.'
          : pointed.value}
      </p>
    </section>
  );
}
