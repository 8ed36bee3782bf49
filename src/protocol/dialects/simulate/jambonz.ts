import type { WireFormat } from '../../limits.ts';
import { binaryFrames } from './binary-frames.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

/** jambonz: the attributes of the call in one text, then bare audio, 20 ms a message; it ends by closing. */
export const jambonzSimulator: DialectSimulator = {
  name: 'jambonz',
  formats: [
    { encoding: 'pcm_s16le', sampleRateHz: 8_000, channels: 2 },
    { encoding: 'pcm_s16le', sampleRateHz: 8_000, channels: 1 },
    ...[16_000, 24_000, 48_000].map((sampleRateHz) => ({ encoding: 'pcm_s16le' as const, sampleRateHz, channels: 2 })),
  ],
  handshake: () => ({
    path: '/v1/telephony/jambonz',
    headers: {},
    subprotocols: ['audio.jambonz.org'],
    query: {},
  }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    const attributes = {
      sampleRate: format.sampleRateHz,
      mixType: format.channels === 2 ? 'stereo' : 'mono',
      callSid: 'ac5c697a-bfae-4335-ad8a-2d7b5f0c1e11',
      direction: 'inbound',
      from: '+15085710838',
      to: '+15083084809',
      callerName: 'Daniel',
      callStatus: 'in-progress',
      accountSid: 'fef61e75-cec3-496c-a7bc-8368e4d02a04',
      applicationSid: '0e0681b0-d49f-4fb8-b973-b5a3c6758de1',
      undertone: { queue: 'sales' },
    };
    yield { atMs: 0, data: JSON.stringify(attributes) };
    yield* binaryFrames(format, chunks, 20);
  },
};
