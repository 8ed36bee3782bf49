import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UndertoneError } from '../../../src/errors.ts';
import { bringsBasic } from '../../../src/server/telephony/basic-auth.ts';
import { closeReason } from '../../../src/server/telephony/close-reason.ts';

describe('the reason of a close frame', () => {
  it('is the code and the sentence, whole where it fits', () => {
    expect(closeReason(new UndertoneError('shutting-down'))).toBe(
      'shutting-down: The server is shutting down; connect again in a moment.',
    );
  });

  it('fits into a control frame whatever the sentence, and is cut between characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (detail) => {
        const reason = closeReason(new UndertoneError('invalid-message', { detail }));
        expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
        expect(reason).not.toContain('\u{fffd}');
        expect(reason.startsWith('invalid-message: The message is not valid: ')).toBe(true);
      }),
    );
  });
});

describe('HTTP Basic', () => {
  it('takes the example of RFC 7617, and its test of UTF-8', () => {
    expect(bringsBasic('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', ['Aladdin:open sesame'])).toBe(true);
    expect(bringsBasic('basic dGVzdDoxMjPCow==', ['other:1', 'test:123£'])).toBe(true);
  });

  it.each([
    undefined,
    '',
    'Basic',
    'Basic ',
    'Basic %%%',
    'Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
    'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ== x',
  ])('refuses %j', (header) => {
    expect(bringsBasic(header, ['Aladdin:open sesame'])).toBe(false);
  });

  it('lets nobody in where no pair is known', () => {
    expect(bringsBasic('Basic Og==', [])).toBe(false);
  });
});
