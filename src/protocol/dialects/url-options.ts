import { UndertoneError } from '../../errors.ts';
import { type ChannelDescription, ROLES, type Role } from '../events.ts';
import { CHANNELS } from '../limits.ts';
import { excerpt, isPrintableId, isPrintableName } from '../printable.ts';

const REMEMBERED = 256;

/** What the URL (or, where a platform cuts the query off, a custom parameter) says of a call. */
export interface CallOptions {
  /** Joins the legs of a call; over the platform's own id. */
  readonly callId?: string;
  /** Names and roles of the channels, in the order in which they are opened. */
  readonly channels: readonly { readonly name?: string; readonly role?: Role }[];
}

/** The custom parameters that stand for `callId`, `roles` and `channels` of the query, for platforms that cut it off. */
export const OPTION_PARAMETERS = {
  callId: 'undertoneCallId',
  roles: 'undertoneRoles',
  channels: 'undertoneChannels',
} as const;

/**
 * `?roles=customer,employee`, `?channels=caller:customer,agent:employee`, `?callId=…`. Both lists may be given: a role of
 * `roles` wins.
 *
 * @throws UndertoneError `invalid-query`
 */
export function readCallOptions(get: (name: keyof typeof OPTION_PARAMETERS) => string | undefined): CallOptions {
  const callId = get('callId');
  if (callId !== undefined && !isPrintableId(callId)) {
    throw invalid('callId must be 1 to 128 printable characters, and not "." or ".."');
  }
  const named = list(get('channels'), 'channels').map(readChannel);
  const roles = list(get('roles'), 'roles').map(readRole);
  const channels = Array.from({ length: Math.max(named.length, roles.length) }, (_, index) => ({
    ...named[index],
    ...(roles[index] !== undefined && { role: roles[index] }),
  }));
  return { channels, ...(callId !== undefined && { callId }) };
}

/** A parameter of the query; `undefined` where it is not there or empty. */
export const queryOf =
  (url: URL) =>
  (name: string): string | undefined =>
    url.searchParams.get(name) || undefined;

/** Describes the channels of one socket, in the order in which they are opened; one that opens again is the same. */
export class ChannelNamer {
  readonly #channels: CallOptions['channels'];
  readonly #given = new Map<string, ChannelDescription>();

  constructor(channels: CallOptions['channels']) {
    this.#channels = channels;
  }

  /** What the URL says of a channel, else what the dialect knows. */
  describe(key: string, known: ChannelDescription): ChannelDescription {
    const before = this.#given.get(key);
    if (before !== undefined) return before;
    const said = this.#channels[this.#given.size];
    const description = { name: said?.name ?? known.name, role: said?.role ?? known.role };
    // A party that comes and goes under ever new keys may not fill the memory; beyond this, nothing is said of any channel.
    if (this.#given.size < REMEMBERED) this.#given.set(key, description);
    return description;
  }
}

function list(text: string | undefined, name: string): string[] {
  if (text === undefined) return [];
  const items = text.split(',').map((item) => item.trim());
  if (items.length > CHANNELS.max) throw invalid(`${name} must be at most ${CHANNELS.max} items`);
  return items;
}

function readChannel(text: string): { name: string; role?: Role } {
  const colon = text.lastIndexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  if (!isPrintableName(name))
    throw invalid('channels must be names of printable characters, each with a role or without');
  return colon < 0 ? { name } : { name, role: readRole(text.slice(colon + 1)) };
}

function readRole(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (role === undefined) throw invalid(`the role "${excerpt(text)}" is not one of ${ROLES.join(', ')}`);
  return role;
}

const invalid = (detail: string): UndertoneError => new UndertoneError('invalid-query', { detail });
