import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { UndertoneError } from '../errors.ts';
import { excerpt } from '../protocol/index.ts';

/** Whether an address or name means this machine only. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(name);
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Who may connect. With a key, whoever has it, from anywhere. Without one the server listens on this machine only, where any
 * web page that is open could reach it: pages of other origins are refused, and so are names that lead here by a DNS entry
 * of someone else (rebinding).
 */
export class Gate {
  readonly #keyHash: Buffer | undefined;

  constructor(apiKey: string | undefined) {
    this.#keyHash = apiKey === undefined ? undefined : hash(apiKey);
  }

  /** @throws UndertoneError `unauthorized`, `origin-not-allowed`, `host-not-allowed` */
  check(request: IncomingMessage, query: URLSearchParams): void {
    if (this.#keyHash !== undefined) {
      const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
      const key = bearer ?? query.get('key') ?? '';
      // Hashes are of one length, and compared in one time.
      if (!timingSafeEqual(hash(key), this.#keyHash)) throw new UndertoneError('unauthorized');
      return;
    }
    const { host = '', origin } = request.headers;
    if (!isLoopback(hostName(`http://${host}`))) throw new UndertoneError('host-not-allowed', { host: excerpt(host) });
    if (origin !== undefined && !isLoopback(hostName(origin))) {
      throw new UndertoneError('origin-not-allowed', { origin: excerpt(origin) });
    }
  }
}

function hostName(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return '';
  }
}
