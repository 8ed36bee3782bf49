import { createHash, timingSafeEqual } from 'node:crypto';

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Whether an `Authorization` header brings one of these `user:password` pairs (RFC 7617, UTF-8). The comparison takes the same time
 * for any header.
 */
export function bringsBasic(authorization: string | undefined, pairs: readonly string[]): boolean {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return false;
  const given = hash(Buffer.from(encoded, 'base64').toString('utf8'));
  let found = false;
  for (const pair of pairs) if (timingSafeEqual(given, hash(pair))) found = true;
  return found;
}
