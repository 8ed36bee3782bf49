import type { WireFormat } from '../../limits.ts';
import { sideFrames } from './frames.ts';
import { Script } from './script.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

const ENCODINGS: Readonly<Record<string, string>> = { pcm_s16le: 'PCM16', mulaw: 'ULAW', alaw: 'ALAW' };

/** Voximplant: a tagged stream for each side, one message for each. */
export const voximplantSimulator: DialectSimulator = {
  name: 'voximplant',
  formats: [
    { encoding: 'pcm_s16le', sampleRateHz: 8_000, channels: 2 },
    { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 2 },
    { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 1 },
    { encoding: 'mulaw', sampleRateHz: 8_000, channels: 2 },
    { encoding: 'alaw', sampleRateHz: 8_000, channels: 2 },
  ],
  handshake: ({ channels }) => ({
    path: '/v1/telephony/voximplant',
    headers: {},
    subprotocols: [],
    query: { callId: 'simulated-call', ...(channels === 2 && { roles: 'customer,employee' }) },
  }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    const script = new Script(-1);
    const tags = Array.from({ length: format.channels }, (_, side) => `side-${side + 1}`);
    const mediaFormat = { encoding: ENCODINGS[format.encoding], sampleRate: format.sampleRateHz };
    for (const tag of tags) {
      const start = { tag, mediaFormat, customParameters: { simulated: 'true' } };
      yield script.json(0, { event: 'start', sequenceNumber: script.next(), start });
    }
    let endMs = 0;
    for (const frame of sideFrames(format, chunks, 20)) {
      endMs = frame.endMs;
      const media = { tag: tags[frame.side], chunk: frame.chunk, timestamp: frame.startMs, payload: frame.payload };
      yield script.json(endMs, { event: 'media', sequenceNumber: script.next(), media });
    }
    for (const tag of tags) {
      const stop = { tag, mediaInfo: { duration: Math.round(endMs / 1000) } };
      yield script.json(endMs, { event: 'stop', sequenceNumber: script.next(), stop });
    }
  },
};
