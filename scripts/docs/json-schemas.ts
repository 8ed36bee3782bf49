import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as z from 'zod';
import { eventSchemas } from '../../src/protocol/event-schemas.ts';
import {
  CHANNELS,
  DEFAULT_ANALYSIS_LIMITS,
  MAX_METADATA_BYTES,
  MAX_NAME_LENGTH,
  RATE_HZ,
  WIRE_ENCODINGS,
} from '../../src/protocol/limits.ts';
import { clientSchemas } from '../../src/protocol/messages.ts';
import { type Docstrings, readDocstrings } from './docstrings.ts';

export type JsonSchema = { [key: string]: unknown };

/** The interface that documents each message; `status` is either of two. */
const INTERFACES: Readonly<Record<string, readonly string[]>> = {
  start: ['StartMessage'],
  mark: ['MarkMessage'],
  stop: ['StopMessage'],
  status: ['StreamStatusEvent', 'ConnectionStatusEvent'],
};
/** Those of objects inside of messages, by the name of the property that holds them. */
const NESTED: Readonly<Record<string, string>> = {
  format: 'WireFormat',
  quality: 'WindowQuality',
  analysis: 'AnalysisSettings',
  model: 'ModelDescription',
};

const nameSchema = {
  type: 'string',
  minLength: 1,
  maxLength: MAX_NAME_LENGTH,
  pattern: '^(?=.*\\S)[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+$',
};

/** What the checks after the schema hold values to, which have errors of their own. */
const LIMITS: Readonly<Record<string, JsonSchema>> = {
  'start/streamId': { ...nameSchema, not: { const: '*' } },
  'start/callId': nameSchema,
  'start/channels/items/name': nameSchema,
  'start/resume/token': nameSchema,
  'mark/name': nameSchema,
  'start/format/encoding': { type: 'string', enum: WIRE_ENCODINGS },
  'start/format/sampleRateHz': { type: 'integer', minimum: RATE_HZ.min, maximum: RATE_HZ.max },
  'start/format/channels': { type: 'integer', minimum: CHANNELS.min, maximum: CHANNELS.max },
  'start/channels': { maxItems: CHANNELS.max },
  'start/analysis/windowMs': {
    type: 'integer',
    multipleOf: 10,
    minimum: DEFAULT_ANALYSIS_LIMITS.windowMs.min,
    maximum: DEFAULT_ANALYSIS_LIMITS.windowMs.max,
  },
  'start/analysis/stepMs': {
    type: 'integer',
    multipleOf: 10,
    minimum: DEFAULT_ANALYSIS_LIMITS.minStepMs,
    description: 'At most the window.',
  },
  'start/metadata': { description: `Flat, at most ${MAX_METADATA_BYTES} bytes of JSON.` },
};

/** A JSON Schema of every message of the wire protocol, by its type. */
export interface MessageSchemas {
  /** What clients send. */
  readonly client: Record<string, JsonSchema>;
  /** What servers send. */
  readonly server: Record<string, JsonSchema>;
}

/** @param root the folder of the project, whose sources describe the fields */
export function messageSchemas(root: string): MessageSchemas {
  const docstrings = readDocstrings(
    ['events', 'messages', 'limits'].map((name) => readFileSync(resolve(root, `src/protocol/${name}.ts`), 'utf8')),
  );
  const each = (schemas: Readonly<Record<string, z.core.$ZodType>>) =>
    Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, schemaOf(type, schema, docstrings)]));
  return { client: each(clientSchemas), server: each(eventSchemas) };
}

function schemaOf(type: string, schema: z.core.$ZodType, docstrings: Docstrings): JsonSchema {
  // What a client may send and a server does: unknown fields of events are ignored, for a newer server may add some.
  const raw = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }) as JsonSchema;
  const { $schema: _, ...plain } = raw;
  const { anyOf } = plain as { anyOf?: unknown };
  const names = INTERFACES[type] ?? [`${type[0]!.toUpperCase()}${type.slice(1)}Event`];
  const variants = Array.isArray(anyOf) ? (anyOf as JsonSchema[]) : undefined;
  const body =
    variants === undefined
      ? tidy(plain, type, names[0]!, docstrings)
      : { anyOf: variants.map((variant, index) => tidy(variant, type, names[index] ?? names[0]!, docstrings)) };
  const description = variants === undefined ? docstrings.of(names[0]!) : undefined;
  return { title: type, ...(description !== undefined && { description }), ...body };
}

function tidy(schema: JsonSchema, path: string, interfaceName: string | undefined, docstrings: Docstrings): JsonSchema {
  const out: JsonSchema = {};
  for (const [key, value] of Object.entries(schema)) {
    // The bounds of what a double holds exactly say nothing; a default stands for what an older client makes of it.
    if (Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER || key === 'default') continue;
    if (key === 'properties')
      out[key] = properties(value as Record<string, JsonSchema>, path, interfaceName, docstrings);
    else if (key === 'items') out[key] = tidy(value as JsonSchema, `${path}/items`, undefined, docstrings);
    else out[key] = value;
  }
  return { ...out, ...LIMITS[path] };
}

const properties = (
  schemas: Readonly<Record<string, JsonSchema>>,
  path: string,
  interfaceName: string | undefined,
  docstrings: Docstrings,
): Record<string, JsonSchema> =>
  Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const description = interfaceName === undefined ? undefined : docstrings.property(interfaceName, name);
      const inner = tidy(schema, `${path}/${name}`, NESTED[name], docstrings);
      return [name, description === undefined ? inner : { ...inner, description }];
    }),
  );
