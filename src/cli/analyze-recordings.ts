import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openRecording } from '../audio/index.ts';
import { UndertoneError } from '../errors.ts';
import { loadModel, type WindowModel } from '../inference/index.ts';
import {
  type AnalysisRequest,
  type AnalysisSettings,
  encodeEvent,
  isPrintableName,
  nameChannels,
  resolveAnalysis,
  type ServerEvent,
  wireFrameBytes,
} from '../protocol/index.ts';
import { analysisLimits } from '../server/index.ts';
import { createAnalyzer } from '../streams/index.ts';
import type { RecordingOptions } from './recording-options.ts';
import { type RecordingListener, runRecordings } from './run-recordings.ts';

/** Audio between two looks at the clock, the disk and Ctrl-C. */
const CHUNK_MS = 1_000;

/** Analyses recordings in this process; resolves with the exit status. */
export async function analyzeRecordings(
  recordings: readonly string[],
  options: RecordingOptions & { readonly model: string },
  request: AnalysisRequest,
  signal: AbortSignal,
): Promise<number> {
  const unprintable = options.channels?.find(({ name }) => !isPrintableName(name));
  if (unprintable !== undefined) {
    throw new UndertoneError('usage', { detail: 'Names of channels are 1 to 128 printable characters.' });
  }
  const model = await loadModel(options.model);
  try {
    const analysis = resolveAnalysis(request, analysisLimits({ model }));
    const settings = { analysis, model: model.hash, channels: options.channels, encoding: options.encoding };
    return await runRecordings(
      recordings,
      { ...options, settings },
      (path, listener, abort) => analyzeOne(path, model, analysis, options, listener, abort),
      signal,
    );
  } finally {
    model.dispose();
  }
}

async function analyzeOne(
  path: string,
  model: WindowModel,
  analysis: AnalysisSettings,
  options: RecordingOptions,
  listener: RecordingListener,
  signal: AbortSignal,
): Promise<void> {
  const recording = await openRecording(path, options.encoding === undefined ? {} : { encoding: options.encoding });
  try {
    const { format } = recording;
    const channels = nameChannels(options.channels ?? [], format.channels);
    const id = basename(path);
    const stream = createAnalyzer({ model }).open({ streamId: id, callId: id, format, channels, analysis });
    // Events come inside push; they are written after it, so that a slow reader slows the analysis.
    const due: ServerEvent[] = [];
    const flush = async (): Promise<void> => {
      for (const event of due.splice(0)) {
        const wire = encodeEvent(event);
        // What was written is what is shown: rounded, as on the wire.
        await listener.event(JSON.parse(wire) as ServerEvent, wire);
      }
    };
    stream.events.subscribe((event) => due.push(event));
    listener.opened(recording.durationMs);
    due.push({
      type: 'started',
      streamId: id,
      callId: id,
      resume: { token: '' },
      receivedSamples: 0,
      receivedMarks: 0,
      analysis,
      channels,
      model: {
        name: model.manifest.name,
        version: model.manifest.version,
        hash: model.hash,
        labels: model.manifest.labels,
      },
    });
    const chunkBytes = wireFrameBytes(format) * Math.round((format.sampleRateHz * CHUNK_MS) / 1000);
    for await (const bytes of recording.chunks(chunkBytes)) {
      signal.throwIfAborted();
      stream.push(bytes);
      await flush();
      listener.at((stream.receivedSamples * 1000) / format.sampleRateHz);
      await nextTurn();
    }
    stream.stop('stop');
    await flush();
    if (recording.warning !== undefined) listener.warning(recording.warning.message);
  } finally {
    await recording.close();
  }
}
