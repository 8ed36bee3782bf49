import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  audioSocketPort,
  channelNames,
  DIALECT_NAMES,
  ENCODING_NAMES,
  encoding,
  keyAndSecret,
  nameList,
  outputFormat,
  platformUrl,
  ROLE_NAMES,
  speed,
  startingCursor,
  webSocketUrl,
  wholeNumber,
} from '../../src/cli/option-parsers.ts';
import { dialectSimulators, ROLES, WIRE_ENCODINGS } from '../../src/protocol/index.ts';

describe('options of the command line', () => {
  it('knows the roles, encodings and dialects of the protocol', () => {
    expect(ROLE_NAMES).toEqual(ROLES);
    expect(ENCODING_NAMES).toEqual(WIRE_ENCODINGS);
    expect([...DIALECT_NAMES].sort()).toEqual(dialectSimulators.map(({ name }) => name).sort());
  });

  it('--channels is a name per channel; a name never implies a role', () => {
    expect(channelNames('customer:customer,agent:employee')).toEqual([
      { name: 'customer', role: 'customer' },
      { name: 'agent', role: 'employee' },
    ]);
    expect(channelNames('customer, b:bot')).toEqual([{ name: 'customer' }, { name: 'b', role: 'bot' }]);
  });

  it('--speed is a factor or max', () => {
    expect(['1', '4', '0.5', '.5', 'max'].map(speed)).toEqual([1, 4, 0.5, 0.5, 'max']);
  });

  it('--from is start or a cursor', () => {
    expect(['start', '0', '17'].map(startingCursor)).toEqual(['start', 0, 17]);
  });

  it('takes what is right', () => {
    expect(wholeNumber(1, 10)('10')).toBe(10);
    expect(encoding('alaw')).toBe('alaw');
    expect(outputFormat('csv')).toBe('csv');
    expect(nameList('a, b')).toEqual(['a', 'b']);
    expect(webSocketUrl('wss://example.org/x')).toBe('wss://example.org/x');
    expect(platformUrl('tcp://127.0.0.1:9092')).toBe('tcp://127.0.0.1:9092');
    expect(audioSocketPort('9093?roles=employee', audioSocketPort('9092'))).toEqual([
      { port: 9092, query: '' },
      { port: 9093, query: 'roles=employee' },
    ]);
    expect(keyAndSecret('a:b,c:ZGU=')).toEqual({ a: 'b', c: 'ZGU=' });
  });

  it.each<[string, (text: string) => unknown, string[]]>([
    ['--channels', channelNames, ['', 'a,,b', ':customer', 'a:boss', 'a:customer:x', 'a:toString']],
    ['--speed', speed, ['0', '-1', 'fast', '1e9', '', 'NaN', 'Infinity', '0x10']],
    ['a whole number', wholeNumber(1, 10), ['0', '11', '1.5', '-1', '', ' 1', '1e1', '0x1']],
    ['--encoding', encoding, ['pcm', '', 'MULAW']],
    ['--format', outputFormat, ['json', '']],
    ['--descriptors', nameList, ['', 'a,,b']],
    ['--url', webSocketUrl, ['http://x', '127.0.0.1:8790', '', 'ws://']],
    ['simulate --url', platformUrl, ['http://x', 'tcp://127.0.0.1', '', 'udp://x:1']],
    ['--audiosocket-port', audioSocketPort, ['', 'x', '70000', '?roles=customer', '-1']],
    ['--audiohook-key', keyAndSecret, ['', 'key', ':secret', 'a:b,c']],
    ['--from', startingCursor, ['end', '-1', '']],
  ])('%s refuses what is wrong', (_, parse, wrong) => {
    for (const text of wrong) expect(() => parse(text), text).toThrow(InvalidArgumentError);
  });
});
