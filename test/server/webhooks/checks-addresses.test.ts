import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closedAddress } from '../../../src/server/webhooks/addresses.ts';

/**
 * IANA IPv4 Special-Purpose Address Registry: the blocks that are not globally reachable, and those that are deprecated; and
 * multicast. [network, prefix, RFC]
 */
const SPECIAL_V4 = [
  ['0.0.0.0', 8, 'RFC 791'],
  ['10.0.0.0', 8, 'RFC 1918'],
  ['100.64.0.0', 10, 'RFC 6598'],
  ['127.0.0.0', 8, 'RFC 1122'],
  ['169.254.0.0', 16, 'RFC 3927'],
  ['172.16.0.0', 12, 'RFC 1918'],
  ['192.0.0.0', 24, 'RFC 6890'],
  ['192.0.2.0', 24, 'RFC 5737'],
  ['192.88.99.0', 24, 'RFC 7526'],
  ['192.168.0.0', 16, 'RFC 1918'],
  ['198.18.0.0', 15, 'RFC 2544'],
  ['198.51.100.0', 24, 'RFC 5737'],
  ['203.0.113.0', 24, 'RFC 5737'],
  ['224.0.0.0', 4, 'RFC 5771'],
  ['240.0.0.0', 4, 'RFC 1112'],
  ['168.63.129.16', 32, 'Azure'],
] as const;

/** Likewise of IPv6 (RFC 4291, 4193, 3879, 6052, 8215, 6666, 2928, 3849, 7526, 9637, 9602). */
const SPECIAL_V6 = [
  ['::', 128, 'RFC 4291'],
  ['::1', 128, 'RFC 4291'],
  ['::', 96, 'RFC 4291, IPv4-compatible'],
  ['64:ff9b:1::', 48, 'RFC 8215'],
  ['100::', 64, 'RFC 6666'],
  ['2001::', 23, 'RFC 2928'],
  ['2001:db8::', 32, 'RFC 3849'],
  ['2002::', 16, 'RFC 7526'],
  ['3fff::', 20, 'RFC 9637'],
  ['5f00::', 16, 'RFC 9602'],
  ['fc00::', 7, 'RFC 4193'],
  ['fe80::', 10, 'RFC 4291'],
  ['fec0::', 10, 'RFC 3879'],
  ['ff00::', 8, 'RFC 4291'],
] as const;

/** Node's own check of networks, which has nothing of ours. */
const special = new BlockList();
for (const [network, prefix] of SPECIAL_V4) special.addSubnet(network, prefix, 'ipv4');
const special6 = new BlockList();
for (const [network, prefix] of SPECIAL_V6) special6.addSubnet(network, prefix, 'ipv6');

const v4 = fc.ipV4();
const hex = (bits: number): string => bits.toString(16);
const bytesOf = (address: string): number[] => address.split('.').map(Number);
const groupsOf = (address: string): string => {
  const [a = 0, b = 0, c = 0, d = 0] = bytesOf(address);
  return `${hex(a * 256 + b)}:${hex(c * 256 + d)}`;
};
/** An address in a network, the rest of its bits random. */
const inV4 = fc
  .tuple(fc.constantFrom(...SPECIAL_V4), fc.nat({ max: 0xffff_ffff }))
  .map(([[network, prefix], random]) => {
    const bits = bytesOf(network).reduce((sum, byte) => sum * 256 + byte, 0);
    const free = 2 ** (32 - prefix);
    const address = bits + (random % free);
    return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
  });

describe('the check of addresses', () => {
  it('closes every IPv4 address of the special blocks and no other', () => {
    fc.assert(
      fc.property(fc.oneof(v4, inV4), (address) => {
        expect(closedAddress(address) !== undefined).toBe(special.check(address, 'ipv4'));
      }),
      { numRuns: 2_000 },
    );
  });

  it('closes every IPv6 address of the special blocks, and all that is not handed out', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const first = Number.parseInt(new URL(`http://[${address}]`).hostname.slice(1), 16) || 0;
        if (special6.check(address, 'ipv6')) expect(closedAddress(address)).toBeDefined();
        if (first >= 0x2000 && first < 0x4000) {
          expect(closedAddress(address) !== undefined).toBe(special6.check(address, 'ipv6'));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(SPECIAL_V6)('closes both ends of %s/%i (%s)', (network, prefix) => {
    const groups = new URL(`http://[${network}]`).hostname.slice(1, -1);
    const [head = '', tail = ''] = groups.split('::');
    const list = (text: string): number[] =>
      text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
    const before = list(head);
    const after = list(tail);
    const all = [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
    const last = all.map((group, index) => {
      const fixed = Math.max(0, Math.min(16, prefix - index * 16));
      return group | (0xffff >> fixed);
    });
    expect(closedAddress(network)).toBeDefined();
    expect(closedAddress(last.map(hex).join(':'))).toBeDefined();
  });

  it('sees the IPv4 address in an IPv6 one, however that is written', () => {
    fc.assert(
      fc.property(fc.oneof(v4, inV4), (address) => {
        const closed = special.check(address, 'ipv4');
        for (const text of [
          `::ffff:${address}`,
          `::FFFF:${groupsOf(address)}`,
          `0:0:0:0:0:ffff:${address}`,
          `0000:0000:0000:0000:0000:ffff:${groupsOf(address)}`,
          `64:ff9b::${address}`,
          `64:ff9b::${groupsOf(address)}`,
        ]) {
          expect([text, closedAddress(text) !== undefined]).toEqual([text, closed]);
        }
        // Deprecated ways to say the same are closed whatever they say.
        expect(closedAddress(`::${address}`)).toBeDefined();
        expect(closedAddress(`2002:${groupsOf(address)}::1`)).toBeDefined();
      }),
    );
  });

  it('knows every spelling that a URL takes', () => {
    const spellings = [
      '2130706433',
      '0x7f000001',
      '0x7f.1',
      '0177.0.0.1',
      '127.1',
      '017700000001',
      '0xA9FEA9FE',
      '2852039166',
      '169.254.43518',
      '[::ffff:7f00:1]',
      '[::1]',
      '[fe80::1]',
      '[fd00:ec2::254]',
      '127.0.0.1.',
    ];
    for (const spelling of spellings) {
      const host = new URL(`https://${spelling}/`).hostname.replace(/^\[|\]$/g, '');
      expect([spelling, isIP(host) !== 0, closedAddress(host) !== undefined]).toEqual([spelling, true, true]);
    }
  });

  it.each([
    ['169.254.169.254', 'link-local'],
    ['100.100.100.200', 'shared by a carrier'],
    ['192.0.0.192', 'reserved'],
    ['168.63.129.16', 'of the cloud'],
    ['fd00:ec2::254', 'not public'],
    ['::1', 'this machine'],
    ['::ffff:169.254.169.254', 'link-local'],
    ['fe80::1%eth0', 'not public'],
    ['255.255.255.255', 'reserved'],
    ['not an address', 'no address'],
    ['', 'no address'],
    ['127.1', 'no address'],
  ])('says of %s that it is %s', (address, why) => {
    expect(closedAddress(address)).toBe(why);
  });

  it.each(['1.1.1.1', '8.8.8.8', '172.15.255.255', '172.32.0.0', '100.63.255.255', '100.128.0.0', '223.255.255.255'])(
    'lets %s pass',
    (address) => {
      expect(closedAddress(address)).toBeUndefined();
    },
  );

  it.each(['2606:4700:4700::1111', '2a00:1450:4001::200e', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '2001:200::1'])(
    'lets %s pass',
    (address) => {
      expect(closedAddress(address)).toBeUndefined();
    },
  );
});
