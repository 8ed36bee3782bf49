import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Twilio's signature of a request: base64 of HMAC-SHA1, with the account's auth token as key, over the URL as Twilio dialled it and the
 * POST parameters, sorted by name, each name followed by its value. A WebSocket upgrade has no parameters.
 *
 * Source: twilio.com/docs/usage/webhooks/webhooks-security.
 */
export function twilioSignature(
  authToken: string,
  url: string,
  parameters: Readonly<Record<string, string>> = {},
): string {
  const names = Object.keys(parameters).sort();
  const signed = url + names.map((name) => name + parameters[name]).join('');
  return createHmac('sha1', authToken).update(signed, 'utf8').digest('base64');
}

export interface TwilioRequest {
  /** Auth tokens that are valid now: two, while one replaces the other. */
  readonly authTokens: readonly string[];
  /** The `X-Twilio-Signature` header. */
  readonly signature: string | undefined;
  /** As Twilio dialled it; see `dialledUrl`. */
  readonly url: string | undefined;
}

/**
 * Whether Twilio has signed the upgrade request of a media stream. The URL is taken with its port and without, and with a slash at the end of
 * its path and without, for which of them Twilio signs has changed; no other host, path or query passes. The comparison takes the
 * same time for any signature.
 *
 * @example
 * isSignedByTwilio({ authTokens: [token], signature: headers['x-twilio-signature'], url: 'wss://voice.example.com/v1/telephony/twilio' });
 */
export function isSignedByTwilio({ authTokens, signature, url }: TwilioRequest): boolean {
  if (signature === undefined || url === undefined) return false;
  const given = Buffer.from(signature, 'utf8');
  let signed = false;
  for (const authToken of authTokens) {
    if (authToken === '') continue;
    for (const candidate of candidates(url)) {
      const expected = Buffer.from(twilioSignature(authToken, candidate), 'utf8');
      if (given.length === expected.length && timingSafeEqual(given, expected)) signed = true;
    }
  }
  return signed;
}

const URL_PARTS = /^(wss?):\/\/(\[[^\]]*\]|[^/:?#]*)(?::(\d+))?([^?#]*)(\?[^#]*)?$/i;

function candidates(url: string): ReadonlySet<string> {
  const parts = URL_PARTS.exec(url);
  if (parts === null) return new Set([url]);
  const [, scheme = '', host = '', port, path = '', query = ''] = parts;
  const usual = scheme.toLowerCase() === 'wss' ? '443' : '80';
  const bare = path.replace(/\/$/, '');
  const found = new Set([url]);
  for (const authority of [host, `${host}:${port ?? usual}`]) {
    for (const ending of [bare, `${bare}/`]) found.add(`${scheme}://${authority}${ending}${query}`);
  }
  return found;
}
