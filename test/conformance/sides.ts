import { type DialectAction, type WireFormat, wireFrameBytes } from '../../src/protocol/index.ts';
import { perLeg } from './conversation.ts';
import { side } from './recording.ts';

/** One side of a call as it came out: its audio in stream time, gaps filled with a byte that no recording has. */
export interface Side {
  /** Which stream it is a channel of. */
  readonly stream: number;
  readonly name: string;
  readonly role: string;
  readonly bytes: Uint8Array;
  /** Samples passed over by gaps. */
  readonly gapSamples: number;
  readonly reason: string | undefined;
}

export const GAP_BYTE = 0xf7;

/** All sides of a call, in the order in which their legs and channels were opened. */
export function sidesOf(actions: readonly DialectAction[]): Side[] {
  let streams = 0;
  return perLeg(actions).flatMap((leg) =>
    leg.flatMap((action, at) => {
      if (action.kind !== 'open') return [];
      streams += 1;
      return oneStream(streams, leg.slice(at), action.start.format);
    }),
  );
}

function oneStream(stream: number, leg: readonly DialectAction[], format: WireFormat): Side[] {
  const open = leg[0]!;
  if (open.kind !== 'open') return [];
  const parts: Uint8Array[] = [];
  let gapSamples = 0;
  let reason: string | undefined;
  for (const action of leg.slice(1)) {
    if (action.kind === 'close') reason = action.reason;
    if (action.kind === 'close' || action.kind === 'open') break;
    if (action.kind === 'audio') parts.push(action.bytes);
    if (action.kind !== 'gap') continue;
    const samples = (action.durationMs * format.sampleRateHz) / 1000;
    gapSamples += samples;
    parts.push(new Uint8Array(samples * wireFrameBytes(format)).fill(GAP_BYTE));
  }
  const bytes = new Uint8Array(Buffer.concat(parts));
  return open.start.channels.map(({ name, role }, channel) => ({
    stream,
    name,
    role,
    bytes: side(bytes, format, channel),
    gapSamples,
    reason,
  }));
}
