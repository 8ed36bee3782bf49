import { UndertoneError } from '../../errors.ts';
import { checkFormat } from '../format.ts';
import type { WireFormat } from '../limits.ts';
import { excerpt } from '../printable.ts';
import { type CallOptions, queryOf, readCallOptions } from './url-options.ts';

const WHOLE = /^\d{1,9}$/;

/** What the URL says of the layout of the audio, where the platform cannot. */
export interface FormatQuery {
  readonly encoding: string | undefined;
  readonly sampleRateHz: number | undefined;
  /** How many, where `channels` is a number and not a list of names. */
  readonly channels: number | undefined;
}

/**
 * `?encoding=…&sampleRateHz=…&channels=N`.
 *
 * @throws UndertoneError `invalid-query`
 */
export function readFormatQuery(url: URL): FormatQuery {
  const query = queryOf(url);
  const channels = query('channels');
  return {
    encoding: query('encoding'),
    sampleRateHz: whole(query('sampleRateHz'), 'sampleRateHz'),
    channels: channels !== undefined && WHOLE.test(channels) ? Number(channels) : undefined,
  };
}

/**
 * As `readCallOptions` of the query, with `names` for `channels`, which may be their number instead.
 *
 * @param parameter what holds where the query says nothing
 * @throws UndertoneError `invalid-query`
 */
export function readNamedOptions(
  url: URL,
  parameter: Parameters<typeof readCallOptions>[0] = () => undefined,
): CallOptions {
  const query = queryOf(url);
  const listed = query('channels');
  const names = query('names') ?? (listed !== undefined && WHOLE.test(listed) ? undefined : listed);
  return readCallOptions((name) => (name === 'channels' ? names : query(name)) ?? parameter(name));
}

/**
 * The format that the query gives in full.
 *
 * @throws UndertoneError `invalid-query`, `unknown-encoding`, `rate-out-of-range`, `channels-out-of-range`
 */
export function formatOfQuery(said: FormatQuery, named: number): WireFormat {
  if (said.sampleRateHz === undefined) {
    const detail = 'sampleRateHz must say how the audio is laid out, as in ?encoding=pcm_s16le&sampleRateHz=16000';
    throw new UndertoneError('invalid-query', { detail });
  }
  return checkFormat({
    encoding: said.encoding ?? 'pcm_s16le',
    sampleRateHz: said.sampleRateHz,
    channels: said.channels ?? Math.max(1, named),
  });
}

function whole(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (WHOLE.test(text)) return Number(text);
  throw new UndertoneError('invalid-query', { detail: `${name} must be a whole number, not "${excerpt(text)}"` });
}
