import type { WireFormat } from '../../limits.ts';
import { binaryFrames, ROLES_BY_SIDES } from './binary-frames.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

const KINDS: Readonly<Record<number, number>> = {
  8000: 0x10,
  12000: 0x11,
  16000: 0x12,
  24000: 0x13,
  32000: 0x14,
  44100: 0x15,
  48000: 0x16,
};
/** 40325ec2-5efd-4bd3-805f-53576e581d13, the example of the protocol's own description. */
const UUID = [0x40, 0x32, 0x5e, 0xc2, 0x5e, 0xfd, 0x4b, 0xd3, 0x80, 0x5f, 0x53, 0x57, 0x6e, 0x58, 0x1d, 0x13];

/** Asterisk AudioSocket over TCP: the UUID, one side at 20 ms a message, a hangup. What it sends are bytes of one stream, not messages. */
export const audiosocketSimulator: DialectSimulator = {
  name: 'audiosocket',
  formats: Object.keys(KINDS).map((rate) => ({ encoding: 'pcm_s16le', sampleRateHz: Number(rate), channels: 1 })),
  handshake: ({ channels }) => ({
    path: '/v1/telephony/audiosocket',
    headers: {},
    subprotocols: [],
    query: { roles: ROLES_BY_SIDES[channels]! },
  }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    yield { atMs: 0, data: tlv(0x01, Uint8Array.from(UUID)) };
    let endMs = 0;
    for (const { atMs, data } of binaryFrames(format, chunks, 20)) {
      endMs = atMs;
      yield { atMs, data: tlv(KINDS[format.sampleRateHz]!, data) };
    }
    yield { atMs: endMs, data: tlv(0x00, new Uint8Array(0)) };
  },
};

function tlv(kind: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(3 + payload.length);
  bytes.set([kind, payload.length >> 8, payload.length & 0xff]);
  bytes.set(payload, 3);
  return bytes;
}
