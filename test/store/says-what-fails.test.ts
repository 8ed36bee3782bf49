import { describe, expect, it } from 'vitest';
import { UndertoneError } from '../../src/errors.ts';
import { postgresError } from '../../src/store/database/postgres-error.ts';
import { sqliteError } from '../../src/store/database/sqlite-error.ts';

const thrown = (name: string, code: string, message: string): Error =>
  Object.assign(new Error(message), { name, code });

describe('an error of SQLite', () => {
  it.each([
    ['SQLITE_FULL', 'the disk is full (SQLITE_FULL)'],
    ['SQLITE_IOERR_WRITE', 'the disk fails (SQLITE_IOERR_WRITE)'],
    ['SQLITE_READONLY_DBMOVED', 'its file cannot be written (SQLITE_READONLY_DBMOVED)'],
    ['SQLITE_CORRUPT', 'its file is damaged (SQLITE_CORRUPT)'],
    ['SQLITE_BUSY', 'SQLite fails (SQLITE_BUSY)'],
    ['SQLITE_NOMEM', 'SQLite fails (SQLITE_NOMEM)'],
  ])('%s may pass', (code, detail) => {
    expect(sqliteError(thrown('SqliteError', code, 'words'))).toMatchObject({
      code: 'store-unavailable',
      retryable: true,
      message: `The store does not answer: ${detail}. The live service goes on.`,
    });
  });

  it.each(['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_ERROR', 'SQLITE_MISMATCH', 'SQLITE_TOOBIG'])('%s stays', (code) => {
    expect(sqliteError(thrown('SqliteError', code, 'words'))).toMatchObject({ code: 'internal' });
  });

  it('of another kind is internal, and one of the table stays itself', () => {
    expect(sqliteError(new TypeError('a mistake'))).toMatchObject({ code: 'internal' });
    const error = new UndertoneError('store-in-use');
    expect(sqliteError(error)).toBe(error);
    expect(postgresError(error)).toBe(error);
  });
});

describe('an error of PostgreSQL', () => {
  it.each([
    ['53100', 'the disk of PostgreSQL is full'],
    ['57P03', 'PostgreSQL is starting up or shutting down'],
    ['57P01', 'PostgreSQL fails'],
    ['25006', 'PostgreSQL is read-only'],
    ['28P01', 'PostgreSQL does not let this user in'],
    ['42501', 'PostgreSQL does not give this user the right'],
    ['40P01', 'PostgreSQL fails'],
    ['XX000', 'PostgreSQL fails'],
  ])('%s may pass', (code, words) => {
    expect(postgresError(thrown('PostgresError', code, 'words'))).toMatchObject({
      code: 'store-unavailable',
      message: `The store does not answer: ${words} (SQLSTATE ${code}). The live service goes on.`,
    });
  });

  it.each(['ECONNREFUSED', 'CONNECTION_CLOSED', 'CONNECT_TIMEOUT', 'EPIPE'])('%s may pass', (code) => {
    expect(postgresError(thrown('Error', code, 'write CONNECTION_CLOSED db.example.com:5432'))).toMatchObject({
      code: 'store-unavailable',
      message: `The store does not answer: PostgreSQL cannot be reached (${code}). The live service goes on.`,
    });
  });

  it.each(['23505', '22P02', '42P01', '54000'])(
    '%s stays, and its words, which may hold values, are kept nowhere',
    (code) => {
      const error = postgresError(thrown('PostgresError', code, 'Key (call_id)=(+49 30 1234) already exists.'));
      expect(error.code).toBe('internal');
      expect(`${error.message} ${(error.cause as Error).stack}`).not.toContain('1234');
      expect((error.cause as Error).message).toContain(code);
    },
  );

  it('of another kind is internal', () => {
    const error = postgresError(new TypeError('+49 30 1234 is not iterable'));
    expect(error.code).toBe('internal');
    expect((error.cause as Error).message).not.toContain('1234');
    expect(postgresError('text')).toMatchObject({ code: 'internal' });
  });
});
