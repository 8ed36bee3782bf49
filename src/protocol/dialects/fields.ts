import { z } from 'zod';

// Every phrase continues the name of its field: "media.chunk must be …".

/** Text of any length; what becomes of it is checked where it is used. */
export const text = z.string('must be a string');

/** A whole number, which several platforms write as a string. */
export const count = z.union(
  [
    z.int().min(0).max(Number.MAX_SAFE_INTEGER),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ],
  'must be a whole number from 0, or its digits',
);

/** Milliseconds, which several platforms write as a string. */
export const milliseconds = z.union(
  [
    z.number().min(0).max(Number.MAX_SAFE_INTEGER),
    z
      .string()
      .regex(/^\d{1,15}(?:\.\d{1,9})?$/)
      .transform(Number),
  ],
  'must be a number from 0, or its digits',
);

/** The two directions of a call as the platform sees them, with the suffix that some of them add or without. */
export const direction = z.union(
  [
    z.enum(['inbound', 'outbound']),
    z.literal('inbound_track').transform(() => 'inbound' as const),
    z.literal('outbound_track').transform(() => 'outbound' as const),
  ],
  'must be inbound or outbound',
);
export type Direction = z.output<typeof direction>;

/** The object under a name, or why it is not one. */
export const object = <S extends z.ZodRawShape>(shape: S) => z.object(shape, 'must be an object');
