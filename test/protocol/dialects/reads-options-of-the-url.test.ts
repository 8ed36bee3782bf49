import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UndertoneError } from '../../../src/errors.ts';
import { ChannelNamer, queryOf, readCallOptions } from '../../../src/protocol/dialects/url-options.ts';

const read = (query: string) => readCallOptions(queryOf(new URL(`wss://host/v1/telephony?${query}`)));

describe('the query', () => {
  it('gives roles, names and the call', () => {
    expect(read('')).toEqual({ channels: [] });
    expect(read('roles=employee,customer&callId=c%201')).toEqual({
      callId: 'c 1',
      channels: [{ role: 'employee' }, { role: 'customer' }],
    });
    expect(read('channels=caller:customer,desk')).toEqual({
      channels: [{ name: 'caller', role: 'customer' }, { name: 'desk' }],
    });
    expect(read('channels=a:b:bot')).toEqual({ channels: [{ name: 'a:b', role: 'bot' }] });
    expect(read('channels=a,b&roles=bot')).toEqual({ channels: [{ name: 'a', role: 'bot' }, { name: 'b' }] });
  });

  it.each([
    ['roles=agent', 'the role "agent" is not one of customer, employee, bot, unknown'],
    ['roles=customer,', 'the role "" is not one of customer, employee, bot, unknown'],
    ['channels=a:', 'the role "" is not one of customer, employee, bot, unknown'],
    ['channels=:customer', 'channels must be names of printable characters, each with a role or without'],
    ['callId=%0a', 'callId must be 1 to 128 printable characters, and not "." or ".."'],
    ['callId=..', 'callId must be 1 to 128 printable characters, and not "." or ".."'],
    [`roles=${'bot,'.repeat(8)}bot`, 'roles must be at most 8 items'],
  ])('%s: %s', (query, detail) => {
    expect(() => read(query)).toThrowError(`The query is not valid: ${detail}.`);
  });

  it('of any kind throws nothing but its error', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (roles, channels, callId) => {
        try {
          read(new URLSearchParams({ roles, channels, callId }).toString());
        } catch (error) {
          expect(error).toBeInstanceOf(UndertoneError);
          expect((error as UndertoneError).code).toBe('invalid-query');
        }
      }),
    );
  });
});

describe('channels', () => {
  const known = { name: 'inbound', role: 'customer' } as const;

  it('are described in the order in which they open: what the URL says, else what the dialect knows', () => {
    const namer = new ChannelNamer(read('channels=caller&roles=unknown,bot').channels);
    expect(namer.describe('a', known)).toEqual({ name: 'caller', role: 'unknown' });
    expect(namer.describe('b', known)).toEqual({ name: 'inbound', role: 'bot' });
    expect(namer.describe('c', known)).toEqual(known);
  });

  it('that open again are the same', () => {
    const namer = new ChannelNamer(read('channels=one,two').channels);
    expect(['a', 'b', 'a', 'b'].map((key) => namer.describe(key, known).name)).toEqual(['one', 'two', 'one', 'two']);
  });
});
