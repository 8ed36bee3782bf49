import type { WireFormat } from '../../limits.ts';
import { digits, hexId, sideFrames } from './frames.ts';
import { Script } from './script.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

const STREAM = hexId('', 4);
const CALL = hexId('', 5);
const SIDES = ['inbound', 'outbound'] as const;

/** SignalWire: version 0.2.0, the stream's id inside of `start` alone, a `stop` with nothing but its number. */
export const signalwireSimulator: DialectSimulator = {
  name: 'signalwire',
  formats: [
    { encoding: 'mulaw', sampleRateHz: 8_000, channels: 2 },
    { encoding: 'mulaw', sampleRateHz: 8_000, channels: 1 },
    { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 2 },
    { encoding: 'pcm_s16le', sampleRateHz: 24_000, channels: 2 },
  ],
  handshake: () => ({ path: '/v1/telephony/signalwire', headers: {}, subprotocols: [], query: {} }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    const script = new Script();
    const encoding = format.encoding === 'mulaw' ? 'audio/x-mulaw' : 'audio/x-L16';
    yield script.json(0, { event: 'connected', protocol: 'Call', version: '0.2.0' });
    yield script.json(0, {
      event: 'start',
      sequenceNumber: script.nextDigits(),
      start: {
        accountSid: hexId('', 6),
        streamSid: STREAM,
        callSid: CALL,
        tracks: SIDES.slice(0, format.channels),
        mediaFormat: { encoding, sampleRate: format.sampleRateHz, channels: 1 },
        customParameters: {},
      },
    });
    let endMs = 0;
    for (const frame of sideFrames(format, chunks, 20)) {
      endMs = frame.endMs;
      const timestamp = digits(frame.startMs);
      const media = { track: SIDES[frame.side], chunk: String(frame.chunk), timestamp, payload: frame.payload };
      yield script.json(endMs, { event: 'media', sequenceNumber: script.nextDigits(), media });
    }
    yield script.json(endMs, { event: 'stop', sequenceNumber: script.nextDigits() });
  },
};
