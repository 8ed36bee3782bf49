import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AUDIOHOOK_FAILURE_DELAY_MS,
  type AudiohookFailure,
  type AudiohookRequest,
  signAudiohookRequest,
  verifyAudiohookRequest,
} from '../../../src/server/telephony-auth/index.ts';

/**
 * The example of the AudioHook documentation, as purecloudlabs/audiohook-reference-implementation has it in
 * app/audiohook/test/httpsignature/signature-verifier.test.ts.
 */
const API_KEY = 'SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh';
const SECRET = Buffer.from('TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU=', 'base64');
const CREATED = 1641013200;
const URL_DIALLED = 'wss://audiohook.example.com/api/v1/voicebiometrics/ws';
const COMPONENTS =
  '"@request-target" "@authority" "audiohook-organization-id" "audiohook-session-id" "audiohook-correlation-id" "x-api-key"';
const PARAMETERS = `keyid="${API_KEY}";nonce="VGhpc0lzQVVuaXF1ZU5vbmNl";alg="hmac-sha256";created=${CREATED};expires=3282026430`;
const HEADERS = {
  'audiohook-organization-id': 'd7934305-0972-4844-938e-9060eef73d05',
  'audiohook-session-id': '30b0e395-84d3-4570-ac13-9a62d8f514c0',
  'audiohook-correlation-id': 'e160e428-53e2-487c-977d-96989bf5c99d',
  'x-api-key': API_KEY,
  signature: 'sig1=:NZBwyBHRRyRoeLqy1IzOa9VYBuI8TgMFt2GRDkDuJh4=:',
  'signature-input': `sig1=(${COMPONENTS});${PARAMETERS}`,
};
const EXAMPLE: AudiohookRequest = {
  url: URL_DIALLED,
  headers: HEADERS,
  nowSeconds: CREATED + 1,
  secretOf: (key) => (key === API_KEY ? SECRET : undefined),
};

const reasonOf = (
  over: Partial<AudiohookRequest> & { headers?: AudiohookRequest['headers'] },
): AudiohookFailure | 'verified' => {
  const verdict = verifyAudiohookRequest({ ...EXAMPLE, ...over });
  return verdict.verified ? 'verified' : verdict.reason;
};
const withHeaders = (headers: AudiohookRequest['headers']) => reasonOf({ headers: { ...HEADERS, ...headers } });

/** Written out by hand, so that a mistake in the code is not in the expectation. */
function signed(components: string, parameters: string, lines: readonly string[], key: Uint8Array = SECRET) {
  const base = [...lines, `"@signature-params": (${components});${parameters}`].join('\n');
  const signature = createHmac('sha256', key).update(base).digest('base64');
  return { 'signature-input': `sig1=(${components});${parameters}`, signature: `sig1=:${signature}:` };
}
const LINES = [
  '"@request-target": /api/v1/voicebiometrics/ws',
  '"@authority": audiohook.example.com',
  '"audiohook-organization-id": d7934305-0972-4844-938e-9060eef73d05',
  '"audiohook-session-id": 30b0e395-84d3-4570-ac13-9a62d8f514c0',
  '"audiohook-correlation-id": e160e428-53e2-487c-977d-96989bf5c99d',
  `"x-api-key": ${API_KEY}`,
];

describe("AudioHook's signature", () => {
  it('is the one of its documentation', () => {
    expect(reasonOf({})).toBe('verified');
    expect(signed(COMPONENTS, PARAMETERS, LINES).signature).toBe(HEADERS.signature);
  });

  it('holds from 3 s before it was made to 7 s after: the skew of clocks is taken off of its age of 10 s', () => {
    const at = (seconds: number) => reasonOf({ nowSeconds: CREATED + seconds });
    expect(at(-3)).toBe('verified');
    expect(at(7)).toBe('verified');
    expect(at(-3.001)).toBe('not-valid-now');
    expect(at(7.001)).toBe('not-valid-now');
  });

  it('expires, 3 s early', () => {
    const parameters = PARAMETERS.replace('expires=3282026430', `expires=${CREATED + 5}`);
    const headers = { ...HEADERS, ...signed(COMPONENTS, parameters, LINES) };
    expect(reasonOf({ headers, nowSeconds: CREATED + 2 })).toBe('verified');
    expect(reasonOf({ headers, nowSeconds: CREATED + 2.001 })).toBe('not-valid-now');
  });

  it('may do without an end and an algorithm, but not without the time at which it was made', () => {
    const short = `keyid="${API_KEY}";nonce="VGhpc0lzQVVuaXF1ZU5vbmNl";created=${CREATED}`;
    expect(withHeaders(signed(COMPONENTS, short, LINES))).toBe('verified');
    const timeless = short.replace(`;created=${CREATED}`, ';expires=3282026430');
    expect(withHeaders(signed(COMPONENTS, timeless, LINES))).toBe('malformed');
  });

  it('is of the URL that was dialled: case and usual port of the host do not matter, everything else does', () => {
    expect(reasonOf({ url: 'wss://AudioHook.example.com:443/api/v1/voicebiometrics/ws' })).toBe('verified');
    for (const url of [
      'wss://audiohook.example.com:8443/api/v1/voicebiometrics/ws',
      'wss://evil.example.com/api/v1/voicebiometrics/ws',
      'wss://audiohook.example.com/api/v1/voicebiometrics/ws?roles=bot',
      'wss://audiohook.example.com/api/v1/voicebiometrics/ws/',
      'wss://audiohook.example.com',
    ]) {
      expect(reasonOf({ url })).toBe('mismatch');
    }
    for (const url of [undefined, '', 'audiohook.example.com/', 'https://audiohook.example.com/']) {
      expect(reasonOf({ url })).toBe('not-covered');
    }
    const query = LINES.map((line) => line.replace('/ws', '/ws?events=true'));
    const headers = { ...HEADERS, ...signed(COMPONENTS, PARAMETERS, query) };
    expect(reasonOf({ headers, url: `${URL_DIALLED}?events=true` })).toBe('verified');
  });

  it('fails for every header that it covers and was changed, or is not there', () => {
    for (const name of ['audiohook-organization-id', 'audiohook-session-id', 'audiohook-correlation-id'] as const) {
      expect(withHeaders({ [name]: HEADERS[name].replace('0', '1') })).toBe('mismatch');
      expect(withHeaders({ [name]: undefined })).toBe('not-covered');
      expect(withHeaders({ [name]: [HEADERS[name], HEADERS[name]] })).toBe('mismatch');
      expect(withHeaders({ [name]: ` ${HEADERS[name]} ` })).toBe('verified');
    }
    expect(withHeaders({ 'x-api-key': `${API_KEY}x` })).toBe('malformed');
    expect(withHeaders({ 'x-api-key': undefined })).toBe('no-key');
  });

  it('fails for every character of the signature that was changed, and for another key', () => {
    const right = HEADERS.signature;
    for (let at = 'sig1=:'.length; at < right.length - 1; at += 1) {
      const changed = right.slice(0, at) + (right[at] === 'A' ? 'B' : 'A') + right.slice(at + 1);
      expect(['mismatch', 'malformed']).toContain(withHeaders({ signature: changed }));
    }
    expect(withHeaders({ signature: 'sig1=::' })).toBe('mismatch');
    expect(withHeaders({ signature: `sig1=:${Buffer.alloc(64).toString('base64')}:` })).toBe('mismatch');
    expect(reasonOf({ secretOf: () => Buffer.from('another') })).toBe('mismatch');
    expect(reasonOf({ secretOf: () => undefined })).toBe('mismatch');
  });

  it('fails for a change of what it says of itself', () => {
    const changed = (from: string | RegExp, to: string) =>
      withHeaders({ 'signature-input': HEADERS['signature-input'].replace(from, to) });
    expect(changed('expires=3282026430', 'expires=3282026431')).toBe('mismatch');
    expect(changed('"@authority" "audiohook-organization-id"', '"audiohook-organization-id" "@authority"')).toBe(
      'mismatch',
    );
    expect(changed('" "x-api-key"', '"')).toBe('not-covered');
    expect(changed('"x-api-key"', '"x-api-key" "x-api-key"')).toBe('not-covered');
    expect(changed('"x-api-key"', '"x-api-key" "signature"')).toBe('not-covered');
    expect(changed('"x-api-key"', '"x-api-key" "@method"')).toBe('not-covered');
    expect(changed('"x-api-key"', '"x-api-key" "date"')).toBe('not-covered');
    expect(changed('hmac-sha256', 'rsa-v1_5-sha256')).toBe('malformed');
    expect(changed('VGhpc0lzQVVuaXF1ZU5vbmNl', '123456789012345678901')).toBe('malformed');
    expect(changed(`keyid="${API_KEY}"`, 'keyid="another"')).toBe('malformed');
    expect(changed(';created', ';tag="x";created')).toBe('malformed');
    expect(changed(`created=${CREATED}`, `created=${CREATED}.5`)).toBe('malformed');
    expect(changed(`created=${CREATED}`, 'created=-1')).toBe('malformed');
    expect(changed('sig1=(', 'sig2=(')).toBe('malformed');
    expect(changed('sig1=(', 'sig1=')).toBe('malformed');
    expect(withHeaders({ signature: undefined })).toBe('malformed');
    expect(withHeaders({ 'signature-input': undefined })).toBe('malformed');
  });

  it('may be written with other spaces, and cover more: what is signed is written in one way only', () => {
    const spaced = HEADERS['signature-input'].replaceAll('" "', '"   "').replaceAll(';', '; ');
    expect(withHeaders({ 'signature-input': spaced })).toBe('verified');
    const more = signed(`${COMPONENTS} "date"`, PARAMETERS, [...LINES, '"date": Sat, 01 Jan 2022 05:00:00 GMT']);
    expect(withHeaders({ ...more, date: 'Sat, 01 Jan 2022 05:00:00 GMT' })).toBe('verified');
    expect(withHeaders({ ...more, date: 'Sat, 01 Jan 2022 05:00:01 GMT' })).toBe('mismatch');
  });

  it('need not be there for a key without a secret, and must be for any other', () => {
    const unsigned = { ...HEADERS, signature: undefined, 'signature-input': undefined };
    expect(reasonOf({ headers: unsigned })).toBe('unsigned');
    expect(reasonOf({ headers: unsigned, secretOf: () => undefined })).toBe('unsigned');
    expect(reasonOf({ headers: unsigned, secretOf: () => new Uint8Array(0) })).toBe('verified');
    expect(reasonOf({ secretOf: () => new Uint8Array(0) })).toBe('mismatch');
  });

  it('never throws, and no garbage passes', () => {
    const field = fc.oneof(
      fc.string(),
      fc.constantFrom(HEADERS['signature-input'], HEADERS.signature, 'sig1=("a")', 'a=1', '(', 'sig1=:AA==:'),
      fc
        .array(fc.constantFrom('sig1', '=', '(', ')', '"', '\\', ':', ';', ',', ' ', 'a', '1'), { maxLength: 30 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(field, field, (input, signature) => {
        const right = input === HEADERS['signature-input'] && signature === HEADERS.signature;
        expect(withHeaders({ 'signature-input': input, signature }) === 'verified').toBe(right);
      }),
      { numRuns: 500 },
    );
  });

  it('is made as it is verified, for any identity and any key', () => {
    const word = fc.stringMatching(/^[!-~]{1,40}$/);
    fc.assert(
      fc.property(
        word,
        word,
        word,
        word,
        fc.uint8Array({ minLength: 1, maxLength: 80 }),
        (organizationId, sessionId, correlationId, apiKey, secret) => {
          const identity = { organizationId, sessionId, correlationId, apiKey };
          const lifetime = { created: CREATED, expires: CREATED + 10, nonce: 'VGhpc0lzQVVuaXF1ZU5vbmNl' };
          const headers = signAudiohookRequest(URL_DIALLED, identity, secret, lifetime);
          expect(reasonOf({ headers, secretOf: () => secret })).toBe('verified');
          expect(reasonOf({ headers, secretOf: () => Buffer.concat([secret, Buffer.from('x')]) })).toBe('mismatch');
        },
      ),
    );
    const identity = {
      organizationId: HEADERS['audiohook-organization-id'],
      sessionId: HEADERS['audiohook-session-id'],
      correlationId: HEADERS['audiohook-correlation-id'],
      apiKey: API_KEY,
    };
    const lifetime = { created: CREATED, expires: 3282026430, nonce: 'VGhpc0lzQVVuaXF1ZU5vbmNl' };
    expect(signAudiohookRequest(URL_DIALLED, identity, SECRET, lifetime)).toEqual(HEADERS);
  });

  it('that fails is told after half a second', () => {
    expect(AUDIOHOOK_FAILURE_DELAY_MS).toBe(500);
  });
});
