import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type FieldParameter,
  parseByteSequences,
  parseInnerLists,
  quote,
  writeInnerList,
} from './structured-fields.ts';

/** A request that is refused is answered this long after it came at the earliest, so that the time tells nothing. */
export const AUDIOHOOK_FAILURE_DELAY_MS = 500;

/** All of these have to be signed, whatever else is. */
const REQUIRED = [
  '@request-target',
  '@authority',
  'audiohook-organization-id',
  'audiohook-session-id',
  'audiohook-correlation-id',
  'x-api-key',
] as const;
/** Clocks may differ by this; taken off of every limit but the one of `created`, as the reference implementation does. */
const SKEW_S = 3;
const MAX_AGE_S = 10;
/** 128 bits as base64 without padding. */
const MIN_NONCE_LENGTH = 22;

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface AudiohookRequest {
  /** As Genesys dialled it; see `dialledUrl`. */
  readonly url: string | undefined;
  /** By lower-case name. */
  readonly headers: Headers;
  readonly nowSeconds: number;
  /** The client secret of an API key, decoded from base64; empty where its requests need no signature, `undefined` for a key that is unknown. */
  readonly secretOf: (apiKey: string) => Uint8Array | undefined;
}

/** Why a request is refused; for the log of the server, never for the client. */
export type AudiohookFailure = 'no-key' | 'unsigned' | 'malformed' | 'not-covered' | 'not-valid-now' | 'mismatch';
export type AudiohookVerdict =
  | { readonly verified: true }
  | { readonly verified: false; readonly reason: AudiohookFailure };

/**
 * Whether Genesys has signed the upgrade request of an AudioHook session: HTTP Message Signatures (draft 11) with HMAC-SHA256. It is
 * pure, and compares in constant time; with an unknown key it computes as much as with a known one. Who calls it waits with the
 * answer to a failure until `AUDIOHOOK_FAILURE_DELAY_MS` have passed since the request came.
 *
 * Source: the rules are those of purecloudlabs/audiohook-reference-implementation (app/src/authenticator.ts and
 * app/audiohook/src/httpsignature/signature-verifier.ts).
 *
 * @example
 * verifyAudiohookRequest({ url: 'wss://voice.example.com/v1/telephony/audiohook', headers, nowSeconds: Date.now() / 1000, secretOf: (key) => secrets.get(key) });
 */
export function verifyAudiohookRequest(request: AudiohookRequest): AudiohookVerdict {
  const { headers, secretOf } = request;
  const apiKey = fieldOf(headers, 'x-api-key');
  if (apiKey === undefined) return failed('no-key');
  const inputField = fieldOf(headers, 'signature-input');
  const signatureField = fieldOf(headers, 'signature');
  if (inputField === undefined && signatureField === undefined) {
    return secretOf(apiKey)?.length === 0 ? { verified: true } : failed('unsigned');
  }
  const [first] = (inputField !== undefined && parseInnerLists(inputField)) || [];
  const signatures = signatureField === undefined ? undefined : parseByteSequences(signatureField);
  if (first === undefined || signatures === undefined) return failed('malformed');
  const [label, { items, parameters, text }] = first;
  const signature = signatures.get(label);
  const claims = readClaims(parameters);
  if (signature === undefined || claims === undefined || claims.keyId !== apiKey) return failed('malformed');
  if (!isValidAt(claims, request.nowSeconds)) return failed('not-valid-now');
  const lines = baseLines(items, request);
  if (lines === undefined) return failed('not-covered');

  const secret = secretOf(apiKey);
  const expected = hmac(secret ?? randomBytes(32), [...lines, `"@signature-params": ${text}`]);
  const given = signature.length === expected.length ? signature : randomBytes(expected.length);
  const same = timingSafeEqual(given, expected);
  return same && secret !== undefined ? { verified: true } : failed('mismatch');
}

export interface AudiohookIdentity {
  readonly organizationId: string;
  readonly sessionId: string;
  readonly correlationId: string;
  readonly apiKey: string;
}

/**
 * The headers of a signed request, as a client makes them: for simulations and tests.
 *
 * @param url as it is dialled
 * @param lifetime `created` and `expires` in seconds, and a nonce of at least 22 characters
 */
export function signAudiohookRequest(
  url: string,
  identity: AudiohookIdentity,
  secret: Uint8Array,
  lifetime: { readonly created: number; readonly expires: number; readonly nonce: string },
): Record<string, string> {
  const headers = {
    'audiohook-organization-id': identity.organizationId,
    'audiohook-session-id': identity.sessionId,
    'audiohook-correlation-id': identity.correlationId,
    'x-api-key': identity.apiKey,
  };
  const { created, expires, nonce } = lifetime;
  const parameters: FieldParameter[] = [
    ['keyid', identity.apiKey],
    ['nonce', nonce],
    ['alg', 'hmac-sha256'],
    ['created', created],
    ['expires', expires],
  ];
  const text = writeInnerList(REQUIRED, parameters);
  const lines = baseLines(REQUIRED, { url, headers }) ?? [];
  const signature = hmac(secret, [...lines, `"@signature-params": ${text}`]).toString('base64');
  return { ...headers, 'signature-input': `sig1=${text}`, signature: `sig1=:${signature}:` };
}

interface Claims {
  readonly keyId: string;
  readonly created: number;
  readonly expires: number | undefined;
}

/** The parameters of a signature, if they are those that it must have and may have. */
function readClaims(parameters: readonly FieldParameter[]): Claims | undefined {
  const claims: Partial<Record<string, string | number>> = Object.fromEntries(parameters);
  const { keyid, nonce, alg = 'hmac-sha256', created, expires, ...others } = claims;
  if (Object.keys(others).length > 0 || alg !== 'hmac-sha256') return undefined;
  if (typeof keyid !== 'string' || typeof nonce !== 'string' || nonce.length < MIN_NONCE_LENGTH) return undefined;
  if (typeof created !== 'number' || created < 0) return undefined;
  if (expires !== undefined && (typeof expires !== 'number' || expires < 0)) return undefined;
  return { keyId: keyid, created, expires };
}

function isValidAt({ created, expires }: Claims, nowSeconds: number): boolean {
  const limit = nowSeconds + SKEW_S;
  return created <= limit && (expires === undefined || expires >= limit) && created + MAX_AGE_S >= limit;
}

/** One line for each of the components, or `undefined` if one is not there, is there twice, or is missing. */
function baseLines(
  components: readonly string[],
  request: Pick<AudiohookRequest, 'url' | 'headers'>,
): string[] | undefined {
  if (new Set(components).size !== components.length) return undefined;
  if (!REQUIRED.every((name) => components.includes(name))) return undefined;
  const parts = /^(wss?):\/\/([^/?#]+)([^#]*)$/i.exec(request.url ?? '');
  const lines: string[] = [];
  for (const name of components) {
    const value = name.startsWith('@') ? derived(name, parts) : fieldOf(request.headers, name);
    if (value === undefined || name === 'signature' || name === 'signature-input') return undefined;
    lines.push(`${quote(name)}: ${value}`);
  }
  return lines;
}

/** Of the derived components, the two that are signed. The authority has no port that its scheme implies. */
function derived(name: string, parts: RegExpExecArray | null): string | undefined {
  const [, scheme = '', authority = '', target = ''] = parts ?? [];
  if (parts === null) return undefined;
  if (name === '@request-target') return target.startsWith('/') ? target : `/${target}`;
  if (name !== '@authority') return undefined;
  return authority.toLowerCase().replace(scheme.toLowerCase() === 'wss' ? /:443$/ : /:80$/, '');
}

function fieldOf(headers: Headers, name: string): string | undefined {
  const field = Object.hasOwn(headers, name) ? headers[name] : undefined;
  const values = typeof field === 'string' ? [field] : (field ?? []);
  return values.map((value) => value.trim()).join(', ') || undefined;
}

const hmac = (key: Uint8Array, lines: readonly string[]): Buffer =>
  createHmac('sha256', key).update(lines.join('\n'), 'utf8').digest();

const failed = (reason: AudiohookFailure): AudiohookVerdict => ({ verified: false, reason });
