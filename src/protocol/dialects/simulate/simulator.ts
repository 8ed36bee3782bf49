import type { WireFormat } from '../../limits.ts';

/** How a platform would dial. */
export interface SimulatedHandshake {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocols: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/** A message of a simulated platform, `atMs` after the connection was made at the platform's own pace. */
export interface TimedMessage {
  readonly atMs: number;
  readonly data: string | Uint8Array;
}

/**
 * Plays a recording as a platform would: its messages, its pacing, its quirks. It has no clock and no randomness: the same audio
 * gives the same messages.
 */
export interface DialectSimulator {
  readonly name: string;
  /** Formats that the platform sends, best first; `channels` is how many sides one socket carries. */
  readonly formats: readonly WireFormat[];
  handshake(format: WireFormat): SimulatedHandshake;
  /** @param chunks interleaved audio of the format, any lengths */
  messages(format: WireFormat, chunks: Iterable<Uint8Array>): Iterable<TimedMessage>;
  /** What the platform answers to a message of the server. */
  onMessage?(data: string | Uint8Array): readonly (string | Uint8Array)[];
}

/** Frames of a fixed duration, cut from chunks of any length; the last one may be shorter. Each is interleaved and its own copy. */
export function* framesOf(chunks: Iterable<Uint8Array>, frameBytes: number): Generator<Uint8Array> {
  let frame = new Uint8Array(frameBytes);
  let filled = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const taken = Math.min(frameBytes - filled, chunk.length - at);
      frame.set(chunk.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < frameBytes) continue;
      yield frame;
      frame = new Uint8Array(frameBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield frame.subarray(0, filled);
}

/** One channel of interleaved audio. */
export function channelOf(bytes: Uint8Array, channel: number, channels: number, sampleBytes: number): Uint8Array {
  if (channels === 1) return bytes;
  const samples = Math.floor(bytes.length / (channels * sampleBytes));
  const out = new Uint8Array(samples * sampleBytes);
  for (let sample = 0; sample < samples; sample += 1) {
    const from = (sample * channels + channel) * sampleBytes;
    out.set(bytes.subarray(from, from + sampleBytes), sample * sampleBytes);
  }
  return out;
}
