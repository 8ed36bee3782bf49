import type { IncomingMessage } from 'node:http';
import type * as z from 'zod';
import { UndertoneError } from '../../errors.ts';
import { excerpt, isPrintableName, issueSentence } from '../../protocol/index.ts';

/** Bytes of a body at most: alert rules are the longest there is. */
export const MAX_BODY_BYTES = 262_144;
/** Values of one parameter, and parameters, at most; what a header may hold bounds their length. */
const MAX_PARAMETERS = 100;
const METADATA = 'metadata.';
/** Heeded everywhere: the key, and who asks. */
const EVERYWHERE = ['key', 'by'];

const invalidQuery = (detail: string): UndertoneError => new UndertoneError('invalid-query', { detail });
const invalidBody = (detail: string): UndertoneError => new UndertoneError('invalid-body', { detail });

/** The query of a request. @throws UndertoneError `invalid-query` for what is not UTF-8, or far too much */
export function queryOf(request: IncomingMessage): URLSearchParams {
  const { url = '' } = request;
  const at = url.indexOf('?');
  const raw = at < 0 ? '' : url.slice(at + 1);
  if (!isUtf8(raw)) throw invalidQuery('it is not percent-encoded UTF-8');
  const query = new URLSearchParams(raw);
  if (query.size > MAX_PARAMETERS) throw invalidQuery(`it has more than ${MAX_PARAMETERS} parameters`);
  return query;
}

/** Whether what is percent-encoded in a part of an address is UTF-8. */
export function isUtf8(encoded: string): boolean {
  try {
    decodeURIComponent(encoded);
    return true;
  } catch {
    return false;
  }
}

/** Values of the types that a schema wants, from the text of a query. @throws UndertoneError `invalid-query` */
export function readQuery(query: URLSearchParams, schema: z.ZodObject | undefined): Record<string, unknown> {
  const kinds = schema === undefined ? new Map<string, string>() : kindsOf(schema);
  const values: Record<string, unknown> = {};
  const metadata: [string, string][] = [];
  for (const key of new Set(query.keys())) {
    const texts = query.getAll(key);
    if (kinds.has('metadata') && key.startsWith(METADATA)) {
      const name = key.slice(METADATA.length);
      // No metadata is kept under it, and a schema would pass over it: then the condition would hold for all.
      if (name === '__proto__') throw invalidQuery(`${key} is the name of nothing that is kept`);
      metadata.push([name, only(key, texts)]);
      continue;
    }
    const kind = key === 'metadata' ? undefined : kinds.get(key);
    if (kind !== undefined) values[key] = kind === 'array' ? texts : typed(kind, only(key, texts));
    else if (!EVERYWHERE.includes(key)) throw invalidQuery(`${excerpt(key)} is not a known parameter`);
  }
  const all = metadata.length > 0 ? { ...values, metadata: Object.fromEntries(metadata) } : values;
  return schema === undefined ? all : parsed(schema, all, invalidQuery);
}

export function readParams(params: Readonly<Record<string, string>>, schema: z.ZodObject): Record<string, unknown> {
  return parsed(schema, params, invalidQuery);
}

/** The JSON of a body. @throws UndertoneError `body-too-large`, `invalid-body` */
export async function readBody(request: IncomingMessage, schema: z.ZodObject): Promise<Record<string, unknown>> {
  const text = await bodyText(request);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidBody('it is not JSON');
  }
  return parsed(schema, value, invalidBody);
}

/**
 * Who asks, as they call themselves: in the body, in the query, or percent-encoded in the header `X-Undertone-By`.
 *
 * @throws UndertoneError `name-required`, `invalid-query`
 */
export function nameOf(request: IncomingMessage, query: URLSearchParams, body: { readonly by?: unknown }): string {
  const header = request.headers['x-undertone-by'];
  const name = body.by ?? query.get('by') ?? (typeof header === 'string' ? decoded(header) : undefined);
  if (name === undefined || name === null || name === '') throw new UndertoneError('name-required');
  if (typeof name !== 'string' || !isPrintableName(name))
    throw invalidQuery('by must be 1 to 128 printable characters');
  return name;
}

function decoded(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    return header;
  }
}

function parsed(
  schema: z.ZodObject,
  value: unknown,
  invalid: (detail: string) => UndertoneError,
): Record<string, unknown> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(issueSentence(result.error.issues, value));
}

function only(key: string, texts: readonly string[]): string {
  const [text = ''] = texts;
  if (texts.length > 1) throw invalidQuery(`${excerpt(key)} is given ${texts.length} times`);
  return text;
}

/** What cannot be of the kind stays text, so that the schema says what is wrong with it. */
function typed(kind: string, text: string): unknown {
  if (kind === 'number' && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text);
  if (kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

const known = new WeakMap<z.ZodObject, ReadonlyMap<string, string>>();

/** The kinds of a schema's fields, without what makes them optional. */
function kindsOf(schema: z.ZodObject): ReadonlyMap<string, string> {
  let kinds = known.get(schema);
  if (kinds === undefined) {
    kinds = new Map(Object.entries(schema.shape).map(([name, field]) => [name, kindOf(field)]));
    known.set(schema, kinds);
  }
  return kinds;
}

function kindOf(field: z.core.$ZodType): string {
  const { def } = field._zod;
  return 'innerType' in def ? kindOf(def.innerType as z.core.$ZodType) : def.type;
}

async function bodyText(request: IncomingMessage): Promise<string> {
  const tooLarge = (): UndertoneError => new UndertoneError('body-too-large', { limit: MAX_BODY_BYTES });
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    // What is too large is answered before it has come whole, over a connection that is still there.
    for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > MAX_BODY_BYTES) throw tooLarge();
      parts.push(part);
    }
  } catch (thrown) {
    if (thrown instanceof UndertoneError) throw thrown;
    throw new UndertoneError('bad-request', { detail: 'its body has not come whole' });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    throw invalidBody('it is not UTF-8');
  }
}
