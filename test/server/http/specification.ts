import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

interface Answer {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly requestBody?: object;
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Specification {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly responses: Readonly<Record<string, Answer>> };
}

/** docs/openapi.yaml, read by nothing of ours. */
export const specification = parse(
  readFileSync(resolve(import.meta.dirname, '../../../docs/openapi.yaml'), 'utf8'),
) as Specification;

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)) && /^\d{4}-\d\d-\d\dT.*Z$/.test(text));
ajv.addFormat('date', /^\d{4}-\d\d-\d\d$/);
ajv.addSchema({ $id: 'urn:undertone:openapi', ...closed(specification) });
const compiled = new Map<string, ValidateFunction>();

/** What is not described must not be there: the schemas of the document allow more, for what later versions say. */
function closed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(closed) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, closed(inner)]);
  const isObject = 'properties' in value && 'type' in value && !('additionalProperties' in value);
  return Object.fromEntries(isObject ? [...entries, ['additionalProperties', false]] : entries) as T;
}

/** The path of the document that a path is one of. */
export function templateOf(path: string): string | undefined {
  const parts = path.split('/');
  const fits = (template: string): boolean => {
    const wanted = template.split('/');
    return (
      wanted.length === parts.length && wanted.every((part, index) => part.startsWith('{') || part === parts[index])
    );
  };
  // The one with the fewest holes, so that /v1/calls/{callId} does not stand for another.
  return Object.keys(specification.paths)
    .filter(fits)
    .sort((a, b) => a.split('{').length - b.split('{').length)[0];
}

/** What an answer breaks of what the document says; nothing where all fits. */
export function misfits(
  method: string,
  path: string,
  answer: { readonly status: number; readonly type: string; readonly body: string },
): string[] {
  const template = templateOf(path);
  const operation = template && specification.paths[template]?.[method === 'HEAD' ? 'get' : method.toLowerCase()];
  if (template === undefined || !operation) {
    // What is nowhere in the document is refused, in the words of the table.
    return [401, 403, 404, 405].includes(answer.status) ? [] : [`${method} ${path} is not described`];
  }
  const named = String(answer.status) in operation.responses ? String(answer.status) : 'default';
  const described = resolved(operation.responses[named]);
  if (described === undefined) return [`${method} ${path} says nothing of ${answer.status}`];
  const { content } = described.answer;
  if (content === undefined) return answer.body === '' ? [] : [`${answer.status} has a body`];
  if (method === 'HEAD' || answer.status === 304) return [];
  const mediaType = answer.type.split(';')[0] ?? '';
  if (!(mediaType in content)) return [`${answer.status} of ${method} ${path} is of type ${mediaType}`];
  if (mediaType !== 'application/json') return [];
  const at = described.pointer ?? `/paths/${escaped(template)}/${method.toLowerCase()}/responses/${named}`;
  const validate = schemaAt(`${at}/content/application~1json/schema`);
  validate(JSON.parse(answer.body));
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

function resolved(answer: Answer | undefined): { readonly answer: Answer; readonly pointer?: string } | undefined {
  if (answer?.$ref === undefined) return answer && { answer };
  const name = answer.$ref.split('/').at(-1) ?? '';
  const found = specification.components.responses[name];
  return found && { answer: found, pointer: `/components/responses/${name}` };
}

function schemaAt(pointer: string): ValidateFunction {
  const known = compiled.get(pointer) ?? ajv.compile({ $ref: `urn:undertone:openapi#${encodeURI(pointer)}` });
  compiled.set(pointer, known);
  return known;
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
