import type { IncomingMessage } from 'node:http';
import { UndertoneError } from '../../errors.ts';
import type { Gate } from '../access.ts';
import { isSignedByTwilio, verifyAudiohookRequest } from '../telephony-auth/index.ts';
import { bringsBasic } from './basic-auth.ts';
import type { TelephonySecrets } from './options.ts';

/** A request for a socket, and what of it credentials are of. */
export interface TelephonyRequest {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  /** The URL as the platform dialled it. */
  readonly url: string | undefined;
  /** Of the path; `auto` where it names none. */
  readonly dialect: string;
}

/** `not-signed`: an AudioHook request whose signature is wrong, which its protocol answers over the socket. */
export type Admission = 'admitted' | 'not-signed';

interface Scheme {
  /** The dialects whose platforms know it. */
  readonly dialects: readonly string[];
  readonly configured: boolean;
  passes(asked: TelephonyRequest): boolean;
}

/**
 * Who may open a socket of telephony: whoever has the API key, or what the platform itself signs or sends where that is configured.
 * Once it is configured for a dialect, nothing less will do for that dialect; where nothing is, the rules of the other endpoints hold.
 */
export class TelephonyGate {
  readonly #gate: Gate;
  readonly #schemes: readonly Scheme[];
  readonly #audiohook: Scheme;

  /** @param nowSeconds of the wall clock, which signatures carry */
  constructor(gate: Gate, secrets: TelephonySecrets, nowSeconds: () => number) {
    this.#gate = gate;
    const { twilioAuthTokens = [], audiohookKeys = {}, basicAuth = [] } = secrets;
    const keys = new Map(
      Object.entries(audiohookKeys).map(([key, secret]) => [key, new Uint8Array(Buffer.from(secret, 'base64'))]),
    );
    this.#audiohook = {
      dialects: ['audiohook'],
      configured: keys.size > 0,
      passes: ({ request, url }) => {
        const asked = { url, headers: request.headers, nowSeconds: nowSeconds() };
        return verifyAudiohookRequest({ ...asked, secretOf: (key) => keys.get(key) }).verified;
      },
    };
    this.#schemes = [
      {
        dialects: ['twilio'],
        configured: twilioAuthTokens.length > 0,
        passes: ({ request, url }) =>
          isSignedByTwilio({ authTokens: twilioAuthTokens, signature: headerOf(request, 'x-twilio-signature'), url }),
      },
      this.#audiohook,
      {
        dialects: ['jambonz', 'freeswitch', 'asterisk'],
        configured: basicAuth.length > 0,
        passes: ({ request }) => bringsBasic(request.headers.authorization, basicAuth),
      },
    ];
  }

  /** @throws UndertoneError `unauthorized`, `origin-not-allowed`, `host-not-allowed` */
  check(asked: TelephonyRequest): Admission {
    if (this.#gate.bringsKey(asked.request, asked.query)) return 'admitted';
    const schemes = this.#schemes.filter(
      ({ configured, dialects }) => configured && (asked.dialect === 'auto' || dialects.includes(asked.dialect)),
    );
    if (schemes.some((scheme) => scheme.passes(asked))) return 'admitted';
    const meant = asked.dialect === 'audiohook' || headerOf(asked.request, 'audiohook-session-id') !== undefined;
    if (meant && schemes.includes(this.#audiohook)) return 'not-signed';
    if (schemes.length > 0 || this.#gate.hasKey) throw new UndertoneError('unauthorized');
    this.#gate.checkNeighbour(asked.request);
    return 'admitted';
  }
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
