import { openRecording, type Recording } from '../audio/index.ts';
import { type Connection, connect, type LiveStream } from '../client/index.ts';
import { UndertoneError } from '../errors.ts';
import { type AnalysisRequest, type EndedEvent, encodeEvent, wireFrameBytes } from '../protocol/index.ts';
import { OrderedWriting } from './ordered-writing.ts';
import { Pace } from './pacing.ts';
import type { ReplayOptions } from './replay.ts';
import { type RecordingListener, runRecordings } from './run-recordings.ts';

const CHUNK_MS = 20;

/** Streams recordings through a server; resolves with the exit status. */
export async function replayRecordings(
  recordings: readonly string[],
  options: ReplayOptions,
  request: AnalysisRequest,
  signal: AbortSignal,
): Promise<number> {
  const { url, apiKey, channels, encoding } = options;
  const server = connect(url, apiKey === undefined ? {} : { apiKey });
  return runRecordings(
    recordings,
    { ...options, settings: { url, analysis: request, channels, encoding } },
    (path, listener, abort) => replayOne(server, path, options, request, listener, abort),
    signal,
  );
}

async function replayOne(
  server: Connection,
  path: string,
  options: ReplayOptions,
  analysis: AnalysisRequest,
  listener: RecordingListener,
  signal: AbortSignal,
): Promise<void> {
  const { channels, encoding } = options;
  const recording = await openRecording(path, encoding === undefined ? {} : { encoding });
  try {
    const { format } = recording;
    const stream = await server.stream({ format, analysis, ...(channels !== undefined && { channels }) });
    const leave = (): void => stream.close();
    signal.addEventListener('abort', leave, { once: true });
    try {
      listener.opened(recording.durationMs);
      const ended = await sendAll(recording, stream, options, listener, signal);
      if (ended.reason !== 'stop') throw new UndertoneError('shutting-down');
      if (recording.warning !== undefined) listener.warning(recording.warning.message);
    } finally {
      signal.removeEventListener('abort', leave);
      stream.close();
    }
  } finally {
    await recording.close();
  }
}

/** Sends a recording and takes its events meanwhile; whichever is slower slows the other. */
export async function sendAll(
  recording: Recording,
  stream: LiveStream,
  { speed, chunkBytes }: Pick<ReplayOptions, 'speed' | 'chunkBytes'>,
  listener: Pick<RecordingListener, 'at' | 'event'>,
  signal: AbortSignal,
): Promise<EndedEvent> {
  const { format } = recording;
  const bytesPerMs = (wireFrameBytes(format) * format.sampleRateHz) / 1000;
  const chunk = chunkBytes ?? wireFrameBytes(format) * Math.round((format.sampleRateHz * CHUNK_MS) / 1000);
  const writing = new OrderedWriting();
  let ended: EndedEvent | undefined;
  // An error of the stream also ends `send` and `stop`, which tell it.
  stream.events$.subscribe({
    next: (event) => {
      if (event.type === 'ended') ended = event;
      writing.add(() => listener.event(event, encodeEvent(event)));
    },
    error: () => {},
  });
  const pace = speed === 'max' ? undefined : new Pace(speed);
  let sentBytes = 0;
  for await (const bytes of recording.chunks(chunk)) {
    sentBytes += bytes.length;
    const positionMs = sentBytes / bytesPerMs;
    await pace?.until(positionMs, signal);
    signal.throwIfAborted();
    // The server may end a stream by itself, when it shuts down.
    if (ended !== undefined) break;
    await stream.send(bytes).catch((thrown: unknown) => {
      if (ended === undefined) throw thrown;
    });
    await writing.room();
    listener.at(positionMs);
  }
  const summary = await stream.stop();
  await writing.done();
  return summary;
}
