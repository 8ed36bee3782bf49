import type { Dialect } from '../dialect.ts';
import { callIdOf } from './call-metadata.ts';
import { ForkSession } from './fork-session.ts';
import { own } from './json.ts';
import { queryOf } from './url-options.ts';

/**
 * FreeSWITCH `mod_audio_stream`: an optional text of the user's first, then 16-bit little-endian PCM. The module announces no format, so the URL
 * does: `?sampleRateHz=16000&mixType=stereo`, as in the command. The read side of the channel (its own party) is `caller`, the write side
 * `callee`; which of them is the customer depends on the leg that the command was given for, so `?roles=customer,employee` says. With `?events=…` what
 * was heard goes back as JSON, which the module fires as `mod_audio_stream::json`.
 *
 * Sources: amigniter/mod_audio_stream (README.md, mod_audio_stream.c), signalwire/freeswitch src/switch_core_media_bug.c for the order
 * of the two sides.
 */
export const freeswitch: Dialect = {
  name: 'freeswitch',
  subprotocols: [],
  open: (handshake) =>
    new ForkSession(
      {
        sides: [
          { name: 'caller', role: 'unknown' },
          { name: 'callee', role: 'unknown' },
        ],
        callId: (metadata) => callIdOf(own(metadata, 'callId')),
        parameters: (metadata) => ('callId' in metadata ? withoutCallId(metadata) : metadata),
        wrap: (event) => event,
      },
      handshake,
    ),
  // Its texts may be anything: only the URL can tell.
  claims: ({ url }) => queryOf(url)('mixType') !== undefined,
};

function withoutCallId(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { callId: _, ...rest } = metadata;
  return rest;
}
