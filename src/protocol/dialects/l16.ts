import { UndertoneError } from '../../errors.ts';
import type { Handshake } from '../dialect.ts';
import { checkFormat } from '../format.ts';
import type { WireEncoding, WireFormat } from '../limits.ts';
import { excerpt } from '../printable.ts';
import { queryOf } from './url-options.ts';

export type ByteOrder = 'big' | 'little';

/**
 * The byte order of L16: what `?l16=big|little` says, else what the dialect holds to be the platform's.
 *
 * @throws UndertoneError `invalid-query`
 */
export function byteOrderOf(handshake: Handshake, usual: ByteOrder): ByteOrder {
  const said = queryOf(handshake.url)('l16');
  if (said === undefined) return usual;
  if (said === 'big' || said === 'little') return said;
  throw new UndertoneError('invalid-query', { detail: 'l16 must be big or little' });
}

/**
 * The format of one track from a platform's name of it.
 *
 * @param encodings the platform's names, in lower case
 * @throws UndertoneError `unknown-encoding`, `rate-out-of-range`
 */
export function trackFormat(
  encoding: string,
  sampleRateHz: number,
  encodings: Readonly<Record<string, WireEncoding>>,
  order: ByteOrder = 'little',
): { readonly format: WireFormat; readonly bigEndian: boolean } {
  const name = encoding.toLowerCase();
  const known = Object.hasOwn(encodings, name) ? encodings[name] : undefined;
  if (known === undefined) {
    const allowed = Object.keys(encodings).join(', ');
    throw new UndertoneError('unknown-encoding', { encoding: excerpt(encoding), allowed });
  }
  return {
    format: checkFormat({ encoding: known, sampleRateHz, channels: 1 }),
    bigEndian: known === 'pcm_s16le' && order === 'big',
  };
}
