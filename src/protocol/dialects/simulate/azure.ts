import { type WireFormat, wireFrameBytes } from '../../limits.ts';
import { sideFrames } from './frames.ts';
import { Script } from './script.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

/** 2024-11-15T19:16:12.925Z */
const WALL_CLOCK_MS = 1_731_698_172_925;
const PARTICIPANTS = ['4:+15555550100', '8:acs:3d20e1de-0f28-41c5-84a0-9d3d2d5d9a43'] as const;

/** Azure: 20 ms of each participant, with the wall-clock time of its arrival, which is not even; mixed for one channel. */
export const azureSimulator: DialectSimulator = {
  name: 'azure',
  formats: [
    { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 2 },
    { encoding: 'pcm_s16le', sampleRateHz: 24_000, channels: 2 },
    { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 1 },
  ],
  handshake: () => ({
    path: '/v1/telephony/azure',
    headers: {
      'x-ms-call-correlation-id': '3d1b8a52-8f0e-4a7e-9f0a-1f0d9b6f2a11',
      'x-ms-call-connection-id': '401f3500-fcb6-4b84-927e-81cd6372560b',
    },
    subprotocols: [],
    query: {},
  }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    const script = new Script();
    const length = (wireFrameBytes(format) / format.channels) * format.sampleRateHz * 0.02;
    yield script.json(0, {
      kind: 'AudioMetadata',
      audioMetadata: {
        subscriptionId: '89e8cb59-b991-48b0-b154-1db84f16a077',
        encoding: 'PCM',
        sampleRate: format.sampleRateHz,
        channels: 1,
        length,
      },
    });
    for (const frame of sideFrames(format, chunks, 20)) {
      const timestamp = new Date(WALL_CLOCK_MS + frame.startMs + ((frame.chunk * 13) % 17)).toISOString();
      const participantRawID = format.channels === 1 ? null : PARTICIPANTS[frame.side];
      yield script.json(frame.endMs, {
        kind: 'AudioData',
        audioData: { timestamp, participantRawID, data: frame.payload, silent: false },
      });
    }
  },
};
