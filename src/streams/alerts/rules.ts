import type { Emotion } from '../../emotions.ts';
import type { AlertSeverity, Role } from '../../protocol/index.ts';
import type { MeasureName } from './measures.ts';

/**
 * An alert rule, checked. Written in YAML or JSON (`parseAlertRules`):
 *
 * @example
 * rules:
 *   - name: angry-customer
 *     when: { measure: anger, of: customer, above: 0.6, hysteresis: 0.1 }
 *     for: 6 s
 *     cooldown: 1 min
 */
export interface AlertRule {
  /** Unique among the rules in force. */
  readonly name: string;
  readonly description?: string;
  readonly severity: AlertSeverity;
  readonly when: Condition;
  /** The condition holds this long before the alert is raised; time in which it is not known does not count. */
  readonly forMs: number;
  /** And fails this long before it is cleared. */
  readonly clearAfterMs: number;
  /** After a clear, no raise for this long. */
  readonly cooldownMs: number;
  readonly during?: TimeRange;
}

/** Bounds as stream time, or as a share of the call's length, which is known only of a recorded call. */
export interface TimeRange {
  readonly from: TimeBound;
  readonly to: TimeBound;
}
export type TimeBound = { readonly ms: number } | { readonly share: number };

export type Condition =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | LabelCondition
  | Comparison;

/** The label in force is this one. */
export interface LabelCondition {
  readonly kind: 'label';
  readonly label: Emotion | 'unknown';
  readonly sides: Sides;
}

export interface Comparison {
  readonly kind: 'compare';
  readonly measure: MeasureName;
  readonly sides: Sides;
  /** The mean of what was known in this time up to now, instead of the value now. */
  readonly averageMs?: number;
  readonly test: Test;
  /** Once it holds, the comparison fails only where the value is back by this much. */
  readonly hysteresis: number;
}

export type Test =
  | { readonly kind: 'above' | 'below'; readonly threshold: number }
  /** By how much the value lies under (over) the highest (lowest) of this time up to now. */
  | { readonly kind: 'falls' | 'rises'; readonly threshold: number; readonly withinMs: number };

/** The sides that a comparison looks at, and whether one of them is enough. */
export interface Sides {
  readonly who: { readonly role: Role } | { readonly channelName: string } | 'all';
  readonly need: 'one' | 'every';
  /** Sides of these roles are passed over all the same (`withholdRoles`). */
  readonly except?: readonly Role[];
}

/** Whether a rule can be judged only once the length of the call is known. */
export function needsLength({ during }: AlertRule): boolean {
  return during !== undefined && ('share' in during.from || 'share' in during.to);
}

/** The roles that a rule is about. */
export function rolesOf({ when }: AlertRule): readonly Role[] {
  const roles = new Set<Role>();
  const visit = (condition: Condition): void => {
    switch (condition.kind) {
      case 'all':
      case 'any':
        condition.of.forEach(visit);
        return;
      case 'not':
        visit(condition.of);
        return;
      case 'label':
      case 'compare': {
        const { who } = condition.sides;
        if (typeof who === 'object' && 'role' in who) roles.add(who.role);
      }
    }
  };
  visit(when);
  return [...roles];
}
