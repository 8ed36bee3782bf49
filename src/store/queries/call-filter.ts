import { UndertoneError } from '../../errors.ts';
import type { CallFilter, Role } from '../../protocol/index.ts';
import { folded, list, lookupHash, type Value } from '../database/database.ts';

const DEFAULT_LIMIT = 50;
const MOST_CALLS = 200;
const DEFAULT_SHARE = 0.1;

export interface Where {
  /** Conditions on `calls c`, joined; never empty. */
  readonly sql: string;
  readonly values: readonly Value[];
}

/** A place in the list of calls: after the call that started then and has this key. */
export interface Place {
  readonly startedAtMs: number;
  readonly callKey: number;
}

/**
 * @param roles the conditions on emotion hold for legs of these only
 * @throws UndertoneError `invalid-query`
 */
export function whereOf(filter: CallFilter, roles?: readonly Role[]): Where {
  const conditions = [
    ...timeConditions(filter),
    ...legConditions(filter, roles),
    ...alertConditions(filter.alert ?? []),
    ...Object.entries(filter.metadata ?? {}).map(metadataCondition),
    ...textConditions(filter.text ?? ''),
  ];
  return {
    sql: ['1 = 1', ...conditions.map(({ sql }) => `(${sql})`)].join(' AND '),
    values: conditions.flatMap(({ values }) => values),
  };
}

export const limitOf = ({ limit = DEFAULT_LIMIT }: CallFilter): number =>
  Math.min(MOST_CALLS, Math.max(1, Math.trunc(limit)));

export const cursorOf = ({ startedAtMs, callKey }: Place): string =>
  Buffer.from(`${startedAtMs}.${callKey}`).toString('base64url');

function placeOf(cursor: string): Place {
  const match = /^(-?\d{1,16})\.(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) throw invalid('the cursor is none that a page gave');
  return { startedAtMs: Number(match[1]), callKey: Number(match[2]) };
}

function timeConditions({ from, to, state, cursor }: CallFilter): readonly Where[] {
  const conditions: Where[] = [];
  if (from !== undefined) conditions.push({ sql: 'c.started_at_ms >= ?', values: [momentOf('from', from)] });
  if (to !== undefined) conditions.push({ sql: 'c.started_at_ms < ?', values: [momentOf('to', to)] });
  if (state !== undefined) conditions.push({ sql: 'c.state = ?', values: [state] });
  if (cursor !== undefined) {
    const { startedAtMs, callKey } = placeOf(cursor);
    conditions.push({ sql: '(c.started_at_ms, c.call_key) < (?, ?)', values: [startedAtMs, callKey] });
  }
  return conditions;
}

function legConditions(
  { role, emotion = [], minShare = DEFAULT_SHARE }: CallFilter,
  roles: readonly Role[] | undefined,
): readonly Where[] {
  if (role === undefined && emotion.length === 0) return [];
  const ofRole: Where = role === undefined ? { sql: '1 = 1', values: [] } : { sql: 'l.role = ?', values: [role] };
  const emotions = list(emotion);
  const among = list(roles ?? []);
  const felt: Where =
    emotion.length === 0
      ? { sql: '1 = 1', values: [] }
      : {
          sql: `EXISTS (SELECT 1 FROM leg_emotions e WHERE e.run_key = l.run_key AND e.channel = l.channel
            AND e.emotion IN ${emotions.sql} AND e.share >= ?)${roles === undefined ? '' : ` AND l.role IN ${among.sql}`}`,
          values: [...emotions.values, minShare, ...among.values],
        };
  return [
    {
      sql: `EXISTS (SELECT 1 FROM runs r JOIN legs l ON l.run_key = r.run_key
        WHERE r.call_key = c.call_key AND ${ofRole.sql} AND ${felt.sql})`,
      values: [...ofRole.values, ...felt.values],
    },
  ];
}

function alertConditions(rules: readonly string[]): readonly Where[] {
  if (rules.length === 0) return [];
  const names = list(rules);
  const named: Where = rules.includes('*')
    ? { sql: '1 = 1', values: [] }
    : { sql: `a.rule IN ${names.sql}`, values: names.values };
  return [
    {
      sql: `EXISTS (SELECT 1 FROM runs r JOIN alerts a ON a.run_key = r.run_key
        WHERE r.call_key = c.call_key AND ${named.sql})`,
      values: named.values,
    },
  ];
}

function metadataCondition([name, value]: readonly [string, string]): Where {
  return {
    // Not one look-up for each call: of a value that many calls have, each would pass over many rows.
    sql: `c.call_key IN (SELECT m.call_key FROM metadata m WHERE m.lookup = ? AND m.name = ? AND m.value = ?)`,
    values: [lookupHash(name, value), name, value],
  };
}

function textConditions(text: string): readonly Where[] {
  if (text === '') return [];
  const pattern = `%${folded(text).replace(/[\\%_]/g, '\\$&')}%`;
  return [
    {
      sql: `c.folded_id LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM metadata m
        WHERE m.call_key = c.call_key AND m.folded_value LIKE ? ESCAPE '\\')`,
      values: [pattern, pattern],
    },
  ];
}

function momentOf(name: string, text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw invalid(`${name} must be a moment in ISO 8601`);
  return ms;
}

export const invalid = (detail: string): UndertoneError => new UndertoneError('invalid-query', { detail });
