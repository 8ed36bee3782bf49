import type { WireFormat } from '../../limits.ts';
import { digits, sideFrames } from './frames.ts';
import { Script } from './script.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

const STREAM = '87654321-4321-4321-4321-cba987654321';
const SIDES = ['inbound', 'outbound'] as const;
/** 2024-01-15T09:50:00Z: its timestamps are those of the wall clock. */
const WALL_CLOCK_MS = 1_705_312_200_000;

const simulator = (name: string): DialectSimulator => ({
  name,
  formats: [
    { encoding: 'mulaw', sampleRateHz: 8_000, channels: 2 },
    { encoding: 'mulaw', sampleRateHz: 8_000, channels: 1 },
    { encoding: 'pcm_s16le', sampleRateHz: 8_000, channels: 2 },
    { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 2 },
  ],
  handshake: () => ({ path: `/v1/telephony/${name}`, headers: {}, subprotocols: [], query: {} }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    const script = new Script();
    const encoding = format.encoding === 'mulaw' ? 'audio/x-mulaw' : 'audio/x-l16';
    yield script.json(0, {
      event: 'start',
      sequenceNumber: script.next(),
      start: {
        callId: '12345678-1234-1234-1234-123456789abc',
        streamId: STREAM,
        accountId: 'MAXXXXXXXXXXXXXXXXXX',
        tracks: SIDES.slice(0, format.channels),
        mediaFormat: { encoding, sampleRate: format.sampleRateHz },
      },
      extra_headers: 'simulated=1',
    });
    for (const frame of sideFrames(format, chunks, 20)) {
      const timestamp = digits(WALL_CLOCK_MS + frame.endMs);
      const media = { track: SIDES[frame.side], timestamp, chunk: frame.chunk, payload: frame.payload };
      yield script.json(frame.endMs, { event: 'media', sequenceNumber: script.next(), streamId: STREAM, media });
    }
  },
});

/** Plivo: numbers as numbers, times of the wall clock as strings, no stop: the socket is closed. */
export const plivoSimulator: DialectSimulator = simulator('plivo');

export const vobizSimulator: DialectSimulator = simulator('vobiz');
