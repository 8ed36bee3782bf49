import type { ModelDescription } from '../protocol/index.ts';
import type { StreamOpening } from '../store/index.ts';
import type { LiveStream } from './live-stream.ts';

/** A stream as those are told of it who keep it or tell others. */
export function openingOf(stream: LiveStream, model: ModelDescription): StreamOpening {
  const { runId, streamId, callId, startedAtMs, metadata } = stream;
  const { analysis, channels } = stream.settings;
  return { runId, streamId, callId, startedAtMs, model, analysis, channels, metadata };
}
