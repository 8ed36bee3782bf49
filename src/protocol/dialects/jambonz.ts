import type { Dialect } from '../dialect.ts';
import { callIdOf } from './call-metadata.ts';
import { ForkSession } from './fork-session.ts';
import { own } from './json.ts';

const SUBPROTOCOLS = ['audio.jambonz.org', 'audio.drachtio.org'];

/**
 * jambonz `listen` and drachtio `mod_audio_fork`: a text with the attributes of the call, `sampleRate` and `mixType`, then 16-bit little-endian PCM at
 * 8 to 48 kHz; 64 kHz is refused. The far end of the forked leg is the customer, the other side the employee; `mixed` is nobody's.
 * The legs of a call are joined by `parentCallSid`. With `?events=…` what was heard goes back as `{"type":"json","data":…}`, which the
 * module fires as `mod_audio_fork::json`.
 *
 * Of the first text nothing becomes metadata but the flat entries of an `undertone` object in `metadata`: jambonz puts that beside
 * the numbers and names of the call.
 *
 * Sources: docs.jambonz.org/verbs/verbs/listen, jambonz/jambonz-feature-server lib/tasks/listen.js, jambonz/freeswitch-modules
 * mod_audio_fork.
 */
export const jambonz: Dialect = {
  name: 'jambonz',
  subprotocols: SUBPROTOCOLS,
  open: (handshake) =>
    new ForkSession(
      {
        sides: [
          { name: 'far', role: 'customer' },
          { name: 'near', role: 'employee' },
        ],
        callId: (metadata) => callIdOf(own(metadata, 'parentCallSid'), own(metadata, 'callSid')),
        parameters: (metadata) => own(metadata, 'undertone'),
        wrap: (event) => `{"type":"json","data":${event}}`,
      },
      handshake,
    ),
  claims: ({ subprotocols }) => subprotocols.some((offered) => SUBPROTOCOLS.includes(offered)),
};
