import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { closedAddress } from './addresses.ts';
import type { ResolvedAddress, ResolveHost } from './resolve.ts';

/** What became of one attempt. `why` holds no part of the address and nothing that the receiver wrote. */
export type Outcome =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: string | undefined }
  | { readonly kind: 'failed'; readonly why: string };

export interface PostOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** From the look-up of the name to the head of the answer. */
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
  readonly resolve: ResolveHost;
  /** Gives it up. */
  readonly signal: AbortSignal;
}

/** What is read of an answer's body before the connection is cut: it says nothing that is needed. */
const BODY_BYTES = 16_384;
const BODY_MS = 2_000;

/**
 * One attempt: POST, no redirect followed, no connection kept. It goes to the very addresses that were looked up and
 * checked: whatever the name resolves to a moment later, it is not asked again. Never rejects.
 */
export async function post(options: PostOptions): Promise<Outcome> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), options.timeoutMs);
  const signal = AbortSignal.any([deadline.signal, options.signal]);
  try {
    const addresses = await abortable(addressesOf(options), signal);
    const refused = refusal(options, addresses);
    if (refused !== undefined) return failed(refused);
    return await send(options, addresses, signal, () => clearTimeout(timer));
  } catch (error) {
    if (options.signal.aborted) return failed('given up: the server shuts down');
    if (deadline.signal.aborted) return failed(`no answer within ${options.timeoutMs / 1000} s`);
    return failed(wordOf(error));
  } finally {
    clearTimeout(timer);
  }
}

const failed = (why: string): Outcome => ({ kind: 'failed', why });

/** The codes of Node, of c-ares and of OpenSSL are words without any address in them; messages are not. */
function wordOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'the connection failed';
}

async function addressesOf({ url, resolve }: PostOptions): Promise<readonly ResolvedAddress[]> {
  // The URL parser has made four decimal parts of every other spelling of an IPv4 address.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  return family === 0 ? resolve(host) : [{ address: host, family: family === 6 ? 6 : 4 }];
}

/** One closed address is enough: a name that leads both inside and outside is a trick, or a mistake. */
function refusal({ url, allowPrivate }: PostOptions, addresses: readonly ResolvedAddress[]): string | undefined {
  if (addresses.length === 0) return 'its name has no address';
  const closed = addresses.map(({ address }) => closedAddress(address)).filter((why) => why !== undefined);
  if (!allowPrivate && closed.length > 0) return `its name leads to an address that is ${closed[0]}`;
  if (!allowPrivate && url.protocol === 'http:') return 'plain http is for private networks';
  if (url.protocol === 'http:' && closed.length < addresses.length) return 'plain http does not go to the internet';
  return undefined;
}

function send(
  { url, headers, body }: PostOptions,
  addresses: readonly ResolvedAddress[],
  signal: AbortSignal,
  onHead: () => void,
): Promise<Outcome> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const all = { 'content-type': 'application/json', 'content-length': String(body.length), ...headers };
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = request(url, {
      method: 'POST',
      headers: all,
      agent: false,
      lookup: only(addresses),
      signal,
    });
    let answered = false;
    // Once the head is there the status has decided, whatever becomes of the rest.
    sent.on('error', (error) => {
      if (!answered) reject(error);
    });
    sent.on('close', () => {
      if (!answered) reject(new Error('closed without an answer'));
    });
    sent.on('response', (response) => {
      answered = true;
      onHead();
      const outcome: Outcome = {
        kind: 'answered',
        status: response.statusCode ?? 0,
        retryAfter: response.headers['retry-after'],
      };
      void drained(response).then(() => {
        sent.destroy();
        resolve(outcome);
      });
    });
    sent.end(body);
  });
}

/** Answers every look-up of the connection with the addresses that were checked. */
function only(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_host, { all }, callback) => {
    const [first] = addresses;
    if (all)
      callback(
        null,
        addresses.map(({ address, family }) => ({ address, family })),
      );
    else callback(null, first?.address ?? '', first?.family);
  };
}

/** Reads a little of the answer, so that a polite receiver sees its end; resolves whatever comes. */
function drained(response: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, BODY_MS);
    let bytes = 0;
    response.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > BODY_BYTES) done();
    });
    response.on('error', done);
    response.on('close', done);
    response.on('end', done);
  });
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Error('aborted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject);
  });
}
