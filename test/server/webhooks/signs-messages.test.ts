import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { secretKey, signedHeaders } from '../../../src/server/webhooks/sign.ts';

const secretOf = (bytes: number): string => `whsec_${randomBytes(bytes).toString('base64')}`;
const keyOf = (secret: string): Uint8Array => {
  const key = secretKey(secret);
  if (key === undefined) throw new Error('no key');
  return key;
};

describe('a signed message', () => {
  it('is verified by the independent library with the secret as it was handed out, whatever its body', () => {
    const secret = secretOf(32);
    fc.assert(
      fc.property(fc.jsonValue(), fc.uuid(), (value, id) => {
        const body = Buffer.from(JSON.stringify({ value }));
        const headers = signedHeaders([keyOf(secret)], `msg_${id}`, Date.now(), body);
        expect(new Webhook(secret).verify(body.toString(), { ...headers })).toEqual(JSON.parse(body.toString()));
      }),
    );
  });

  it('is refused by it where a byte of body, id or time is another', () => {
    const secret = secretOf(24);
    const headers = signedHeaders([keyOf(secret)], 'msg_a', Date.now(), Buffer.from('{"a":1}'));
    const verify = (body: string, more: object) => () => new Webhook(secret).verify(body, { ...headers, ...more });
    expect(verify('{"a":1}', {})).not.toThrow();
    expect(verify('{"a":2}', {})).toThrow('No matching signature');
    expect(verify('{"a":1}', { 'webhook-id': 'msg_b' })).toThrow('No matching signature');
    const later = String(Number(headers['webhook-timestamp']) + 1);
    expect(verify('{"a":1}', { 'webhook-timestamp': later })).toThrow('No matching signature');
  });

  it('while secrets change is verified with the old one and with the new one, and with no third', () => {
    const [old, next, other] = [secretOf(24), secretOf(64), secretOf(32)];
    const body = '{"type":"alert.raised"}';
    const headers = signedHeaders([keyOf(next), keyOf(old)], 'msg_1', Date.now(), Buffer.from(body));
    expect(headers['webhook-signature'].split(' ')).toHaveLength(2);
    for (const secret of [old, next]) expect(new Webhook(secret).verify(body, { ...headers })).toBeDefined();
    expect(() => new Webhook(other).verify(body, { ...headers })).toThrow('No matching signature');
  });

  it('has the form of the specification: seconds, and HMAC-SHA256 of id.timestamp.body', () => {
    const key = Buffer.alloc(24, 7);
    const headers = signedHeaders([key], 'msg_x', 1_674_087_231_999, Buffer.from('{}'));
    const expected = createHmac('sha256', key).update('msg_x.1674087231.{}').digest('base64');
    expect(headers).toEqual({
      'webhook-id': 'msg_x',
      'webhook-timestamp': '1674087231',
      'webhook-signature': `v1,${expected}`,
    });
  });
});

describe('a secret', () => {
  it.each([24, 32, 64])('of %i bytes is one', (bytes) => {
    expect(keyOf(secretOf(bytes))).toHaveLength(bytes);
  });

  it.each([
    ['23 bytes', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['65 bytes', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['without its prefix', Buffer.alloc(32).toString('base64')],
    ['of another kind', `whsk_${Buffer.alloc(32).toString('base64')}`],
    ['no base64', 'whsec_this is no base64 at all, is it now'],
    ['cut', `whsec_${Buffer.alloc(32).toString('base64').slice(0, -3)}`],
    ['with a space behind it', `whsec_${Buffer.alloc(32).toString('base64')} `],
    ['empty', 'whsec_'],
  ])('that is %s is none', (_, secret) => {
    expect(secretKey(secret)).toBeUndefined();
  });
});
