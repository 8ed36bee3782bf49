import type { WireFormat } from '../../limits.ts';
import { digits, type SideFrame, sideFrames } from './frames.ts';
import { Script } from './script.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

const STREAM = '32de0dea-53cb-4b21-89a4-9e1819c043bc';
const SIDES = ['inbound', 'outbound'] as const;
const ENCODINGS: Readonly<Record<string, string>> = { mulaw: 'PCMU', alaw: 'PCMA', pcm_s16le: 'L16' };
/** Every so many frames, the next ones change places. */
const SHUFFLED_EVERY = 11;

/** Telnyx: frames out of order, tracks that are not announced, L16 in network order. */
export const telnyxSimulator: DialectSimulator = {
  name: 'telnyx',
  formats: [
    { encoding: 'mulaw', sampleRateHz: 8_000, channels: 2 },
    { encoding: 'mulaw', sampleRateHz: 8_000, channels: 1 },
    { encoding: 'alaw', sampleRateHz: 8_000, channels: 2 },
    { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 2 },
  ],
  handshake: () => ({ path: '/v1/telephony/telnyx', headers: {}, subprotocols: [], query: {} }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    const script = new Script();
    const l16 = format.encoding === 'pcm_s16le';
    yield script.json(0, { event: 'connected', version: '1.0.0' });
    yield script.json(0, {
      event: 'start',
      sequence_number: script.nextDigits(),
      stream_id: STREAM,
      start: {
        user_id: '3e6f995f-85f7-4705-9741-53b116d28237',
        call_control_id: 'v2:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ',
        call_session_id: 'ff55a038-6f5d-11ef-9692-02420aeffb1f',
        from: '+13125550100',
        to: '+13125550101',
        custom_parameters: { simulated: 'true' },
        media_format: {
          encoding: ENCODINGS[format.encoding],
          sample_rate: format.sampleRateHz,
          channels: 1,
        },
      },
    });
    let endMs = 0;
    for (const frame of shuffled(sideFrames(format, chunks, 20, l16))) {
      endMs = Math.max(endMs, frame.endMs);
      const media = {
        track: SIDES[frame.side],
        chunk: String(frame.chunk),
        timestamp: digits(frame.startMs + 5),
        payload: frame.payload,
      };
      yield script.json(endMs, { event: 'media', sequence_number: script.nextDigits(), stream_id: STREAM, media });
    }
    yield script.json(endMs, {
      event: 'stop',
      sequence_number: script.nextDigits(),
      stream_id: STREAM,
      stop: { user_id: '3e6f995f' },
    });
  },
};

/** Four frames in reverse, every so often; the first ones too. */
function* shuffled(frames: Iterable<SideFrame>): Generator<SideFrame> {
  let count = 0;
  let held: SideFrame[] = [];
  for (const frame of frames) {
    if (count % SHUFFLED_EVERY < 4) held.push(frame);
    else yield frame;
    count += 1;
    if (held.length < 4) continue;
    yield* held.reverse();
    held = [];
  }
  yield* held.reverse();
}
