import * as z from 'zod';
import { EMOTIONS } from '../../../emotions.ts';
import {
  ALERT_ACTIONS,
  ALERT_CLEAR_CAUSES,
  ALERT_COMPARISONS,
  ALERT_SEVERITIES,
  END_REASONS,
  isPrintableName,
  MAX_NAME_LENGTH,
  ROLES,
  UNKNOWN_REASONS,
} from '../../../protocol/index.ts';

// Schemas with a title are components of the OpenAPI document, under that name. Phrases of what is taken in continue the
// name of their field: "limit must be …".

/** Names of ids, of people and of things, as everywhere in the protocol. */
export const name = z
  .string('must be a string')
  .refine(isPrintableName, `must be 1 to ${MAX_NAME_LENGTH} printable characters`)
  .meta({ minLength: 1, maxLength: MAX_NAME_LENGTH });

export const text = (max: number): z.ZodString =>
  z.string('must be a string').min(1, 'must not be empty').max(max, `must be at most ${max} characters`);

export const whole = (min: number, max: number): z.ZodInt => {
  const wrong = `must be a whole number from ${min} to ${max}`;
  return z.int(wrong).min(min, wrong).max(max, wrong);
};

export const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, `must be one of ${values.join(', ')}`);

/** A moment of the wall clock. */
export const moment = z.iso.datetime({
  offset: true,
  error: 'must be a time in ISO 8601, such as 2026-01-31T09:30:00Z',
});

/** Moments as the server writes them. */
export const time = z.iso.datetime();
export const ms = z.number().meta({ description: 'Milliseconds.' });
export const count = z.int().nonnegative();
export const share = z.number().min(0).max(1);
export const axis = z.number().min(-1).max(1);

export const role = oneOf(ROLES).meta({ id: 'Role' });
export const emotion = oneOf(EMOTIONS).meta({ id: 'Emotion' });
export const label = z.enum([...EMOTIONS, 'unknown']).meta({ id: 'Label' });
export const unknownReason = z.enum(UNKNOWN_REASONS).meta({ id: 'UnknownReason' });
export const endReason = z.enum(END_REASONS).meta({ id: 'EndReason' });
export const severity = z.enum(ALERT_SEVERITIES).meta({ id: 'AlertSeverity' });
export const alertAction = oneOf(ALERT_ACTIONS);
export const clearCause = z.enum(ALERT_CLEAR_CAUSES);
export const comparison = z.enum(ALERT_COMPARISONS);
export const probabilities = z.partialRecord(emotion, z.number()).meta({ id: 'Probabilities' });

export const metadata = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .meta({ id: 'Metadata', description: 'What the client gave with the stream.' });

export const channelDescription = z.object({ name: z.string(), role }).meta({ id: 'ChannelDescription' });

export const model = z
  .object({ name: z.string(), version: z.string(), hash: z.string(), labels: z.array(emotion) })
  .meta({ id: 'ModelDescription' });

export const analysis = z
  .object({ windowMs: ms, stepMs: ms, descriptors: z.array(z.string()) })
  .meta({ id: 'AnalysisSettings' });

export const stretch = z.object({ startMs: ms, endMs: ms }).meta({ id: 'Stretch' });

// The interfaces of the protocol and the schemas here say the same, or this does not compile.
type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
type Flat<T> = T extends object ? { [K in keyof T]: Flat<T[K]> } : T;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Whether a schema gives exactly what the interface says. */
export type Agrees<S extends z.ZodType, T> = Same<Flat<DeepReadonly<z.output<S>>>, Flat<DeepReadonly<T>>>;
