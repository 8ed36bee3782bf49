import { z } from 'zod';

// Every phrase continues the name of its field: "media.chunk must be …".

/** Text of any length; what becomes of it is checked where it is used. */
export const text = z.string('must be a string');

const number = (pattern: RegExp, whole: boolean, phrase: string) =>
  z.union([z.number(), z.string()], phrase).transform((value, context) => {
    const read = typeof value === 'number' ? value : pattern.test(value) ? Number(value) : Number.NaN;
    if (read >= 0 && read <= Number.MAX_SAFE_INTEGER && (!whole || Number.isInteger(read))) return read;
    context.addIssue(phrase);
    return z.NEVER;
  });

/** A whole number, which several platforms write as a string. */
export const count = number(/^\d{1,15}$/, true, 'must be a whole number from 0, or its digits');

/** Milliseconds, which several platforms write as a string. */
export const milliseconds = number(/^\d{1,15}(?:\.\d{1,9})?$/, false, 'must be a number from 0, or its digits');

/** The two directions of a call as the platform sees them, with the suffix that some of them add or without. */
export const direction = z
  .enum(['inbound', 'outbound', 'inbound_track', 'outbound_track'], 'must be inbound or outbound')
  .transform((track) => (track.startsWith('inbound') ? 'inbound' : 'outbound'));

/** The object under a name, or why it is not one. */
export const object = <S extends z.ZodRawShape>(shape: S) => z.object(shape, 'must be an object');
