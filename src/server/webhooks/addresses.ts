import { isIP, isIPv4 } from 'node:net';

/**
 * IPv4 networks that are not the public internet: those of IANA's Special-Purpose Address Registry (RFC 6890 and its
 * updates) that are not globally reachable, multicast (RFC 5771), and one address that a cloud gives its own meaning.
 */
const CLOSED_V4 = [
  ['0.0.0.0/8', 'this network'], // RFC 791
  ['10.0.0.0/8', 'private'], // RFC 1918
  ['100.64.0.0/10', 'shared by a carrier'], // RFC 6598; 100.100.100.200 is Alibaba's metadata
  ['127.0.0.0/8', 'this machine'], // RFC 1122
  ['169.254.0.0/16', 'link-local'], // RFC 3927; 169.254.169.254 is the metadata of most clouds
  ['172.16.0.0/12', 'private'], // RFC 1918
  ['192.0.0.0/24', 'reserved'], // RFC 6890; 192.0.0.192 is Oracle's metadata
  ['192.0.2.0/24', 'for documentation'], // RFC 5737
  ['192.88.99.0/24', 'reserved'], // RFC 7526, was 6to4
  ['192.168.0.0/16', 'private'], // RFC 1918
  ['198.18.0.0/15', 'for benchmarks'], // RFC 2544
  ['198.51.100.0/24', 'for documentation'], // RFC 5737
  ['203.0.113.0/24', 'for documentation'], // RFC 5737
  ['224.0.0.0/4', 'multicast'], // RFC 5771
  ['240.0.0.0/4', 'reserved'], // RFC 1112, with the broadcast address
  ['168.63.129.16/32', 'of the cloud'], // Azure's own service, which every machine there reaches
] as const;

/** The only IPv6 addresses that are handed out to the public internet (RFC 4291, 2.4), and what is not public in them. */
const GLOBAL_V6 = '2000::/3';
const CLOSED_V6 = [
  ['2001::/23', 'reserved'], // RFC 2928: Teredo, benchmarks, ORCHID
  ['2001:db8::/32', 'for documentation'], // RFC 3849
  ['2002::/16', 'reserved'], // RFC 7526, was 6to4: an IPv4 address in disguise
  ['3fff::/20', 'for documentation'], // RFC 9637
] as const;
/** IPv6 addresses that stand for an IPv4 address in their last 32 bits. */
const EMBEDDING_V6 = ['::ffff:0:0/96', '64:ff9b::/96'] as const; // RFC 4291, 2.5.5.2; RFC 6052

interface Network {
  readonly bits: bigint;
  readonly prefix: number;
  readonly width: number;
}

const V4 = CLOSED_V4.map(([text, why]) => [network(text), why] as const);
const V6 = CLOSED_V6.map(([text, why]) => [network(text), why] as const);
const GLOBAL = network(GLOBAL_V6);
const EMBEDDING = EMBEDDING_V6.map(network);

/**
 * Why a request may not go to this address; `undefined` where it is one of the public internet.
 *
 * @param address IPv4 in four decimal parts, or IPv6 with or without its zone; anything else is closed
 * @example
 * closedAddress('::ffff:169.254.169.254'); // 'link-local'
 */
export function closedAddress(address: string): string | undefined {
  const [plain = ''] = address.split('%');
  switch (isIP(plain)) {
    case 4:
      return closedV4(bitsOfV4(plain));
    case 6:
      return closedV6(bitsOfV6(plain));
    default:
      return 'no address';
  }
}

const closedV4 = (bits: bigint): string | undefined => V4.find(([network]) => holds(network, bits))?.[1];

function closedV6(bits: bigint): string | undefined {
  if (EMBEDDING.some((network) => holds(network, bits))) return closedV4(bits & 0xffff_ffffn);
  if (bits === 1n) return 'this machine';
  if (!holds(GLOBAL, bits)) return 'not public';
  return V6.find(([network]) => holds(network, bits))?.[1];
}

function holds({ bits, prefix, width }: Network, address: bigint): boolean {
  const shift = BigInt(width - prefix);
  return address >> shift === bits >> shift;
}

function network(text: string): Network {
  const [address = '', prefix] = text.split('/');
  const v4 = isIPv4(address);
  return { bits: v4 ? bitsOfV4(address) : bitsOfV6(address), prefix: Number(prefix), width: v4 ? 32 : 128 };
}

function bitsOfV4(address: string): bigint {
  return address.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

/** Of a valid address; its last 32 bits may be written as IPv4 (RFC 4291, 2.2). */
function bitsOfV6(address: string): bigint {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const v4 = tail === null ? 0n : bitsOfV4(tail[2] ?? '');
  const text = tail === null ? address : `${tail[1]}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
  const [head = '', rest] = text.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const before = groups(head);
  const after = rest === undefined ? [] : groups(rest);
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}
