import type { LiveStream } from './live-stream.ts';
import type { Recordings, StreamTap } from './recordings/index.ts';
import type { StreamInput, Tap } from './taps.ts';

/** Records every stream from its first byte. */
export function recordingTap(recordings: Pick<Recordings, 'record'>): Tap {
  const tapes = new WeakMap<LiveStream, StreamTap>();
  return {
    opened: (stream) => {
      const { runId, streamId, callId, startedAtMs, format } = stream;
      const { channels, analysis } = stream.settings;
      tapes.set(stream, recordings.record({ runId, streamId, callId, startedAtMs, format, channels, analysis }));
    },
    input: (stream, input) => {
      const tape = tapes.get(stream);
      if (tape !== undefined) put(tape, input);
    },
    ended: (stream) => tapes.get(stream)?.ended(stream.endReason ?? 'error'),
  };
}

function put(tape: StreamTap, input: StreamInput): void {
  switch (input.kind) {
    case 'audio':
      tape.audio(input.bytes);
      return;
    case 'gap':
      tape.gap(input.durationMs);
      return;
    case 'mark':
      tape.mark(input.name);
      return;
    case 'status':
      tape.status(input.code, input.message);
      return;
    case 'stretch':
      tape.stretch(input.factor);
      return;
    case 'resumed':
      tape.resumed();
      return;
    default:
      return;
  }
}
