import type { WireFormat } from '../../limits.ts';
import { digits, hexId, sideFrames } from './frames.ts';
import { Script } from './script.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

const STREAM = hexId('', 8);

/** Exotel: the caller alone, 100 ms a message, numbers as strings, names in snake case. */
export const exotelSimulator: DialectSimulator = {
  name: 'exotel',
  formats: [{ encoding: 'pcm_s16le', sampleRateHz: 8_000, channels: 1 }],
  handshake: () => ({ path: '/v1/telephony/exotel', headers: {}, subprotocols: [], query: {} }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    const script = new Script();
    yield script.json(0, { event: 'connected' });
    yield script.json(0, {
      event: 'start',
      sequence_number: script.nextDigits(),
      stream_sid: STREAM,
      start: {
        stream_sid: STREAM,
        call_sid: hexId('', 9),
        account_sid: 'simulated',
        from: '09876543210',
        to: '08047491899',
        custom_parameters: {},
        media_format: { encoding: 'audio/x-raw', sample_rate: '8000', bit_rate: '16' },
      },
    });
    let endMs = 0;
    for (const frame of sideFrames(format, chunks, 100)) {
      endMs = frame.endMs;
      const media = { chunk: String(frame.chunk), timestamp: digits(frame.endMs), payload: frame.payload };
      yield script.json(endMs, { event: 'media', sequence_number: script.nextDigits(), stream_sid: STREAM, media });
    }
    yield script.json(endMs, {
      event: 'stop',
      sequence_number: script.nextDigits(),
      stream_sid: STREAM,
      stop: { call_sid: hexId('', 9), account_sid: 'simulated', reason: 'callended' },
    });
  },
};
