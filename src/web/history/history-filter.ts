import { EMOTIONS, type Emotion } from '../../emotions.ts';
import type { CallFilter, CallState, Role } from '../../protocol/index.ts';

/** What is searched for, as it stands in the address, so that a search can be kept and passed on. */
export interface HistoryFilter {
  readonly text: string;
  /** Days of the supervisor's clock, `YYYY-MM-DD`, both inclusive; empty: no bound. */
  readonly from: string;
  readonly to: string;
  /** An hour of one day, 0 to 23, where the heat map has narrowed it; `from` and `to` are that day. */
  readonly hour: number | undefined;
  readonly state: CallState | 'any';
  readonly role: Role | 'any';
  readonly emotion: Emotion | 'any';
  /** In percent, of the labelled windows of a side. */
  readonly minPercent: number;
  /** The name of a rule; `*`: any; empty: whatever. */
  readonly alert: string;
  /** `KEY=VALUE`; empty for none. */
  readonly metadata: string;
}

export const EVERYTHING: HistoryFilter = {
  text: '',
  from: '',
  to: '',
  hour: undefined,
  state: 'any',
  role: 'any',
  emotion: 'any',
  minPercent: 10,
  alert: '',
  metadata: '',
};

const STATES: readonly CallState[] = ['live', 'ended', 'lost'];
const ROLES: readonly Role[] = ['customer', 'employee', 'bot', 'unknown'];
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

const oneOf = <T extends string>(allowed: readonly T[], value: string | null): T | 'any' =>
  allowed.find((each) => each === value) ?? 'any';

const dayOf = (value: string | null): string => (value !== null && DAY.test(value) ? value : '');

export function parseHistory(query: URLSearchParams): HistoryFilter {
  const minPercent = Number(query.get('min') ?? Number.NaN);
  const hour = Number(query.get('hour') ?? Number.NaN);
  return {
    text: query.get('text') ?? '',
    from: dayOf(query.get('from')),
    to: dayOf(query.get('to')),
    hour: Number.isInteger(hour) && hour >= 0 && hour < 24 ? hour : undefined,
    state: oneOf(STATES, query.get('state')),
    role: oneOf(ROLES, query.get('role')),
    emotion: oneOf(EMOTIONS, query.get('emotion')),
    minPercent: minPercent >= 0 && minPercent <= 100 ? minPercent : EVERYTHING.minPercent,
    alert: query.get('alert') ?? '',
    metadata: query.get('metadata') ?? '',
  };
}

export function historyQuery(filter: HistoryFilter): URLSearchParams {
  const query = new URLSearchParams();
  const { text, from, to, hour, state, role, emotion, minPercent, alert, metadata } = filter;
  if (text !== '') query.set('text', text);
  if (from !== '') query.set('from', from);
  if (to !== '') query.set('to', to);
  if (hour !== undefined) query.set('hour', String(hour));
  if (state !== 'any') query.set('state', state);
  if (role !== 'any') query.set('role', role);
  if (emotion !== 'any') query.set('emotion', emotion);
  if (emotion !== 'any' && minPercent !== EVERYTHING.minPercent) query.set('min', String(minPercent));
  if (alert !== '') query.set('alert', alert);
  if (metadata !== '') query.set('metadata', metadata);
  return query;
}

/** The beginning of a day, or of an hour of it, of the supervisor's clock. */
const momentOf = (day: string, hour = 0): Date => new Date(`${day}T${String(hour).padStart(2, '0')}:00:00`);

/** What the server is asked. */
export function callFilterOf(filter: HistoryFilter): CallFilter {
  const { text, from, to, hour, state, role, emotion, minPercent, alert, metadata } = filter;
  const at = metadata.indexOf('=');
  const span = boundsOf(from, to, hour);
  return {
    ...span,
    ...(text.trim() !== '' && { text: text.trim() }),
    ...(state !== 'any' && { state }),
    ...(role !== 'any' && { role }),
    ...(emotion !== 'any' && { emotion: [emotion], minShare: minPercent / 100 }),
    ...(alert !== '' && { alert: [alert] }),
    ...(at > 0 && { metadata: { [metadata.slice(0, at).trim()]: metadata.slice(at + 1).trim() } }),
  };
}

function boundsOf(from: string, to: string, hour: number | undefined): Pick<CallFilter, 'from' | 'to'> {
  if (from !== '' && hour !== undefined) {
    const began = momentOf(from, hour);
    return { from: began.toISOString(), to: new Date(began.getTime() + DAY_MS / 24).toISOString() };
  }
  return {
    ...(from !== '' && { from: momentOf(from).toISOString() }),
    // The day itself is meant too; a day of 23 or 25 hours ends where the next begins.
    ...(to !== '' && { to: momentOf(dayAfter(to)).toISOString() }),
  };
}

/** `YYYY-MM-DD` of the supervisor's clock. */
export function dayText(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function dayAfter(day: string, days = 1): string {
  // At noon, which every day has.
  const noon = new Date(`${day}T12:00:00`);
  noon.setDate(noon.getDate() + days);
  return dayText(noon);
}
