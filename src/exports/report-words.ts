import { clock } from '../clock.ts';
import type { AlertEvidence } from '../protocol/index.ts';

/** What stands where nothing is known. */
export const UNKNOWN = '–';

export const percentOf = (share: number | null): string => (share === null ? UNKNOWN : `${Math.round(share * 100)} %`);

/** A length of time: tenths of a second under a minute, then `m:ss.t`. */
export function lengthOf(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : clock(ms);
}

export const timesOf = (count: number): string => `${count} ${count === 1 ? 'time' : 'times'}`;

/** A position in the call. */
export const positionOf = (ms: number | null): string => (ms === null ? UNKNOWN : clock(ms));

export const decimal = (value: number | null, digits = 2): string =>
  value === null ? UNKNOWN : minus(value.toFixed(digits));

/** A difference, with its sign and unit. */
export function signed(value: number | null, unit = '', digits = 2): string {
  if (value === null) return UNKNOWN;
  const text = value.toFixed(digits);
  return `${value > 0 && Number(text) !== 0 ? '+' : ''}${minus(text)}${unit === '' ? '' : ` ${unit}`}`;
}

const minus = (text: string): string => (Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−'));

/** Measures in ms, and those of 0 to 1 that are shares of time. */
const TIMES = new Set(['silence', 'overtalk', 'duration', 'longest-turn', 'answer-pause', 'anger-time']);
const SHARES = new Set(['speech', 'clipping', 'talk-ratio', 'talk-share', 'silence-ratio', 'overtalk-ratio']);

/** `caller: anger 0.72, above 0.6`; `caller: valence fell by 0.1, not 0.4`. */
export function evidenceText({ measure, comparison, threshold, value, holds, channelName }: AlertEvidence): string {
  const side = channelName === undefined ? '' : `${channelName}: `;
  const not = holds === false ? 'not ' : '';
  if (comparison === 'is') return `${side}${measure} ${value ?? UNKNOWN}${holds === false ? `, not ${threshold}` : ''}`;
  const amount = (of: AlertEvidence['value']): string => {
    if (typeof of !== 'number') return of ?? UNKNOWN;
    if (TIMES.has(measure)) return lengthOf(of);
    return SHARES.has(measure) ? percentOf(of) : minus(String(Math.round(of * 100) / 100));
  };
  if (comparison === 'falls' || comparison === 'rises') {
    const moved = comparison === 'falls' ? 'fell' : 'rose';
    return `${side}${measure} ${moved} by ${amount(value)}, ${holds === false ? 'not' : 'over'} ${amount(threshold)}`;
  }
  return `${side}${measure} ${amount(value)}, ${not}${comparison} ${amount(threshold)}`;
}
