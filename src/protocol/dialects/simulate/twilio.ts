import type { WireFormat } from '../../limits.ts';
import { digits, hexId, sideFrames } from './frames.ts';
import { Script } from './script.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

const STREAM = hexId('MZ', 1);
const CALL = hexId('CA', 2);
const ACCOUNT = hexId('AC', 3);
const SIDES = ['inbound', 'outbound'] as const;

/** Twilio: `<Start><Stream track="both_tracks">`, or inbound alone for one channel. Every number is a string. */
export const twilioSimulator: DialectSimulator = {
  name: 'twilio',
  formats: [
    { encoding: 'mulaw', sampleRateHz: 8_000, channels: 2 },
    { encoding: 'mulaw', sampleRateHz: 8_000, channels: 1 },
  ],
  handshake: () => ({
    path: '/v1/telephony/twilio',
    headers: { 'user-agent': 'Twilio.TmeWs/1.0' },
    subprotocols: [],
    query: {},
  }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    const script = new Script();
    yield script.json(0, { event: 'connected', protocol: 'Call', version: '1.0.0' });
    yield script.json(0, {
      event: 'start',
      sequenceNumber: script.nextDigits(),
      start: {
        accountSid: ACCOUNT,
        streamSid: STREAM,
        callSid: CALL,
        tracks: SIDES.slice(0, format.channels),
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        customParameters: { simulated: 'true' },
      },
      streamSid: STREAM,
    });
    let endMs = 0;
    for (const frame of sideFrames(format, chunks, 20)) {
      endMs = frame.endMs;
      // The clock starts with the stream, a little before the first audio, and is never quite even.
      const timestamp = digits(frame.startMs + 57 + ((frame.chunk * 7) % 5));
      const media = { track: SIDES[frame.side], chunk: String(frame.chunk), timestamp, payload: frame.payload };
      yield script.json(endMs, { event: 'media', sequenceNumber: script.nextDigits(), media, streamSid: STREAM });
    }
    yield script.json(endMs, {
      event: 'stop',
      sequenceNumber: script.nextDigits(),
      streamSid: STREAM,
      stop: { accountSid: ACCOUNT, callSid: CALL },
    });
  },
};
