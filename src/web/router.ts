import { signal } from '@preact/signals';
import { setKey } from './session.ts';

/** Where the page is; from the part of the address after `#`, which never reaches a server. */
export type Route =
  | { readonly page: 'floor'; readonly query: URLSearchParams }
  | { readonly page: 'call'; readonly callId: string; readonly query: URLSearchParams }
  | { readonly page: 'try'; readonly query: URLSearchParams }
  | { readonly page: 'history'; readonly query: URLSearchParams }
  | { readonly page: 'settings'; readonly query: URLSearchParams }
  | { readonly page: 'nowhere'; readonly query: URLSearchParams };

/** @example parseRoute('#/calls/call%2F1?at=61000') */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#/, '').split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const parts = path.split('/').filter((part) => part !== '');
  const [page, id] = parts;
  if (page === undefined) return { page: 'floor', query };
  if (page === 'calls' && id !== undefined && parts.length === 2) {
    const callId = decoded(id);
    if (callId !== undefined) return { page: 'call', callId, query };
  }
  if ((page === 'try' || page === 'history' || page === 'settings') && parts.length === 1) return { page, query };
  return { page: 'nowhere', query };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

export const route = signal<Route>({ page: 'floor', query: new URLSearchParams() });

/** The address of a call's page; `atMs` is the moment it opens at. */
export const callHref = (callId: string, atMs?: number): string =>
  `#/calls/${encodeURIComponent(callId)}${atMs === undefined ? '' : `?at=${Math.round(atMs)}`}`;

/** Goes to an address such as `#/history?emotion=anger`. */
export function navigate(href: string): void {
  location.hash = href;
}

/** Changes the query of the present page without a new entry in the browser's history. */
export function replaceQuery(query: URLSearchParams): void {
  const [path = ''] = location.hash.split('?');
  const search = query.toString();
  history.replaceState(null, '', `${path === '' ? '#/' : path}${search === '' ? '' : `?${search}`}`);
  route.value = parseRoute(location.hash);
}

/** Follows the address. A `key` in it (`#/?key=…`, which no server sees) is taken out and kept for this tab. */
export function startRouter(): void {
  const follow = (): void => {
    const next = parseRoute(location.hash);
    const key = next.query.get('key');
    if (key === null) {
      route.value = next;
      return;
    }
    setKey(key);
    next.query.delete('key');
    replaceQuery(next.query);
  };
  addEventListener('hashchange', follow);
  follow();
}
