import { lookup as systemLookup } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { promisify } from 'node:util';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Every address of a name. Rejects where there is none. */
export type ResolveHost = (host: string) => Promise<readonly ResolvedAddress[]>;

const TIMEOUT_MS = 3_000;
/** What a name server does not say in time is not asked of the system either: it asks the same one. */
const SLOW = ['ETIMEOUT', 'ECANCELLED'];

/**
 * Asks DNS, and where it knows nothing the system (its file of hosts, its search domains). Not the system first, because
 * its look-up holds one of the few threads that files are written by, too, for as long as a name server is silent.
 */
export function systemResolver(): ResolveHost {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 });
  /** Look-ups of the system are made one after the other, so that they never take all threads. */
  let last: Promise<unknown> = Promise.resolve();

  const askSystem = (host: string): Promise<readonly ResolvedAddress[]> => {
    const asked = last.then(async () => {
      const found = await promisify(systemLookup)(host, { all: true, verbatim: true });
      return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }) as const);
    });
    last = asked.catch(() => {});
    return asked;
  };

  return async (host) => {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const found = [...(v4.status === 'fulfilled' ? v4.value : []), ...(v6.status === 'fulfilled' ? v6.value : [])];
    if (found.length > 0) return found.map((address) => ({ address, family: isIP(address) === 6 ? 6 : 4 }));
    const codes = [v4, v6].map((answer) => (answer.status === 'rejected' ? String(answer.reason?.code) : ''));
    if (codes.some((code) => SLOW.includes(code))) throw new Error('the name server does not answer');
    return askSystem(host);
  };
}
