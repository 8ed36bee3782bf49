import type { Dialect } from '../dialect.ts';
import { own } from './json.ts';
import { byteOrderOf, trackFormat } from './l16.ts';
import { MediaSession } from './media-session.ts';
import { DIRECTIONS, describeDirection, readTwilioShape } from './twilio-shape.ts';

const ENCODINGS = { 'audio/x-mulaw': 'mulaw', 'audio/x-l16': 'pcm_s16le' } as const;

/**
 * SignalWire cXML `<Stream>`: Twilio's shape with protocol version 0.2.0, the stream's id inside of `start` only, and L16 at 16 or 24 kHz
 * beside μ-law. Its L16 is little-endian: clients hand it to services that take `pcm16` as it is. `?l16=big` says otherwise.
 *
 * Source: SignalWire's documentation, compatibility-api/pages/cxml/voice/stream.
 */
export const signalwire: Dialect = {
  name: 'signalwire',
  subprotocols: [],
  open: (handshake) => {
    const order = byteOrderOf(handshake, 'little');
    return new MediaSession(
      {
        read: (message) => readTwilioShape(message, (encoding, rate) => trackFormat(encoding, rate, ENCODINGS, order)),
        describe: (_, track) => describeDirection(track),
        order: DIRECTIONS,
      },
      handshake,
    );
  },
  claims: (_, first) => {
    if (first.kind !== 'text') return false;
    const start = own(first.object, 'start');
    if (typeof own(start, 'streamSid') !== 'string' || typeof own(start, 'callSid') !== 'string') return false;
    return own(first.connected, 'version') === '0.2.0' || own(first.object, 'streamSid') === undefined;
  },
};
