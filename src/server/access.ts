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

  /** Whether there is a key at all. */
  get hasKey(): boolean {
    return this.#keyHash !== undefined;
  }

  /** Whether this is the key; never where there is none. */
  isKey(key: string): boolean {
    // Hashes are of one length, and compared in one time.
    return this.#keyHash !== undefined && timingSafeEqual(hash(key), this.#keyHash);
  }

  /** Whether a request brings the key, as a bearer token or in its query. */
  bringsKey(request: IncomingMessage, query: URLSearchParams): boolean {
    const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    return this.isKey(bearer ?? query.get('key') ?? '');
  }

  /** @throws UndertoneError `unauthorized`, `origin-not-allowed`, `host-not-allowed` */
  check(request: IncomingMessage, query: URLSearchParams): void {
    if (this.hasKey) {
      if (!this.bringsKey(request, query)) throw new UndertoneError('unauthorized');
      return;
    }
    this.checkNeighbour(request);
  }

  /** Where there is no key: whether whoever asks is of this machine. @throws UndertoneError `origin-not-allowed`, `host-not-allowed` */
  checkNeighbour(request: IncomingMessage): void {
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
