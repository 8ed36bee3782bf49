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
  dialectSimulators,
  encodeEvent,
  isPrintableName,
  nameChannels,
  resolveAnalysis,
  type ServerEvent,
  type WireEncoding,
  type WireFormat,
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
  /** The dialect of the platform as whose audio recordings are analysed. */
  readonly as?: string;
}

/** What is used of a recording. */
interface AnalyzedAudio {
  readonly format: WireFormat;
  readonly durationMs?: number;
  /** Known after its last chunk. */
  readonly warning: UndertoneError | undefined;
  chunks(bytes: number): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
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
  const { channels, encoding, as } = options;
  if (as !== undefined && encoding !== undefined) {
    throw new UndertoneError('usage', { detail: 'Give --as or --encoding: the platform has an encoding of its own.' });
  }
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
      settings: { analysis, model: model.hash, channels, encoding, as, ...(rules.length > 0 && { rules }) },
    });
  } finally {
    model.dispose();
  }
}

/** The recording as it is, in the encoding that was asked for, or as a platform sends it. */
async function openFor(path: string, { encoding, as }: LocalAnalysisOptions): Promise<AnalyzedAudio> {
  if (as === undefined) return openRecording(path, encoding === undefined ? {} : { encoding });
  const simulator = dialectSimulators.find(({ name }) => name === as);
  if (simulator === undefined) throw new UndertoneError('usage', { detail: `There is no platform ${as}.` });
  const { readInFormatOf } = await import('./platform-audio.ts');
  const { format, audio, warning } = await readInFormatOf(path, simulator);
  return {
    format,
    durationMs: (audio.length * 1000) / wireFrameBytes(format) / format.sampleRateHz,
    warning,
    async *chunks(bytes) {
      for (let at = 0; at < audio.length; at += bytes) yield audio.subarray(at, at + bytes);
    },
    close: async () => {},
  };
}

async function analyzeOne(
  path: string,
  { model, analysis, rules, options }: Prepared,
  listener: RecordingListener,
  signal: AbortSignal,
): Promise<void> {
  const recording = await openFor(path, options);
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
