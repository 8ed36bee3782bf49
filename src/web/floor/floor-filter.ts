import { EMOTIONS } from '../../emotions.ts';
import type { AlertSeverity, FloorAlert, FloorCall, FloorLeg, Role } from '../../protocol/index.ts';
import type { Label } from '../emotions.ts';

/** `any`: whatever; `raised`: one at least; `waiting`: one that nobody has taken or seen to; a severity; `rule:NAME`. */
export type AlertWanted = 'any' | 'raised' | 'waiting' | AlertSeverity | `rule:${string}`;

/** Which calls of the floor are shown. It is in the address, so that it can be kept and passed on. */
export interface FloorFilter {
  readonly text: string;
  /** One of them; empty: whatever. */
  readonly emotions: readonly Label[];
  /** The side that the emotions are of. */
  readonly role: Role | 'any';
  readonly alert: AlertWanted;
  /** `KEY=VALUE`; empty for none. */
  readonly metadata: string;
}

export const NO_FILTER: FloorFilter = { text: '', emotions: [], role: 'any', alert: 'any', metadata: '' };
export const LABELS: readonly Label[] = [...EMOTIONS, 'unknown'];
const ROLES: readonly string[] = ['customer', 'employee', 'bot', 'unknown'];
const ALERTS: readonly string[] = ['raised', 'waiting', 'high', 'medium', 'low'];

export function parseFilter(query: URLSearchParams): FloorFilter {
  const role = query.get('role') ?? '';
  const alert = query.get('alert') ?? '';
  const emotions = query.getAll('emotion');
  return {
    text: query.get('text') ?? '',
    emotions: LABELS.filter((label) => emotions.includes(label)),
    role: ROLES.includes(role) ? (role as Role) : 'any',
    alert: ALERTS.includes(alert) || alert.startsWith('rule:') ? (alert as AlertWanted) : 'any',
    metadata: query.get('metadata') ?? '',
  };
}

export function filterQuery({ text, emotions, role, alert, metadata }: FloorFilter): URLSearchParams {
  const query = new URLSearchParams();
  if (text !== '') query.set('text', text);
  for (const emotion of emotions) query.append('emotion', emotion);
  if (role !== 'any') query.set('role', role);
  if (alert !== 'any') query.set('alert', alert);
  if (metadata !== '') query.set('metadata', metadata);
  return query;
}

export const isFiltered = (filter: FloorFilter): boolean => filterQuery(filter).size > 0;

export function isSnoozed({ snoozedUntil }: FloorAlert, nowMs: number): boolean {
  return snoozedUntil !== null && Date.parse(snoozedUntil) > nowMs;
}

/** Whether nobody has taken it or seen to it. */
export const isWaiting = (alert: FloorAlert, nowMs: number): boolean =>
  alert.takenBy === null && !alert.acknowledged && !alert.wrong && !isSnoozed(alert, nowMs);

export const legsOf = (call: FloorCall, role: FloorFilter['role']): readonly FloorLeg[] =>
  role === 'any' ? call.legs : call.legs.filter((leg) => leg.role === role);

export function matches(call: FloorCall, filter: FloorFilter, nowMs: number): boolean {
  return (
    matchesText(call, filter.text) &&
    matchesAlert(call, filter.alert, nowMs) &&
    matchesMetadata(call, filter.metadata) &&
    matchesSide(call, filter)
  );
}

function matchesText({ callId, legs, metadata }: FloorCall, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return true;
  const words = [callId, ...legs.map(({ name }) => name), ...Object.values(metadata).map(String)];
  return words.some((word) => word.toLowerCase().includes(wanted));
}

function matchesAlert({ alerts }: FloorCall, wanted: AlertWanted, nowMs: number): boolean {
  if (wanted === 'any') return true;
  if (wanted === 'raised') return alerts.length > 0;
  if (wanted === 'waiting') return alerts.some((alert) => isWaiting(alert, nowMs));
  if (wanted.startsWith('rule:')) return alerts.some(({ rule }) => rule === wanted.slice('rule:'.length));
  return alerts.some(({ severity }) => severity === wanted);
}

function matchesMetadata({ metadata }: FloorCall, wanted: string): boolean {
  if (wanted === '') return true;
  const at = wanted.indexOf('=');
  const value = metadata[wanted.slice(0, at)];
  return value !== undefined && String(value) === wanted.slice(at + 1);
}

function matchesSide(call: FloorCall, { emotions, role }: FloorFilter): boolean {
  const legs = legsOf(call, role);
  if (emotions.length === 0) return role === 'any' || legs.length > 0;
  return legs.some(({ label }) => emotions.includes(label));
}

/** What there is to choose from, and how much of it. */
export interface FloorCounts {
  readonly calls: number;
  /** Calls with an alert, and those with one that waits. */
  readonly alerted: number;
  readonly waiting: number;
  /** Calls with a side (of the role chosen) of this label now. */
  readonly labels: ReadonlyMap<Label, number>;
  readonly rules: readonly string[];
  readonly metadata: readonly string[];
}

/** More values than that of one key are names of single calls, not something to choose by. */
const MOST_VALUES = 30;

export function countFloor(calls: readonly FloorCall[], role: FloorFilter['role'], nowMs: number): FloorCounts {
  const labels = new Map<Label, number>();
  const rules = new Set<string>();
  const values = new Map<string, Set<string>>();
  let [alerted, waiting] = [0, 0];
  for (const call of calls) {
    if (call.alerts.length > 0) alerted += 1;
    if (call.alerts.some((alert) => isWaiting(alert, nowMs))) waiting += 1;
    for (const label of new Set(legsOf(call, role).map((leg) => leg.label))) {
      labels.set(label, (labels.get(label) ?? 0) + 1);
    }
    for (const { rule } of call.alerts) rules.add(rule);
    for (const [key, value] of Object.entries(call.metadata)) {
      const known = values.get(key) ?? new Set();
      values.set(key, known.add(String(value)));
    }
  }
  const metadata = [...values]
    .filter(([, known]) => known.size <= MOST_VALUES)
    .flatMap(([key, known]) => [...known].map((value) => `${key}=${value}`));
  return { calls: calls.length, alerted, waiting, labels, rules: [...rules].sort(), metadata: metadata.sort() };
}
