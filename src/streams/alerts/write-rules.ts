import { stringify } from 'yaml';
import { measureOf } from './measures.ts';
import { inWords } from './rule-reader.ts';
import type { AlertRule, Comparison, Condition, Sides, TimeBound } from './rules.ts';

/** Rules as YAML that `parseAlertRules` reads back as the same rules. */
export function writeAlertRules(rules: readonly AlertRule[]): string {
  return stringify({ rules: rules.map(written) }, { lineWidth: 0 });
}

function written({ name, description, severity, when, forMs, clearAfterMs, cooldownMs, during }: AlertRule): object {
  return {
    name,
    ...(description !== undefined && { description }),
    severity,
    when: condition(when),
    ...(forMs > 0 && { for: inWords(forMs) }),
    ...(clearAfterMs > 0 && { clearAfter: inWords(clearAfterMs) }),
    ...(cooldownMs > 0 && { cooldown: inWords(cooldownMs) }),
    ...(during !== undefined && { during: { ...bound('from', during.from), ...bound('to', during.to) } }),
  };
}

function condition(of: Condition): object {
  switch (of.kind) {
    case 'all':
    case 'any':
      return { [of.kind]: of.of.map(condition) };
    case 'not':
      return { not: condition(of.of) };
    case 'label':
      return { label: of.label, ...sides(of.sides, 'one') };
    case 'compare':
      return comparison(of);
  }
}

function comparison({ measure, sides: of, averageMs, test, hysteresis }: Comparison): object {
  const { unit, scope, need } = { need: 'one' as const, ...measureOf(measure) };
  const amount = (value: number): number | string => (unit === 'duration' ? inWords(value) : value);
  return {
    measure,
    ...(scope === 'side' && sides(of, need)),
    ...(averageMs !== undefined && { average: inWords(averageMs) }),
    [test.kind]: amount(test.threshold),
    ...('withinMs' in test && { within: inWords(test.withinMs) }),
    ...(hysteresis > 0 && { hysteresis: amount(hysteresis) }),
  };
}

/** @param usual what is needed where nothing is said */
function sides({ who, need }: Sides, usual: Sides['need']): object {
  if (typeof who === 'object') return 'role' in who ? { of: who.role } : { channel: who.channelName };
  if (need === usual) return {};
  return { of: need === 'one' ? 'anyone' : 'everyone' };
}

/** Shares come from percents with few digits; the product has a rounding error. */
const percent = (share: number): number => Number((share * 100).toPrecision(12));

function bound(key: string, of: TimeBound): object {
  if ('share' in of) return { [key]: `${percent(of.share)} %` };
  return Number.isFinite(of.ms) ? { [key]: inWords(of.ms) } : {};
}
