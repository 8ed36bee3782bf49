import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UndertoneError } from '../../../src/errors.ts';
import { decodeBase64, encodeBase64 } from '../../../src/protocol/dialects/base64.ts';

const bytes = fc.uint8Array({ maxLength: 400 });
const refusal = (text: string): string => {
  try {
    decodeBase64(text, 'media.payload');
  } catch (error) {
    if (error instanceof UndertoneError) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('base64', () => {
  it('is that of RFC 4648, section 10', () => {
    const vectors = {
      '': '',
      f: 'Zg==',
      fo: 'Zm8=',
      foo: 'Zm9v',
      foob: 'Zm9vYg==',
      fooba: 'Zm9vYmE=',
      foobar: 'Zm9vYmFy',
    };
    for (const [text, base64] of Object.entries(vectors)) {
      expect(new TextDecoder().decode(decodeBase64(base64, 'x'))).toBe(text);
      expect(encodeBase64(new TextEncoder().encode(text))).toBe(base64);
    }
  });

  it("is that of Node's Buffer, both ways", () => {
    fc.assert(
      fc.property(bytes, (data) => {
        const base64 = Buffer.from(data).toString('base64');
        expect(encodeBase64(data)).toBe(base64);
        expect(decodeBase64(base64, 'x')).toEqual(data);
      }),
    );
  });

  it('refuses what was cut, whatever is left of it, unless whole groups are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 3, maxLength: 400 }), fc.nat(), (data, cut) => {
        const base64 = encodeBase64(data);
        const left = base64.slice(0, cut % base64.length);
        if (left.length % 4 === 0) expect(refusal(left)).toBe('accepted');
        else expect(refusal(left)).toBe('The message is not valid: media.payload must be whole, padded base64.');
      }),
    );
  });

  it('refuses any character that is not of the alphabet, anywhere', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 60 }),
        fc.nat(),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((text) => !/[A-Za-z0-9+/]/.test(text)),
        (data, where, character) => {
          const base64 = encodeBase64(data);
          const at = where % base64.length;
          const changed = base64.slice(0, at) + character + base64.slice(at + 1);
          fc.pre(changed !== base64);
          // Only a "=" at the end can leave text that is base64 again, of fewer bytes.
          if (character === '=' && at === base64.length - 1) return;
          expect(refusal(changed)).not.toBe('accepted');
        },
      ),
    );
  });

  it.each([
    'AB==',
    'AAB=',
    'A===',
    '====',
    '=AAA',
    'AA=A',
    'AAA=AAAA',
    'AA-_',
    'AAAA\n',
    ' AAA',
    'AAÁA',
    'AA\u{1f600}',
  ])('refuses %j: bits left over, padding inside, another alphabet, white space', (text) => {
    expect(refusal(text)).not.toBe('accepted');
  });
});
