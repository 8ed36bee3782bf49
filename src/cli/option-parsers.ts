import { InvalidArgumentError } from 'commander';
import type { ChannelRequest, Role, WireEncoding } from '../protocol/index.ts';
import { OUTPUT_FORMATS, type OutputFormat } from './formatter.ts';

// Written out again so that `--help` need not load the protocol's schemas; a test holds them against it.
export const ROLE_NAMES = ['customer', 'employee', 'bot', 'unknown'] as const satisfies readonly Role[];
export const ENCODING_NAMES = [
  'pcm_s16le',
  'pcm_s24le',
  'pcm_f32le',
  'mulaw',
  'alaw',
] as const satisfies readonly WireEncoding[];

export const DIALECT_NAMES = [
  'twilio',
  'signalwire',
  'telnyx',
  'exotel',
  'plivo',
  'vobiz',
  'voximplant',
  'azure',
  'funasr',
  'audiohook',
  'vonage',
  'asterisk',
  'sinch',
  'jambonz',
  'livekit',
  'freeswitch',
  'audiosocket',
  'raw',
] as const;

// Each takes what stands on the command line and gives a value, or throws what commander shows as a usage error.

export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(
        max === Number.MAX_SAFE_INTEGER
          ? `Give a whole number of at least ${min}.`
          : `Give a whole number from ${min} to ${max}.`,
      );
    }
    return value;
  };
}

/** How many times faster than it was spoken a recording is sent; `max`: as fast as the server takes it. */
export type Speed = number | 'max';

export function speed(text: string): Speed {
  if (text === 'max') return 'max';
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || value < 0.1 || value > 1000) {
    throw new InvalidArgumentError('Give a number from 0.1 to 1000, or max.');
  }
  return value;
}

/** `customer:customer,agent:employee`: a name per channel, with a role where one is known. */
export function channelNames(text: string): readonly ChannelRequest[] {
  return text.split(',').map((part) => {
    const [name = '', role, ...rest] = part.trim().split(':');
    if (name === '' || rest.length > 0) throw new InvalidArgumentError('Give name or name:role, separated by commas.');
    if (role === undefined) return { name };
    if (!isRole(role)) throw new InvalidArgumentError(`The role "${role}" is unknown; use ${ROLE_NAMES.join(', ')}.`);
    return { name, role };
  });
}

function isRole(text: string): text is Role {
  return (ROLE_NAMES as readonly string[]).includes(text);
}

export function encoding(text: string): WireEncoding {
  const known = ENCODING_NAMES.find((candidate) => candidate === text);
  if (known === undefined) throw new InvalidArgumentError(`Use one of ${ENCODING_NAMES.join(', ')}.`);
  return known;
}

export function outputFormat(text: string): OutputFormat {
  const known = OUTPUT_FORMATS.find((candidate) => candidate === text);
  if (known === undefined) throw new InvalidArgumentError(`Use one of ${OUTPUT_FORMATS.join(', ')}.`);
  return known;
}

/** What a call becomes with `report`. */
export const REPORT_FORMATS = ['html', 'json', 'jsonl', 'csv', 'vtt', 'srt', 'textgrid', 'rttm', 'emotionml'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export function reportFormat(text: string): ReportFormat {
  const known = REPORT_FORMATS.find((candidate) => candidate === text);
  if (known === undefined) throw new InvalidArgumentError(`Use one of ${REPORT_FORMATS.join(', ')}.`);
  return known;
}

/** `a,b,c` */
export function nameList(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('Give names separated by commas.');
  return names;
}

export function webSocketUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['ws:', 'wss:'].includes(url.protocol)) {
    throw new InvalidArgumentError('Give a WebSocket URL such as ws://127.0.0.1:8790.');
  }
  return text;
}

/** Where a simulated platform dials: a server, or its port for AudioSocket. */
export function platformUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const dialled = url !== undefined && (url.protocol === 'ws:' || url.protocol === 'wss:');
  if (!dialled && !(url?.protocol === 'tcp:' && url.port !== '')) {
    throw new InvalidArgumentError('Give a URL such as ws://127.0.0.1:8790, or tcp://127.0.0.1:9092 for audiosocket.');
  }
  return text;
}

/** `9092`, or with what holds for every connection of the port: `9092?roles=customer`. */
export function audioSocketPort(
  text: string,
  before: readonly { readonly port: number; readonly query: string }[] = [],
): readonly { readonly port: number; readonly query: string }[] {
  const [, port, query = ''] = /^(\d+)(?:\?(.*))?$/.exec(text) ?? [];
  if (port === undefined) throw new InvalidArgumentError('Give a port, as 9092 or 9092?roles=customer.');
  return [...before, { port: wholeNumber(0, 65_535)(port), query }];
}

/** An AudioHook integration's API key and its client secret: `key:secret`. */
export function keyAndSecret(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const pairs = text.split(',').map((pair): [string, string] => {
    const colon = pair.indexOf(':');
    if (colon < 1) throw new InvalidArgumentError('Give API_KEY:CLIENT_SECRET.');
    return [pair.slice(0, colon).trim(), pair.slice(colon + 1).trim()];
  });
  return { ...before, ...Object.fromEntries(pairs) };
}

/** Where a subscription begins: `start`, or the first cursor wanted. */
export function startingCursor(text: string): number | 'start' {
  return text === 'start' ? 'start' : wholeNumber(0)(text);
}

/** An option that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
