import { isIP } from 'node:net';
import type { Node } from 'yaml';
import { UndertoneError } from '../../errors.ts';
import { ALERT_SEVERITIES, ROLES, type RulesProblem } from '../../protocol/index.ts';
import { type Entries, RuleReader } from '../../streams/index.ts';
import { closedAddress } from './addresses.ts';
import { secretKey } from './sign.ts';
import { WEBHOOK_PARTS, WEBHOOK_TYPES, type WebhookEndpoint } from './types.ts';

const LONGEST_TEXT = 256 * 1024;
const MOST_ENDPOINTS = 100;
const MOST_SECRETS = 5;
const MOST_ITEMS = 100;
const LONGEST_TIMEOUT_MS = 60_000;
/** Standard Webhooks 1.0.0 recommends 15 to 30 s. */
const DEFAULT_TIMEOUT_MS = 15_000;
const DEFAULT_CONCURRENCY = 4;
const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface EndpointsFileOptions {
  /** Where the secrets are. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Private addresses and plain http may be named. */
  readonly allowPrivate?: boolean;
}

export interface ParsedEndpoints {
  /** Those that are right; in force only where there is no problem at all. */
  readonly endpoints: readonly WebhookEndpoint[];
  /** In order of lines. */
  readonly problems: readonly RulesProblem[];
}

/** Reads endpoints from YAML or JSON. Never throws: what is wrong is told with its line, and without any secret. */
export function parseEndpoints(text: string, options: EndpointsFileOptions): ParsedEndpoints {
  if (text.length > LONGEST_TEXT) {
    return { endpoints: [], problems: [{ line: 1, column: 1, message: 'Endpoints have 256 KiB at most.' }] };
  }
  const file = new EndpointsFile(options);
  const endpoints = file.read(text);
  return { endpoints, problems: file.problems.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}

/**
 * Reads endpoints from YAML or JSON.
 *
 * @throws UndertoneError `webhooks-invalid` with every problem and its line
 * @example
 * const endpoints = readEndpoints(await readFile('webhooks.yaml', 'utf8'), { environment: process.env });
 */
export function readEndpoints(text: string, options: EndpointsFileOptions): readonly WebhookEndpoint[] {
  const { endpoints, problems } = parseEndpoints(text, options);
  if (problems.length === 0) return endpoints;
  const detail = problems.map(({ line, message }) => `line ${line}: ${message}`).join(' ');
  throw new UndertoneError('webhooks-invalid', { detail });
}

const KEYS = [
  'name',
  'url',
  'secrets',
  'events',
  'rules',
  'severities',
  'roles',
  'metadata',
  'include',
  'timeout',
  'concurrency',
] as const;

class EndpointsFile {
  readonly #reader = new RuleReader('There are no endpoints; begin with "endpoints:".');
  readonly #options: EndpointsFileOptions;
  readonly #names = new Set<string>();

  constructor(options: EndpointsFileOptions) {
    this.#options = options;
  }

  get problems(): readonly RulesProblem[] {
    return this.#reader.problems;
  }

  read(text: string): readonly WebhookEndpoint[] {
    const root = this.#reader.parse(text);
    const top = root && this.#reader.entries(root, 'The file', ['version', 'endpoints']);
    if (root === undefined || top === undefined) return [];
    const version = top.get('version');
    if (version !== undefined) this.#reader.number(version, 'version', 1, 1);
    const listed = top.get('endpoints');
    if (listed === undefined) return this.#reader.problem(root, 'The file has no "endpoints".') ?? [];
    return this.#items(listed, 'endpoints', MOST_ENDPOINTS).flatMap((item) => this.#endpoint(item) ?? []);
  }

  #endpoint(node: Node): WebhookEndpoint | undefined {
    const entries = this.#reader.entries(node, 'An endpoint', KEYS);
    if (entries === undefined) return undefined;
    const known = this.problems.length;
    const name = this.#required(node, entries, 'name', (value) => this.#name(value));
    const url = this.#required(node, entries, 'url', (value) => this.#url(value));
    const secrets = this.#required(node, entries, 'secrets', (value) => this.#secrets(value));
    const rules = this.#optional(entries, 'rules', (value) => this.#texts(value, 'rules'));
    const severities = this.#optional(entries, 'severities', (value) =>
      this.#choices(value, 'severities', ALERT_SEVERITIES),
    );
    const roles = this.#optional(entries, 'roles', (value) => this.#choices(value, 'roles', ROLES));
    const events = this.#optional(entries, 'events', (value) => this.#choices(value, 'events', WEBHOOK_TYPES));
    const include = this.#optional(entries, 'include', (value) => this.#choices(value, 'include', WEBHOOK_PARTS));
    const metadata = this.#optional(entries, 'metadata', (value) => this.#texts(value, 'metadata'));
    const timeoutMs = this.#optional(entries, 'timeout', (value) => this.#timeout(value));
    const concurrency = this.#optional(entries, 'concurrency', (value) => this.#whole(value, 'concurrency', 1, 32));
    if (!name || !url || !secrets || this.problems.length > known) return undefined;
    return {
      name,
      url,
      secrets,
      events: events ?? new Set(WEBHOOK_TYPES),
      ...(rules && { rules }),
      ...(severities && { severities }),
      ...(roles && { roles }),
      metadata: [...(metadata ?? [])],
      include: include ?? new Set(WEBHOOK_PARTS),
      timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
      concurrency: concurrency ?? DEFAULT_CONCURRENCY,
    };
  }

  #name(node: Node): string | undefined {
    const name = this.#reader.text(node, 'name', 64);
    if (name === undefined) return undefined;
    if (this.#names.has(name)) return this.#reader.problem(node, `The name "${name}" is taken by an endpoint above.`);
    this.#names.add(name);
    return name;
  }

  /** Nothing of it is repeated in a message: its path may be a secret. */
  #url(node: Node): URL | undefined {
    const text = this.#reader.text(node, 'url', 2_000);
    if (text === undefined) return undefined;
    const problem = (message: string): undefined => this.#reader.problem(node, message);
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined) return problem('url is not an address such as https://example.com/hook.');
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return problem('url begins with https://.');
    if (url.username !== '' || url.password !== '') return problem('url holds no user and no password.');
    if (url.hash !== '') return problem('url has no part behind "#": it would not be sent.');
    if (this.#options.allowPrivate) return url;
    if (url.protocol === 'http:') {
      return problem('url begins with https://; plain http is for private networks, with --allow-private-webhooks.');
    }
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const closed = isIP(host) === 0 ? undefined : closedAddress(host);
    if (closed === undefined) return url;
    return problem(`url leads to an address that is ${closed}; allow that with --allow-private-webhooks.`);
  }

  #secrets(node: Node): readonly Uint8Array[] | undefined {
    const items = this.#items(node, 'secrets', MOST_SECRETS);
    if (items.length === 0) return undefined;
    const keys = items.map((item) => this.#secret(item));
    return keys.every((key) => key !== undefined) ? keys : undefined;
  }

  #secret(node: Node): Uint8Array | undefined {
    const name = this.#reader.text(node, 'A secret', 200);
    if (name === undefined) return undefined;
    if (!ENVIRONMENT_NAME.test(name) || name.startsWith('whsec_')) {
      return this.#reader.problem(node, 'secrets are names of environment variables; the secrets do not stand here.');
    }
    const value = this.#options.environment[name];
    if (value === undefined || value === '') {
      return this.#reader.problem(node, `The environment variable ${name} is not set.`);
    }
    const key = secretKey(value);
    const wanted = '"whsec_" and 24 to 64 bytes in base64';
    return key ?? this.#reader.problem(node, `The environment variable ${name} is no secret: it is ${wanted}.`);
  }

  #timeout(node: Node): number | undefined {
    const ms = this.#reader.duration(node, 'timeout', LONGEST_TIMEOUT_MS);
    return ms === undefined || ms >= 1_000 ? ms : this.#reader.problem(node, 'timeout is 1 s at least.');
  }

  #whole(node: Node, what: string, low: number, high: number): number | undefined {
    const value = this.#reader.number(node, what, low, high);
    if (value === undefined || Number.isInteger(value)) return value;
    return this.#reader.problem(node, `${what} is a whole number.`);
  }

  #texts(node: Node, what: string): ReadonlySet<string> {
    return new Set(this.#items(node, what, MOST_ITEMS).flatMap((item) => this.#reader.text(item, what, 128) ?? []));
  }

  #choices<T extends string>(node: Node, what: string, choices: readonly T[]): ReadonlySet<T> {
    const items = this.#items(node, what, MOST_ITEMS);
    return new Set(items.flatMap((item) => this.#reader.choice(item, what, choices) ?? []));
  }

  /** At least one, and no more than that. */
  #items(node: Node, what: string, most: number): readonly Node[] {
    const items = this.#reader.items(node, what);
    if (items === undefined) return [];
    if (items.length === 0) this.#reader.problem(node, `${what} is empty.`);
    if (items.length > most) this.#reader.problem(items[most]!, `${what} has ${most} entries at most.`);
    return items.slice(0, most);
  }

  #required<T>(parent: Node, entries: Entries, key: string, read: (node: Node) => T | undefined): T | undefined {
    const node = entries.get(key);
    return node === undefined ? this.#reader.problem(parent, `An endpoint needs "${key}".`) : read(node);
  }

  #optional<T>(entries: Entries, key: string, read: (node: Node) => T | undefined): T | undefined {
    const node = entries.get(key);
    return node === undefined ? undefined : read(node);
  }
}
