import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialledUrl, isSignedByTwilio, twilioSignature } from '../../../src/server/telephony-auth/index.ts';

const TOKEN = '12345';
const URL_DIALLED = 'wss://voice.example.com/v1/telephony/twilio';
/** Written out by hand, so that a mistake in the code is not in the expectation. */
const sign = (text: string, token = TOKEN): string => createHmac('sha1', token).update(text).digest('base64');

describe("Twilio's signature", () => {
  it('is the one of its documentation (twilio.com/docs/usage/webhooks/webhooks-security) and of its library (twilio-node, spec/validation)', () => {
    const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
    const parameters = { CallSid: 'CA1234567890ABCDE', Digits: '1234', To: '+18005551212' };
    expect(twilioSignature(TOKEN, url, { ...parameters, Caller: '+12349013030', From: '+12349013030' })).toBe(
      '0/KCTR6DLpKmkAf8muzZqo1nDgQ=',
    );
    expect(twilioSignature(TOKEN, url, { ...parameters, Caller: '+14158675309', From: '+14158675309' })).toBe(
      'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
    );
  });

  const signed = (signature: string | undefined, url: string | undefined = URL_DIALLED, authTokens = [TOKEN]) =>
    isSignedByTwilio({ authTokens, signature, url });

  it('passes for the URL that was dialled, with its usual port or another, with a slash at its end or without', () => {
    expect(signed(sign(URL_DIALLED))).toBe(true);
    expect(signed(sign('wss://voice.example.com:443/v1/telephony/twilio'))).toBe(true);
    expect(signed(sign(`${URL_DIALLED}/`))).toBe(true);
    expect(signed(sign(URL_DIALLED), 'wss://voice.example.com:8443/v1/telephony/twilio')).toBe(true);
    expect(signed(sign('wss://voice.example.com:8443/a?b=c'), 'wss://voice.example.com:8443/a?b=c')).toBe(true);
    expect(signed(sign('wss://[::1]:8443/a'), 'wss://[::1]:8443/a')).toBe(true);
  });

  it('passes for either of two auth tokens while one replaces the other, and for no empty one', () => {
    expect(signed(sign(URL_DIALLED, 'new'), URL_DIALLED, ['old', 'new'])).toBe(true);
    expect(signed(sign(URL_DIALLED, 'x'), URL_DIALLED, ['old', 'new'])).toBe(false);
    expect(signed(createHmac('sha1', '').update(URL_DIALLED).digest('base64'), URL_DIALLED, [''])).toBe(false);
    expect(signed(sign(URL_DIALLED), URL_DIALLED, [])).toBe(false);
  });

  it('fails for another host, path, query or scheme, without a signature, and without a URL', () => {
    expect(signed(sign('wss://evil.example.com/v1/telephony/twilio'))).toBe(false);
    expect(signed(sign('wss://voice.example.com/v1/telephony'))).toBe(false);
    expect(signed(sign(`${URL_DIALLED}?roles=bot`))).toBe(false);
    expect(signed(sign(URL_DIALLED), `${URL_DIALLED}?roles=bot`)).toBe(false);
    expect(signed(sign('ws://voice.example.com/v1/telephony/twilio'))).toBe(false);
    expect(signed(undefined)).toBe(false);
    expect(isSignedByTwilio({ authTokens: [TOKEN], signature: sign(''), url: undefined })).toBe(false);
  });

  it('fails for every signature that was changed anywhere, and never throws', () => {
    const right = sign(URL_DIALLED);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 40 })), (text) => {
        expect(signed(text)).toBe(text === right);
      }),
    );
    for (let at = 0; at < right.length; at += 1) {
      const changed = right.slice(0, at) + (right[at] === 'A' ? 'B' : 'A') + right.slice(at + 1);
      expect(signed(changed)).toBe(false);
    }
  });
});

describe('the URL that was dialled', () => {
  const request = { target: '/v1/telephony/twilio?x=1', host: '10.0.0.7:8790', encrypted: false, headers: {} };
  const forwarded = { 'x-forwarded-proto': 'https, http', 'x-forwarded-host': 'voice.example.com, inner' };

  it.each([
    ['the request alone', request, {}, 'ws://10.0.0.7:8790/v1/telephony/twilio?x=1'],
    ['over TLS', { ...request, encrypted: true }, {}, 'wss://10.0.0.7:8790/v1/telephony/twilio?x=1'],
    [
      'a public URL',
      request,
      { publicUrl: 'https://voice.example.com/' },
      'wss://voice.example.com/v1/telephony/twilio?x=1',
    ],
    [
      'a public URL with a prefix',
      request,
      { publicUrl: 'wss://example.com:8443/ut' },
      'wss://example.com:8443/ut/v1/telephony/twilio?x=1',
    ],
    [
      'a proxy that is trusted',
      { ...request, headers: forwarded },
      { trustProxy: true },
      'wss://voice.example.com/v1/telephony/twilio?x=1',
    ],
    ['a proxy that is not', { ...request, headers: forwarded }, {}, 'ws://10.0.0.7:8790/v1/telephony/twilio?x=1'],
  ])('comes from %s', (_, arrived, options, url) => {
    expect(dialledUrl(arrived, options)).toBe(url);
  });

  it('is not made of a target or a host that could name another one', () => {
    expect(dialledUrl({ ...request, target: 'https://evil.example.com/' })).toBeUndefined();
    expect(dialledUrl({ ...request, host: 'a@evil.example.com' })).toBeUndefined();
    expect(dialledUrl({ ...request, host: undefined })).toBeUndefined();
    expect(dialledUrl(request, { publicUrl: 'no url' })).toBeUndefined();
  });
});
