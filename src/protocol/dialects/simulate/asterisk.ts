import type { WireFormat } from '../../limits.ts';
import { binaryFrames, ROLES_BY_SIDES } from './binary-frames.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

/** Asterisk's names by rate, of signed linear. */
const SLIN: Readonly<Record<number, string>> = { 8000: 'slin', 16000: 'slin16', 24000: 'slin24', 48000: 'slin48' };
const NAMES: Readonly<Record<string, string>> = { mulaw: 'ulaw', alaw: 'alaw' };

/** Asterisk chan_websocket with plain-text control, its default: one side, the bare codec, 20 ms a message. */
export const asteriskSimulator: DialectSimulator = {
  name: 'asterisk',
  formats: [
    { encoding: 'mulaw', sampleRateHz: 8_000, channels: 1 },
    { encoding: 'alaw', sampleRateHz: 8_000, channels: 1 },
    ...[8_000, 16_000, 24_000, 48_000].map((sampleRateHz) => ({
      encoding: 'pcm_s16le' as const,
      sampleRateHz,
      channels: 1,
    })),
  ],
  handshake: ({ channels }) => ({
    path: '/v1/telephony/asterisk',
    headers: {},
    subprotocols: ['media'],
    query: { callId: 'pbx1-1700000000.42', roles: ROLES_BY_SIDES[channels]! },
  }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    const name = NAMES[format.encoding] ?? SLIN[format.sampleRateHz]!;
    const bytes = (format.encoding === 'pcm_s16le' ? 2 : 1) * format.sampleRateHz * 0.02;
    yield {
      atMs: 0,
      data: `MEDIA_START connection_id:e226e283-c90a-4ea9-9e37-389000b9ef47 channel:WebSocket/undertone/0x7f3c channel_id:pbx1-1700000000.43 format:${name} optimal_frame_size:${bytes} ptime:20`,
    };
    yield* binaryFrames(format, chunks, 20);
  },
};
