import { z } from 'zod';
import type { Dialect } from '../dialect.ts';
import { callIdOf } from './call-metadata.ts';
import { count, object, text } from './fields.ts';
import { check, type JsonObject, own } from './json.ts';
import { type ByteOrder, byteOrderOf, trackFormat } from './l16.ts';
import { MAIN, type MediaMessage } from './media-message.ts';
import { MediaSession } from './media-session.ts';

const ENCODINGS = { pcm16: 'pcm_s16le', ulaw: 'mulaw', alaw: 'alaw' } as const;

const tag = text.max(128, 'must be at most 128 characters').exactOptional();
const start = object({
  sequenceNumber: count.exactOptional(),
  start: object({
    tag,
    mediaFormat: object({ encoding: text, sampleRate: count }),
    customParameters: z.unknown().optional(),
  }),
});
const media = object({ media: object({ tag, chunk: count.exactOptional(), payload: text }) });
const stop = object({ stop: object({ tag }).default({}) });

const TRACK = 'audio';

/**
 * Voximplant `sendMediaTo(webSocket)`: several streams a socket, each with a tag of its own, a stream of our own each; a stream may
 * stop and start again. Who speaks on one, the URL says: roles and names are given in the order in which the streams first start, and `callId`
 * joins them, for Voximplant names no call. Of its encodings PCM16, ULAW and ALAW are heard. Place in the stream follows the chunk
 * numbers alone: the unit of its timestamps is not documented.
 *
 * Source: voximplant.com/docs/guides/media-streams/format.
 */
export const voximplant: Dialect = {
  name: 'voximplant',
  subprotocols: [],
  open: (handshake) => {
    const order = byteOrderOf(handshake, 'little');
    return new MediaSession(
      {
        read: (message) => read(message, order),
        describe: (leg) => ({ name: callIdOf(leg === MAIN ? 'mixed' : leg) ?? 'mixed', role: 'unknown' }),
        restarts: true,
      },
      handshake,
    );
  },
  claims: (_, first) => {
    if (first.kind !== 'text' || own(first.object, 'event') !== 'start') return false;
    if (typeof own(first.object, 'sequenceNumber') !== 'number') return false;
    const encoding = own(own(own(first.object, 'start'), 'mediaFormat'), 'encoding');
    return typeof encoding === 'string' && /^(?:PCM|ULAW|ALAW|OPUS)/.test(encoding);
  },
};

function read(message: JsonObject, order: ByteOrder): MediaMessage | undefined {
  switch (own(message, 'event')) {
    case 'start': {
      const { sequenceNumber, start: begun } = check(start, message);
      const { encoding, sampleRate } = begun.mediaFormat;
      return {
        kind: 'start',
        leg: legOf(begun.tag),
        start: {
          ...trackFormat(encoding, sampleRate, ENCODINGS, order),
          tracks: [TRACK],
          ...(sequenceNumber !== undefined && { id: String(sequenceNumber) }),
          parameters: begun.customParameters,
        },
      };
    }
    case 'media': {
      const { tag: of, chunk, payload } = check(media, message).media;
      return { kind: 'media', leg: legOf(of), track: TRACK, chunk, payload };
    }
    case 'stop':
      return { kind: 'stop', leg: legOf(check(stop, message).stop.tag) };
    default:
      return undefined;
  }
}

const legOf = (of: string | undefined): string => of || MAIN;
