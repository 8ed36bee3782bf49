import type { ChannelDescription } from '../events.ts';
import type { WireFormat } from '../limits.ts';
import { own } from './json.ts';

const ENCODINGS = { PCMU: 'mulaw', L16: 'pcm_s16le' } as const;
type Format = keyof typeof ENCODINGS;

/** External is the customer, internal the agent; with both, external is the first channel (left). */
const CHANNELS = {
  external: { name: 'external', role: 'customer' },
  internal: { name: 'internal', role: 'employee' },
} as const satisfies Readonly<Record<string, ChannelDescription>>;
type Channel = keyof typeof CHANNELS;

/** One entry of a media offer, as AudioHook writes it: it is answered as it came. */
export interface AudiohookMedia {
  readonly type: 'audio';
  readonly format: Format;
  readonly channels: readonly Channel[];
  readonly rate: 8000;
}

/**
 * The entry of an offer that says the most: both sides, else the customer alone, else the agent alone; the first of these.
 * `undefined` where nothing is offered that could be heard.
 */
export function chooseMedia(offers: readonly unknown[]): AudiohookMedia | undefined {
  const known = offers.map(readMedia).filter((media) => media !== undefined);
  return (
    known.find(({ channels }) => channels.length === 2) ??
    known.find(({ channels }) => channels[0] === 'external') ??
    known[0]
  );
}

export function formatOf(media: AudiohookMedia): WireFormat {
  return { encoding: ENCODINGS[media.format], sampleRateHz: media.rate, channels: media.channels.length };
}

export const channelsOf = (media: AudiohookMedia): readonly ChannelDescription[] =>
  media.channels.map((channel) => CHANNELS[channel]);

function readMedia(offer: unknown): AudiohookMedia | undefined {
  const format = own(offer, 'format');
  const channels = own(offer, 'channels');
  if (own(offer, 'type') !== 'audio' || own(offer, 'rate') !== 8000) return undefined;
  if (!isFormat(format) || !Array.isArray(channels) || channels.length < 1 || channels.length > 2) return undefined;
  if (!channels.every(isChannel) || new Set(channels).size !== channels.length) return undefined;
  return { type: 'audio', format, channels, rate: 8000 };
}

const isFormat = (value: unknown): value is Format => typeof value === 'string' && Object.hasOwn(ENCODINGS, value);
const isChannel = (value: unknown): value is Channel => typeof value === 'string' && Object.hasOwn(CHANNELS, value);
