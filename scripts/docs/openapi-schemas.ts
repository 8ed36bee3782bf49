import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as z from 'zod';
import { type Docstrings, readDocstrings } from './docstrings.ts';
import type { JsonSchema } from './json-schemas.ts';

/** Turns zod schemas into those of an OpenAPI document; those that have an id become its components. */
export class OpenApiSchemas {
  readonly components: Record<string, JsonSchema> = {};
  readonly #docstrings: Docstrings;

  /** @param root the folder of the project, whose sources describe the fields */
  constructor(root: string) {
    const sources = ['desk', 'events', 'call-metrics', 'alert-change'];
    this.#docstrings = readDocstrings(
      sources.map((name) => readFileSync(resolve(root, `src/protocol/${name}.ts`), 'utf8')),
    );
  }

  /** @param io what is taken in may leave out what has a default */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const raw = z.toJSONSchema(schema, { io, target: 'draft-2020-12' }) as JsonSchema;
    const { $schema: _, $defs = {}, ...plain } = raw;
    for (const [id, definition] of Object.entries($defs as Record<string, JsonSchema>)) {
      this.components[id] ??= this.#described(id, this.#tidy(definition, io) as JsonSchema);
    }
    return this.#tidy(plain, io) as JsonSchema;
  }

  #tidy(value: unknown, io: 'input' | 'output'): unknown {
    if (Array.isArray(value)) return value.map((each) => this.#tidy(each, io));
    if (typeof value !== 'object' || value === null) return value;
    const out: JsonSchema = {};
    for (const [key, inner] of Object.entries(value)) {
      if (key === '$ref' && typeof inner === 'string') out[key] = inner.replace('#/$defs/', '#/components/schemas/');
      else if (!isNoise(key, inner, value as JsonSchema, io)) out[key] = this.#tidy(inner, io);
    }
    return out;
  }

  #described(id: string, schema: JsonSchema): JsonSchema {
    const { of, property } = this.#docstrings;
    const { description = of(id), properties: fields } = schema;
    const properties = fields as Record<string, JsonSchema> | undefined;
    return {
      ...schema,
      ...(description !== undefined && { description }),
      ...(properties && {
        properties: Object.fromEntries(
          Object.entries(properties).map(([name, inner]) => {
            const said = property(id, name);
            return [name, said === undefined ? inner : { ...inner, description: said }];
          }),
        ),
      }),
    };
  }
}

/** What a schema says and a reader need not know. */
function isNoise(key: string, inner: unknown, within: JsonSchema, io: 'input' | 'output'): boolean {
  if (key === 'id' || key === 'wanted') return typeof inner !== 'object';
  // A newer server may say more.
  if (key === 'additionalProperties' && inner === false) return io === 'output';
  // A format says it shorter.
  if (key === 'pattern') return 'format' in within;
  return Math.abs(Number(inner)) === Number.MAX_SAFE_INTEGER;
}
