import { createHmac } from 'node:crypto';

/** Standard Webhooks 1.0.0, "Signature scheme": 24 to 64 bytes, base64 behind this prefix. */
const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = { least: 24, most: 64 };

/**
 * The key of a secret as it is handed out; `undefined` where it is none.
 *
 * @example
 * const key = secretKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
 */
export function secretKey(text: string): Uint8Array | undefined {
  const encoded = text.startsWith(SECRET_PREFIX) ? text.slice(SECRET_PREFIX.length) : '';
  const key = Buffer.from(encoded, 'base64');
  // What is not the one encoding of its bytes was mistyped, and would be refused or another key elsewhere.
  if (key.toString('base64') !== encoded) return undefined;
  return key.length >= SECRET_BYTES.least && key.length <= SECRET_BYTES.most ? key : undefined;
}

/** What goes out with a message. Header names in lower case, as the specification has them. */
export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * Headers of one attempt: HMAC-SHA256 of `id.timestamp.body` with each of the keys, separated by spaces, so that whoever
 * has one of them can check it while secrets are being changed.
 *
 * @param atMs when it is sent, ms since 1970
 */
export function signedHeaders(
  keys: readonly Uint8Array[],
  messageId: string,
  atMs: number,
  body: Uint8Array,
): SignedHeaders {
  const timestamp = String(Math.floor(atMs / 1000));
  const signatures = keys.map((key) => {
    const hmac = createHmac('sha256', key).update(`${messageId}.${timestamp}.`).update(body);
    return `v1,${hmac.digest('base64')}`;
  });
  return { 'webhook-id': messageId, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
