import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openRecording } from '../audio/index.ts';
import type { Emotion } from '../emotions.ts';
import { UndertoneError } from '../errors.ts';
import { loadModel, type WindowModel } from '../inference/index.ts';
import {
  type AnalysisRequest,
  type AnalysisSettings,
  type ChannelRequest,
  encodeEvent,
  isPrintableName,
  nameChannels,
  resolveAnalysis,
  type ServerEvent,
  type WireEncoding,
  wireFrameBytes,
} from '../protocol/index.ts';
import { analysisLimits } from '../server/index.ts';
import { type AlertRule, createAnalyzer } from '../streams/index.ts';
import { loadRules } from './alert-rules.ts';
import type { RecordingOptions } from './recording-options.ts';
import { type RecordingListener, type RunRecording, runRecordings } from './run-recordings.ts';

/** Audio between two looks at the clock, the disk and Ctrl-C. */
const CHUNK_MS = 1_000;

/** How recordings are analysed in this process; the paths of the model's folder and of the rules. */
export interface LocalAnalysisOptions {
  readonly model: string;
  readonly rules?: string;
  readonly channels?: readonly ChannelRequest[];
  readonly encoding?: WireEncoding;
}

interface Prepared {
  readonly model: WindowModel;
  readonly analysis: AnalysisSettings;
  readonly rules: readonly AlertRule[];
  readonly options: LocalAnalysisOptions;
}

export interface LocalAnalysis {
  readonly run: RunRecording;
  readonly labels: readonly Emotion[];
  /** What results depend on besides the recordings. */
  readonly settings: unknown;
}

/** Analyses recordings in this process; resolves with the exit status. */
export async function analyzeRecordings(
  recordings: readonly string[],
  options: RecordingOptions & LocalAnalysisOptions,
  request: AnalysisRequest,
  signal: AbortSignal,
): Promise<number> {
  return withAnalysis(options, request, ({ run, settings }) =>
    runRecordings(recordings, { ...options, settings }, run, signal),
  );
}

/** Loads the model and the rules, lends what analyses with them, and lets go of the model. */
export async function withAnalysis<T>(
  options: LocalAnalysisOptions,
  request: AnalysisRequest,
  use: (analysis: LocalAnalysis) => Promise<T>,
): Promise<T> {
  const { channels, encoding } = options;
  const unprintable = channels?.find(({ name }) => !isPrintableName(name));
  if (unprintable !== undefined) {
    throw new UndertoneError('usage', { detail: 'Names of channels are 1 to 128 printable characters.' });
  }
  const model = await loadModel(options.model);
  try {
    const { labels } = model.manifest;
    const analysis = resolveAnalysis(request, analysisLimits({ model }));
    const rules = options.rules === undefined ? [] : await loadRules(options.rules, labels);
    const prepared = { model, analysis, rules, options };
    return await use({
      run: (path, listener, abort) => analyzeOne(path, prepared, listener, abort),
      labels,
      settings: { analysis, model: model.hash, channels, encoding, ...(rules.length > 0 && { rules }) },
    });
  } finally {
    model.dispose();
  }
}

async function analyzeOne(
  path: string,
  { model, analysis, rules, options }: Prepared,
  listener: RecordingListener,
  signal: AbortSignal,
): Promise<void> {
  const recording = await openRecording(path, options.encoding === undefined ? {} : { encoding: options.encoding });
  try {
    const { format, durationMs } = recording;
    const channels = nameChannels(options.channels ?? [], format.channels);
    const id = basename(path);
    // Windows go through the model in full batches, across time; what is left goes with the end.
    const stream = createAnalyzer({ model, schedule: () => {} }).open({
      streamId: id,
      callId: id,
      format,
      channels,
      analysis,
      rules,
      ...(durationMs !== undefined && { lengthMs: durationMs }),
    });
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
    listener.opened(durationMs);
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
