import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UndertoneError } from '../../../src/errors.ts';
import { callIdOf, markNameOf, metadataOf } from '../../../src/protocol/dialects/call-metadata.ts';
import { count, direction, milliseconds, object, text } from '../../../src/protocol/dialects/fields.ts';
import { check, own, parseObject, tryParseObject } from '../../../src/protocol/dialects/json.ts';
import { MAX_MESSAGE_BYTES, MAX_METADATA_BYTES } from '../../../src/protocol/index.ts';

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof UndertoneError) return error.code;
    throw error;
  }
  return 'accepted';
};

describe('a text message', () => {
  it.each([
    ['', 'not-json'],
    ['{', 'not-json'],
    ['{"a":1}}', 'not-json'],
    ['[]', 'invalid-message'],
    ['"start"', 'invalid-message'],
    ['null', 'invalid-message'],
    ['1e999', 'invalid-message'],
    ['{}', 'accepted'],
  ])('%j is %s', (message, code) => {
    expect(codeOf(() => parseObject(message))).toBe(code);
  });

  it('is limited in UTF-8 bytes', () => {
    const padded = (character: string, bytes: number) => `{"a":"${character.repeat(bytes)}"}`;
    expect(codeOf(() => parseObject(padded('a', MAX_MESSAGE_BYTES - 8)))).toBe('accepted');
    expect(codeOf(() => parseObject(padded('a', MAX_MESSAGE_BYTES - 7)))).toBe('message-too-large');
    expect(codeOf(() => parseObject(padded('€', 40), 127))).toBe('message-too-large');
    expect(codeOf(() => parseObject(padded('€', 40), 128))).toBe('accepted');
    expect(codeOf(() => tryParseObject('x'.repeat(20), 10))).toBe('message-too-large');
  });

  it('may be nested as deeply as it likes', () => {
    const depth = 200_000;
    const nested = `{"event":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(['accepted', 'not-json']).toContain(codeOf(() => parseObject(nested)));
    expect(codeOf(() => check(object({ event: text }), parseObject('{"event":[[]]}')))).toBe('invalid-message');
  });

  it('of any kind throws errors of the table alone', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (message) => void codeOf(() => parseObject(message))));
  });

  it('that is no JSON object is none to detection either, without an error', () => {
    expect(tryParseObject('MEDIA_START connection_id:1')).toBeUndefined();
    expect(tryParseObject('{broken')).toBeUndefined();
    expect(tryParseObject('[1]')).toBeUndefined();
    expect(tryParseObject(' {"a":1}')).toEqual({ a: 1 });
  });
});

describe('keys that pollute prototypes', () => {
  const message = '{"__proto__":{"event":"start","polluted":1},"constructor":{"prototype":{"polluted":1}}}';

  it('are properties like any other, and are not found by another name', () => {
    const read = parseObject(message);
    expect(own(read, 'event')).toBeUndefined();
    expect(own(read, 'polluted')).toBeUndefined();
    expect(own({}, 'constructor')).toBeUndefined();
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('are no metadata', () => {
    const metadata = metadataOf(parseObject('{"__proto__":"x","constructor":"y","prototype":1,"queue":"sales"}'));
    expect(Object.entries(metadata)).toEqual([['queue', 'sales']]);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
  });
});

describe('fields', () => {
  const shape = object({ n: count, ms: milliseconds, side: direction });
  const valid = { n: '7', ms: '12.5', side: 'inbound_track' };

  it('take numbers as numbers and as digits', () => {
    expect(check(shape, valid)).toEqual({ n: 7, ms: 12.5, side: 'inbound' });
    expect(check(shape, { n: 0, ms: 0, side: 'outbound' })).toEqual({ n: 0, ms: 0, side: 'outbound' });
  });

  it.each([
    [{ ...valid, n: '1e3' }, 'n must be a whole number from 0, or its digits'],
    [{ ...valid, n: -1 }, 'n must be a whole number from 0, or its digits'],
    [{ ...valid, n: 1.5 }, 'n must be a whole number from 0, or its digits'],
    [{ ...valid, n: '9'.repeat(16) }, 'n must be a whole number from 0, or its digits'],
    [{ ...valid, n: Number.POSITIVE_INFINITY }, 'n must be a whole number from 0, or its digits'],
    [{ ...valid, n: 1e300 }, 'n must be a whole number from 0, or its digits'],
    [{ ...valid, ms: null }, 'ms must be a number from 0, or its digits'],
    [{ ...valid, ms: [1] }, 'ms must be a number from 0, or its digits'],
    [{ ...valid, side: 'both' }, 'side must be inbound or outbound'],
    [{ n: 1, ms: 1 }, 'side must be inbound or outbound'],
    [3, 'it must be an object'],
  ])('%j: %s', (value, detail) => {
    expect(() => check(shape, value)).toThrowError(`The message is not valid: ${detail}.`);
  });

  it('are named in errors, never their values', () => {
    const secret = '+15555550100';
    for (const schema of [shape, z.object({ n: z.literal('x', 'must be x') }), object({ n: object({}) })]) {
      expect(() => check(schema, { n: secret, ms: secret, side: secret })).toThrowError(
        expect.not.stringContaining(secret) as unknown as string,
      );
    }
  });
});

describe('metadata', () => {
  it('is what is flat of the parameters, in their order', () => {
    expect(
      metadataOf({ queue: 'sales', priority: 2, vip: true, nested: {}, list: [], none: null, 'a\u0000b': 1 }),
    ).toEqual({
      queue: 'sales',
      priority: 2,
      vip: true,
    });
    for (const none of [undefined, null, 'text', 7, ['a']]) expect(metadataOf(none)).toEqual({});
  });

  it('never exceeds its limit', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string({ maxLength: 900 }), fc.double())), (parameters) => {
        const bytes = new TextEncoder().encode(JSON.stringify(metadataOf(parameters))).length;
        expect(bytes).toBeLessThanOrEqual(MAX_METADATA_BYTES);
      }),
    );
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, 'x'.repeat(100)]));
    expect(Object.keys(metadataOf(many)).length).toBe(37);
  });
});

describe('ids', () => {
  it.each([
    '+15555550100',
    '4:+15555550100',
    'tel:+15555550100',
    'sip:+15555550100@example.com',
    'sip:15555550100@x',
    '+1 (555) 555-0100',
  ])('%s is a phone number and no id of a call', (id) => {
    expect(callIdOf(id)).toBeUndefined();
    expect(callIdOf(id, 'CA1')).toBe('CA1');
  });

  it.each(['CA0123456789', '1700000000.123', '401f3500-fcb6-4b84-927e-81cd6372560b', 'v2:T02llQx'])(
    '%s is one',
    (id) => {
      expect(callIdOf(undefined, 7, '', id)).toBe(id);
    },
  );

  it('and names of marks are printable, or are replaced', () => {
    expect(callIdOf('a\nb')).toBeUndefined();
    expect(callIdOf('.', '..', '...')).toBe('...');
    expect(markNameOf('greeting')).toBe('greeting');
    for (const name of ['', 'a\u001b[2J', 'x'.repeat(200), 7, undefined]) expect(markNameOf(name)).toBe('mark');
  });
});
