import type { Role } from '../../protocol/index.ts';
import { isFelt } from './measures.ts';
import type { AlertRule, Condition, Sides } from './rules.ts';

/**
 * The same rules, for a deployment where the emotions of these roles are not to be looked at: conditions on emotions, or on
 * the voice, pass over their sides. A condition that has no other side is never known, so it neither raises nor clears.
 * Rules that this does not concern are the same objects.
 */
export function withholdRoles(rules: readonly AlertRule[], roles: readonly Role[]): readonly AlertRule[] {
  if (roles.length === 0) return rules;
  return rules.map((rule) => {
    const when = withoutRoles(rule.when, roles);
    return when === rule.when ? rule : { ...rule, when };
  });
}

function withoutRoles(condition: Condition, roles: readonly Role[]): Condition {
  switch (condition.kind) {
    case 'all':
    case 'any': {
      const of = condition.of.map((part) => withoutRoles(part, roles));
      return of.every((part, index) => part === condition.of[index]) ? condition : { ...condition, of };
    }
    case 'not': {
      const of = withoutRoles(condition.of, roles);
      return of === condition.of ? condition : { ...condition, of };
    }
    case 'label':
    case 'compare': {
      const felt = condition.kind === 'label' || isFelt(condition.measure);
      return felt && concerns(condition.sides, roles)
        ? { ...condition, sides: { ...condition.sides, except: roles } }
        : condition;
    }
  }
}

/** A channel is named without its role: it may be one of these. */
const concerns = ({ who }: Sides, roles: readonly Role[]): boolean =>
  typeof who === 'string' || !('role' in who) || roles.includes(who.role);
