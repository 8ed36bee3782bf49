import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asUndertoneError, type ErrorCode, type ErrorEntry, errorTable, UndertoneError } from '../src/errors.ts';

const entries = Object.entries(errorTable) as [ErrorCode, ErrorEntry][];

describe('the error table', () => {
  it.each(entries)('%s: a sentence, a known HTTP status, a close code that may be sent', (_, entry) => {
    expect(entry.text).toMatch(/[.}]$/);
    expect(entry.http).toBeGreaterThanOrEqual(400);
    expect(entry.http).toBeLessThan(600);
    // RFC 6455, 7.4: 1006 never stands in a close frame; it is what a client sees of a lost connection.
    const sendable = [1001, 1009, 1011, 1013].includes(entry.close) || (entry.close >= 4000 && entry.close < 5000);
    expect(sendable || (entry.close === 1006 && entry.http === 502)).toBe(true);
    if (entry.close >= 4000) expect(entry.close).toBe(4000 + entry.http);
  });

  it('says what to do: a server that may be asked again says so', () => {
    for (const [code, entry] of entries) {
      // 1013 is "try again later"; these two are thrown by the client alone and never close a socket.
      const clientOnly = code === 'send-buffer-full' || code === 'events-not-read';
      if (entry.close === 1013 && !clientOnly) expect([code, entry.retryable]).toEqual([code, true]);
      if (entry.http === 401) expect([code, entry.retryable]).toEqual([code, false]);
    }
  });

  it('has no entry that nothing throws', () => {
    const sources = (folder: string): string[] =>
      readdirSync(folder).flatMap((name) => {
        const path = join(folder, name);
        return statSync(path).isDirectory() ? sources(path) : path.endsWith('.ts') ? [path] : [];
      });
    const text = sources(resolve(import.meta.dirname, '../src'))
      .filter((path) => !path.endsWith('/errors.ts'))
      .map((path) => readFileSync(path, 'utf8'))
      .join('\n');
    expect(entries.map(([code]) => code).filter((code) => !text.includes(`'${code}'`) && code !== 'internal')).toEqual(
      [],
    );
  });
});

describe('an error', () => {
  it('fills in the sentence and carries its entry', () => {
    const error = new UndertoneError('rate-out-of-range', { value: 96_000, min: 8000, max: 48_000 });
    expect(error.message).toBe('A sample rate of 96000 Hz is not supported; use a whole number from 8000 to 48000 Hz.');
    expect(error).toMatchObject({ code: 'rate-out-of-range', httpStatus: 415, closeCode: 4415, retryable: false });
  });

  it('of anything else is internal, and keeps what was thrown as its cause alone', () => {
    const thrown = new Error('secret detail');
    const error = asUndertoneError(thrown);
    expect(error).toMatchObject({ code: 'internal', closeCode: 1011, retryable: true });
    expect(error.cause).toBe(thrown);
    expect(error.message).not.toContain('secret');
  });

  it('that is of the table already stays itself', () => {
    const error = new UndertoneError('not-json');
    expect(asUndertoneError(error)).toBe(error);
  });
});
