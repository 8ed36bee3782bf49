import { UndertoneError } from '../../errors.ts';

/** Classes of SQLSTATE (appendix A of the manual) that stand for the statement itself: it will fail again. */
const OF_THE_STATEMENT = ['0A', '21', '22', '23', '42', '54'];

const SENTENCES: Readonly<Record<string, string>> = {
  '25006': 'PostgreSQL is read-only',
  '28': 'PostgreSQL does not let this user in',
  '3D': 'PostgreSQL has no such database',
  '42501': 'PostgreSQL does not give this user the right',
  '53100': 'the disk of PostgreSQL is full',
  '53300': 'PostgreSQL has too many connections',
  '57P03': 'PostgreSQL is starting up or shutting down',
};

/** What the driver throws, as an error of the table. PostgreSQL's own words may hold values of a row, so only its code is kept. */
export function postgresError(thrown: unknown): UndertoneError {
  if (thrown instanceof UndertoneError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  const state = /^[0-9A-Z]{5}$/.test(code) && thrown instanceof Error && thrown.name === 'PostgresError';
  if (state) {
    if (!(code in SENTENCES) && OF_THE_STATEMENT.includes(code.slice(0, 2)))
      return internal(`PostgreSQL refuses a statement (SQLSTATE ${code})`);
    const sentence = SENTENCES[code] ?? SENTENCES[code.slice(0, 2)] ?? 'PostgreSQL fails';
    return new UndertoneError('store-unavailable', { detail: `${sentence} (SQLSTATE ${code})` });
  }
  // Of the socket, or the driver's own.
  if (code !== '') return new UndertoneError('store-unavailable', { detail: `PostgreSQL cannot be reached (${code})` });
  // A mistake of our own: its stack tells where, and no value.
  return internal(
    thrown instanceof Error ? `${thrown.name} at ${thrown.stack?.split('\n').slice(1, 4).join('') ?? ''}` : 'unknown',
  );
}

function internal(words: string): UndertoneError {
  const error = new UndertoneError('internal');
  error.cause = new Error(words);
  return error;
}
