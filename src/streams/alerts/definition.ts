import type { AlertRule } from './rules.ts';

/** A rule as text, the same for rules that say the same, whatever the order of their keys. */
export function definitionOf(rule: AlertRule): string {
  return JSON.stringify(rule, (_, value: unknown) => sorted(value));
}

function sorted(value: unknown): unknown {
  // JSON knows no infinity; a range that never ends has one.
  if (value === Number.POSITIVE_INFINITY) return 'infinite';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
