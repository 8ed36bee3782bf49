import { z } from 'zod';
import type { Dialect, Handshake } from '../dialect.ts';
import type { ChannelDescription, Role } from '../events.ts';
import { callIdOf } from './call-metadata.ts';
import { count, object, text } from './fields.ts';
import { check, type JsonObject, own } from './json.ts';
import { trackFormat } from './l16.ts';
import { MAIN, type MediaMessage } from './media-message.ts';
import { MediaSession } from './media-session.ts';

const ENCODINGS = { pcm: 'pcm_s16le' } as const;

const metadata = object({
  audioMetadata: object({
    subscriptionId: text.exactOptional(),
    encoding: text,
    sampleRate: count,
    channels: z.literal([1, '1', 'Mono', 'mono'], 'must be 1').exactOptional(),
  }),
});
const audio = object({
  audioData: object({
    timestamp: text.nullish(),
    participantRawID: text.nullish(),
    data: text,
    silent: z.boolean('must be true or false').nullish(),
  }),
});

/** Of all participants, where the call is mixed. */
const MIXED = 'mixed';

/** Who a participant is, from the kind of their raw id; the id itself may be a phone number and is never a name. */
const ROLE_BY_PREFIX: readonly (readonly [prefix: string, role: Role])[] = [
  ['4:', 'customer'], // a phone number
  ['8:', 'employee'], // a user of Communication Services or Teams
  ['28:', 'bot'],
];

/**
 * Azure Communication Services audio streaming, mixed or unmixed, 16-bit little-endian PCM at 16 or 24 kHz. The participants who are
 * there at first are the channels of one stream; one who comes later is a stream of their own in the same call. A participant with a phone
 * number is the customer, one of Communication Services or Teams the employee. Frames have the wall-clock time but no number: gaps are
 * those of more than 100 ms.
 *
 * Source: learn.microsoft.com/azure/communication-services/how-tos/call-automation/audio-streaming-quickstart.
 */
export const azure: Dialect = {
  name: 'azure',
  subprotocols: [],
  open: (handshake) => {
    const callId = callIdOf(
      handshake.headers['x-ms-call-correlation-id'],
      handshake.headers['x-ms-call-connection-id'],
    );
    const names = new ParticipantNames();
    return new MediaSession(
      {
        read: (message) => read(message, callId),
        describe: (_, track) => names.describe(track),
        closeEnds: true,
        payloadField: 'audioData.data',
      },
      handshake,
    );
  },
  claims: (handshake: Handshake, first) =>
    first.kind === 'text' &&
    (own(first.object, 'kind') === 'AudioMetadata' ||
      (handshake.headers['x-ms-call-connection-id'] !== undefined && own(first.object, 'kind') === 'AudioData')),
};

class ParticipantNames {
  #given = 0;

  describe(track: string): ChannelDescription {
    if (track === MIXED) return { name: MIXED, role: 'unknown' };
    this.#given += 1;
    const role = ROLE_BY_PREFIX.find(([prefix]) => track.startsWith(prefix))?.[1] ?? 'unknown';
    return { name: `participant${this.#given}`, role };
  }
}

function read(message: JsonObject, callId: string | undefined): MediaMessage | undefined {
  switch (own(message, 'kind')) {
    case 'AudioMetadata': {
      const { subscriptionId, encoding, sampleRate } = check(metadata, message).audioMetadata;
      return {
        kind: 'start',
        leg: MAIN,
        start: {
          ...trackFormat(encoding, sampleRate, ENCODINGS),
          ...(subscriptionId !== undefined && { id: subscriptionId }),
          ...(callId !== undefined && { callId }),
        },
      };
    }
    case 'AudioData': {
      const { timestamp, participantRawID, data } = check(audio, message).audioData;
      const track = participantRawID || MIXED;
      return { kind: 'media', leg: MAIN, track, timestampMs: wallClockMs(timestamp), payload: data };
    }
    // The digit stays out: it may be of a card or a PIN.
    case 'DtmfData':
      return { kind: 'mark', leg: MAIN, name: 'dtmf' };
    default:
      return undefined;
  }
}

function wallClockMs(timestamp: string | null | undefined): number | undefined {
  const ms = timestamp == null || timestamp.length > 40 ? Number.NaN : Date.parse(timestamp);
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}
