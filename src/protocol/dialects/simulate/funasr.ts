import { type WireFormat, wireFrameBytes } from '../../limits.ts';
import { type DialectSimulator, framesOf, type TimedMessage } from './simulator.ts';

/** FunASR's own client: chunks of 60 ms × 10 of `chunk_size` over `chunk_interval`, so 60 ms each. */
const CHUNK_MS = 60;

/** A client of FunASR: a configuration, PCM, and the end of speech, after which it waits for the last result. */
export const funasrSimulator: DialectSimulator = {
  name: 'funasr',
  formats: [
    { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 1 },
    { encoding: 'pcm_s16le', sampleRateHz: 8_000, channels: 1 },
  ],
  handshake: () => ({ path: '/v1/telephony/funasr', headers: {}, subprotocols: ['binary'], query: {} }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    const config = {
      mode: '2pass',
      chunk_size: [5, 10, 5],
      chunk_interval: 10,
      audio_fs: format.sampleRateHz,
      wav_name: 'simulated',
      wav_format: 'pcm',
      is_speaking: true,
      hotwords: '',
      itn: true,
    };
    yield { atMs: 0, data: JSON.stringify(config) };
    const width = wireFrameBytes(format);
    let samples = 0;
    for (const frame of framesOf(chunks, Math.round((format.sampleRateHz * CHUNK_MS) / 1000) * width)) {
      samples += frame.length / width;
      yield { atMs: (samples * 1000) / format.sampleRateHz, data: frame };
    }
    yield { atMs: (samples * 1000) / format.sampleRateHz, data: JSON.stringify({ is_speaking: false }) };
  },
};
