import { UndertoneError } from '../../errors.ts';

/** The same statement with the same values will fail again. */
const OF_THE_STATEMENT = ['SQLITE_CONSTRAINT', 'SQLITE_MISMATCH', 'SQLITE_TOOBIG', 'SQLITE_RANGE', 'SQLITE_ERROR'];

const SENTENCES: readonly (readonly [code: string, sentence: string])[] = [
  ['SQLITE_FULL', 'the disk is full'],
  ['SQLITE_READONLY', 'its file cannot be written'],
  ['SQLITE_IOERR', 'the disk fails'],
  ['SQLITE_CORRUPT', 'its file is damaged'],
  ['SQLITE_NOTADB', 'its file is damaged'],
  ['SQLITE_CANTOPEN', 'its file cannot be opened'],
];

/** What libsql throws, as an error of the table. SQLite's messages name tables and columns, never values. */
export function sqliteError(thrown: unknown): UndertoneError {
  if (thrown instanceof UndertoneError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (!code.startsWith('SQLITE_') || OF_THE_STATEMENT.some((prefix) => code.startsWith(prefix))) {
    const error = new UndertoneError('internal');
    error.cause = thrown;
    return error;
  }
  const sentence = SENTENCES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'SQLite fails';
  return new UndertoneError('store-unavailable', { detail: `${sentence} (${code})` });
}
