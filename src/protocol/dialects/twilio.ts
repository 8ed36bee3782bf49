import type { Dialect } from '../dialect.ts';
import { own } from './json.ts';
import { trackFormat } from './l16.ts';
import { MediaSession } from './media-session.ts';
import { DIRECTIONS, describeDirection, readTwilioShape } from './twilio-shape.ts';

const ENCODINGS = { 'audio/x-mulaw': 'mulaw' } as const;

/**
 * Twilio Media Streams. `<Start><Stream track="both_tracks">` gives both sides, as two channels: inbound is the customer, outbound
 * the employee. Twilio cuts the query off its URL: roles, names and call id come as
 * `<Parameter name="undertoneRoles" value="employee,customer"/>` and so on.
 *
 * Source: twilio.com/docs/voice/media-streams/websocket-messages. All numbers are strings; `dtmf` and `mark` come in two-way streams only.
 */
export const twilio: Dialect = {
  name: 'twilio',
  subprotocols: [],
  open: (handshake) =>
    new MediaSession(
      {
        read: (message) => readTwilioShape(message, (encoding, rate) => trackFormat(encoding, rate, ENCODINGS)),
        describe: (_, track) => describeDirection(track),
        order: DIRECTIONS,
      },
      handshake,
    ),
  claims: (_, first) => {
    if (first.kind !== 'text') return false;
    const start = own(first.object, 'start');
    return typeof own(start, 'streamSid') === 'string' && typeof own(start, 'callSid') === 'string';
  },
};
