import { UndertoneError } from '../errors.ts';
import type { ChannelDescription, Role } from './events.ts';
import { CHANNELS, RATE_HZ, type Range, WIRE_ENCODINGS, type WireEncoding, type WireFormat } from './limits.ts';
import { excerpt } from './printable.ts';

const isEncoding = (text: string): text is WireEncoding => (WIRE_ENCODINGS as readonly string[]).includes(text);
const wholeWithin = (value: number, { min, max }: Range): boolean =>
  Number.isInteger(value) && value >= min && value <= max;

/**
 * A format whose values have been checked.
 *
 * @throws UndertoneError `unknown-encoding`, `rate-out-of-range`, `channels-out-of-range`
 */
export function checkFormat(format: {
  readonly encoding: string;
  readonly sampleRateHz: number;
  readonly channels: number;
}): WireFormat {
  const { encoding, sampleRateHz, channels } = format;
  if (!isEncoding(encoding)) {
    throw new UndertoneError('unknown-encoding', { encoding: excerpt(encoding), allowed: WIRE_ENCODINGS.join(', ') });
  }
  if (!wholeWithin(sampleRateHz, RATE_HZ)) {
    throw new UndertoneError('rate-out-of-range', { value: sampleRateHz, min: RATE_HZ.min, max: RATE_HZ.max });
  }
  if (!wholeWithin(channels, CHANNELS)) {
    throw new UndertoneError('channels-out-of-range', { value: channels, min: CHANNELS.min, max: CHANNELS.max });
  }
  return { encoding, sampleRateHz, channels };
}

export interface ChannelRequest {
  readonly name: string;
  readonly role?: Role;
}

/**
 * One description per channel. A channel without a name is `mixed` when it is the only one and `channel0`, `channel1`, …
 * otherwise; its role is `unknown`, for nothing says who speaks.
 *
 * @throws UndertoneError `too-many-channel-names`
 * @example
 * nameChannels([{ name: 'customer' }], 2); // customer and channel1, both of role unknown
 */
export function nameChannels(named: readonly ChannelRequest[], channels: number): readonly ChannelDescription[] {
  if (named.length > channels) throw new UndertoneError('too-many-channel-names', { names: named.length, channels });
  return Array.from({ length: channels }, (_, index) => ({
    name: named[index]?.name ?? (channels === 1 ? 'mixed' : `channel${index}`),
    role: named[index]?.role ?? 'unknown',
  }));
}
