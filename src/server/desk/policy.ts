import { UndertoneError } from '../../errors.ts';
import { type DeskPolicy, ROLES, type Role } from '../../protocol/index.ts';

/** Until somebody decides otherwise. */
export const OPEN_POLICY: DeskPolicy = { analysedRoles: ROLES, notice: '' };

const LONGEST_NOTICE = 10_000;

/** Roles whose emotions are not to be looked at. */
export const withheldRoles = ({ analysedRoles }: DeskPolicy): readonly Role[] =>
  ROLES.filter((role) => !analysedRoles.includes(role));

/** A policy as it is kept: every role once, in the order of the table. @throws UndertoneError `invalid-body` */
export function checkedPolicy({ analysedRoles, notice }: DeskPolicy): DeskPolicy {
  const unknown = analysedRoles.find((role) => !ROLES.includes(role));
  if (unknown !== undefined) throw invalid(`analysedRoles are of ${ROLES.join(', ')}`);
  if (notice.length > LONGEST_NOTICE) throw invalid(`notice has ${LONGEST_NOTICE} characters at most`);
  return { analysedRoles: ROLES.filter((role) => analysedRoles.includes(role)), notice };
}

/** A policy that was kept as JSON; `undefined` where it is none. */
export function readPolicy(json: string): DeskPolicy | undefined {
  try {
    const { analysedRoles, notice } = JSON.parse(json) as DeskPolicy;
    return checkedPolicy({ analysedRoles: [...analysedRoles], notice: `${notice}` });
  } catch {
    return undefined;
  }
}

const invalid = (detail: string): UndertoneError => new UndertoneError('invalid-body', { detail });
